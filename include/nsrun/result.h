#pragma once
#include <fmt/format.h>

#include <expected>
#include <string>
#include <utility>

namespace nsrun {

/// The system's refusal: what was attempted and the errno it answered with. The user's mistakes are diagnostics instead.
struct Error {
    int code = 0;      ///< an errno value; 0 when no call failed
    std::string what;  ///< the attempt, lower case, no full stop: "open /proc/self/uid_map"
    std::string help;  ///< what to do about it; may be empty

    bool operator==(const Error&) const = default;
};

/// A value or the Error that kept it from being.
template <class T = void>
class [[nodiscard]] Result : public std::expected<T, Error> {
  public:
    using std::expected<T, Error>::expected;
};

/// Makes an Error: errno first (pass 0 when there is none), then the attempt as a format and lvalues.
template <class... Args>
std::unexpected<Error> fail(int code, fmt::format_string<const Args&...> attempt, const Args&... args) {
    return std::unexpected(Error{code, fmt::format(attempt, args...), {}});
}

/// Describes an Error in one line: the attempt and the errno in words.
std::string to_text(const Error& error);

}  // namespace nsrun

/// Evaluates to the value of a Result, or returns its Error from the enclosing function.
#define NSRUN_TRY(expression)                                                          \
    __extension__({                                                                    \
        auto&& nsrun_result = (expression);                                            \
        if (!nsrun_result) return std::unexpected(std::move(nsrun_result).error());    \
        *std::move(nsrun_result);                                                      \
    })
