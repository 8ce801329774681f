#pragma once
#include <string_view>

namespace nsrun {

/// True when a name matches a pattern of `*`, `?`, `[a-z]`, `[!a-z]` and `\x`. A slash is like any other character.
/// Bytes are compared, whatever the locale. A bracket without its end stands for itself.
bool matches(std::string_view pattern, std::string_view name);

/// True when a path has characters that make it a pattern.
bool is_pattern(std::string_view path);

}  // namespace nsrun
