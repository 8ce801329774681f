#pragma once
#include <cstddef>
#include <string_view>

/// UTF-8, code point by code point.
namespace nsrun::utf8 {

/// One code point and the bytes it takes; `size` 0 means that the text does not begin with valid UTF-8.
struct CodePoint {
    char32_t value = 0;
    std::size_t size = 0;
};

/// The first code point of a text that is not empty. Overlong forms, surrogates and values above U+10FFFF are invalid.
constexpr CodePoint first(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) return {lead, 1};
    const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {};
    char32_t value = lead & (0x7FU >> size);
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return {};
        value = (value << 6) | (byte(i) & 0x3FU);
    }
    constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < least[size] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return {};
    return {value, size};
}

/// The number of code points; each byte that is not UTF-8 counts as one.
constexpr std::size_t length(std::string_view text) {
    std::size_t count = 0;
    while (!text.empty()) {
        const std::size_t size = first(text).size;
        text.remove_prefix(size == 0 ? 1 : size);
        ++count;
    }
    return count;
}

/// True for what a terminal obeys instead of showing it: controls, line separators, reordering marks.
constexpr bool unprintable(char32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || c == 0x200E || c == 0x200F ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF ||
           (c >= 0xE0000 && c <= 0xE007F);
}

/// How many cells of a terminal a printable code point takes: 0 when it combines, 2 for East Asian wide and emoji.
constexpr std::size_t cells(char32_t c) {
    struct Range {
        char32_t from, to;
    };
    constexpr Range none[] = {{0x300, 0x36F},   {0x483, 0x489},   {0x591, 0x5BD},   {0x610, 0x61A},   {0x64B, 0x65F},
                              {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200D}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F},
                              {0xFE20, 0xFE2F}, {0xE0100, 0xE01EF}};
    constexpr Range wide[] = {{0x1100, 0x115F},   {0x231A, 0x231B},   {0x2E80, 0x303E},   {0x3041, 0x33FF},
                              {0x3400, 0x4DBF},   {0x4E00, 0xA4CF},   {0xA960, 0xA97F},   {0xAC00, 0xD7A3},
                              {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},
                              {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
    for (const auto& range : none) {
        if (c >= range.from && c <= range.to) return 0;
    }
    for (const auto& range : wide) {
        if (c >= range.from && c <= range.to) return 2;
    }
    return 1;
}

}  // namespace nsrun::utf8
