#pragma once
#include <nsrun/nsrun.h>

#include <optional>
#include <string_view>
#include <vector>

namespace nsrun {

/// Decides one condition: `env(X)`, `env(X) == "v"`, `exists(PATH)`, `kernel >= 6.7`, `has(FACILITY)`, `uid == 0`,
/// `instance == "x"`, joined by `not`, `and`, `or` and parentheses. `at` is the place of the expression; nothing is given
/// when it is wrong. `asked` gets the questions for the machine; what the context does not answer counts as no.
std::optional<bool> condition(std::string_view expression, const Span& at, const Context& context,
                              std::vector<Question>& asked, Diagnostics& diagnostics);

}  // namespace nsrun
