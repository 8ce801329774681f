#pragma once
#include <string>
#include <string_view>

/// Paths as texts: nothing here asks the system.
namespace nsrun {

/// The path without "." and empty components, ".." applied as text. `path` is absolute; so is the result.
std::string normal_path(std::string_view path);

/// Replaces a leading "~" by `home`.
std::string expand_home(std::string_view path, std::string_view home);

/// One path below another: ("/usr", "/bin") is "/usr/bin"; the parts may be "/".
std::string joined_path(std::string_view directory, std::string_view rest);

}  // namespace nsrun
