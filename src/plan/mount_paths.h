#pragma once
#include <compare>
#include <optional>
#include <string>
#include <string_view>

/// Paths as texts: absolute, without ".", ".." and doubled slashes unless a function says otherwise.
namespace nsrun {

/// True when `path` lies strictly below `directory`.
inline bool below(std::string_view path, std::string_view directory) {
    if (directory == "/") return path.size() > 1;
    return path.size() > directory.size() && path[directory.size()] == '/' && path.starts_with(directory);
}
/// True when `path` is `directory` or lies below it.
inline bool within(std::string_view path, std::string_view directory) {
    return path == directory || below(path, directory);
}
/// What follows `directory` in a path within it: "" or "/...".
std::string_view tail(std::string_view path, std::string_view directory);
/// `directory` followed by a tail.
std::string joined(std::string_view directory, std::string_view tail);
/// The directory that holds `path`; "/" holds itself.
std::string_view parent(std::string_view path);
/// The last component; "" of "/".
std::string_view leaf(std::string_view path);
/// The next path on the way from `directory` down to `path`, which lies strictly below it.
std::string_view next_below(std::string_view path, std::string_view directory);

/// Removes doubled slashes, "." and a slash at the end. Nothing when the path is relative or says "..": what ".." leads
/// to depends on symbolic links, which a text does not know.
std::optional<std::string> normal(std::string_view path);

/// Where the text of a symbolic link in `directory` leads: ".." goes up by the text, never above "/".
std::string link_target(std::string_view directory, std::string_view text);

/// Orders paths so that a directory comes right before everything below it.
std::strong_ordering path_order(std::string_view a, std::string_view b);
inline bool path_less(std::string_view a, std::string_view b) {
    return path_order(a, b) < 0;
}

}  // namespace nsrun
