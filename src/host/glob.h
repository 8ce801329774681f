#pragma once
#include <nsrun/result.h>

#include <string>
#include <string_view>
#include <vector>

namespace nsrun {

/// True when a name matches a pattern of `*`, `?`, `[a-z]`, `[!a-z]` and `\x`. A slash is like any other character.
/// Bytes are compared, whatever the locale. A bracket without its end stands for itself.
bool matches(std::string_view pattern, std::string_view name);

/// True when a path has characters that make it a pattern.
bool is_pattern(std::string_view path);

/// The paths that an absolute pattern matches, in byte order. `**` as a whole component stands for any number of
/// directories and follows no symbolic link. A name that begins with a dot matches only a component that does.
/// Errors: E2BIG beyond 10,000 matches or 200,000 visited names. Directories that cannot be read match nothing.
Result<std::vector<std::string>> expand_glob(const std::string& pattern);

}  // namespace nsrun
