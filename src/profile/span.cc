#include "profile/span.h"

#include "base/utf8.h"

namespace nsrun {

Span part_of(const Span& at, std::string_view text, std::size_t offset, std::size_t size) {
    if (!at || at.line != at.end_line || at.end_column < at.column) return at;
    const std::size_t written = at.end_column - at.column;
    const std::size_t length = utf8::length(text);
    if (written != length && written != length + 2) return at;
    const std::size_t start = at.column + (written - length) / 2 + utf8::length(text.substr(0, offset));
    Span part = at;
    part.column = static_cast<std::uint32_t>(start);
    part.end_column = static_cast<std::uint32_t>(start + utf8::length(text.substr(offset, size)));
    return part;
}

}  // namespace nsrun
