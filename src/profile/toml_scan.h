#pragma once
#include <nsrun/diagnostic.h>

#include <string_view>
#include <vector>

namespace nsrun {

/// At most this much text makes a profile, and at most this much comes of its variables.
inline constexpr std::size_t text_limit = std::size_t{1} << 20;
/// Tables and arrays nest at most this deep, parts of dotted keys counted.
inline constexpr std::size_t depth_limit = 64;

/// What a key without quotes is made of.
constexpr bool of_bare_key(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/// Looks through a TOML text for what the parser cannot bear or would not point at: too much of it, bytes that are no
/// text, nesting without end, broken headers, letters beyond ASCII outside quotes or behind a backslash in a text of several
/// lines. Other mistakes are left to the parser.
/// `headers` becomes the place of every [table] and [[table]] line. False when something was found and reported.
bool bearable(std::string_view text, std::uint32_t source, std::vector<Span>& headers, Diagnostics& diagnostics);

}  // namespace nsrun
