#pragma once
#include <string>
#include <string_view>

/// Writes man(7) text.
namespace nsrun::doc {

/// Escapes a text for roff: backslashes, hyphens, and a control character at the beginning of a line.
std::string escaped(std::string_view text);

/// Escapes a paragraph, one sentence a line; words between single quotes become bold.
std::string prose(std::string_view text);

/// Escapes paragraphs that empty lines separate; `separator` stands between them.
std::string paragraphs(std::string_view text, std::string_view separator = ".PP\n");

/// Replaces the line "@NAME@" by a text.
std::string filled(const std::string& frame, std::string_view name, const std::string& text);

}  // namespace nsrun::doc
