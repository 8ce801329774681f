#include "cli/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/utf8.h"

namespace nsrun::cli {
namespace {

bool is_bare(std::string_view key) {
    for (const char c : key) {
        const bool bare =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (!bare) return false;
    }
    return !key.empty();
}

/// A basic string. What a terminal would obey is escaped: TOML itself asks for that below U+0020 and at U+007F only.
std::string string_text(std::string_view text) {
    std::string out = "\"";
    while (!text.empty()) {
        const auto [value, size] = utf8::first(text);
        const auto piece = text.substr(0, std::max<std::size_t>(size, 1));
        text.remove_prefix(piece.size());
        if (piece == "\"" || piece == "\\") {
            out += '\\';
            out += piece;
        } else if (piece == "\n") {
            out += "\\n";
        } else if (piece == "\t") {
            out += "\\t";
        } else if (size != 0 && utf8::unprintable(value)) {
            const auto number = static_cast<std::uint32_t>(value);
            out += number > 0xffff ? fmt::format("\\U{:08X}", number) : fmt::format("\\u{:04X}", number);
        } else {
            out += piece;
        }
    }
    return out + '"';
}

std::string key_text(std::string_view key) {
    return is_bare(key) ? std::string(key) : string_text(key);
}

std::string inline_text(const Value& value);

struct InlineText {
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(std::int64_t number) const { return fmt::format("{}", number); }
    std::string operator()(double number) const {
        if (std::isnan(number)) return "nan";
        if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
        const auto text = fmt::format("{}", number);
        return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
    }
    std::string operator()(const std::string& text) const { return string_text(text); }
    std::string operator()(const Array& array) const {
        std::string out = "[";
        for (const auto& element : array) {
            if (out.size() > 1) out += ", ";
            out += inline_text(element);
        }
        return out + "]";
    }
    std::string operator()(const Table& table) const {
        if (table.members.empty()) return "{}";
        std::string out = "{";
        for (const auto& member : table.members) {
            out +=
                fmt::format("{} {} = {}", out.size() > 1 ? "," : "", key_text(member.key), inline_text(member.value));
        }
        return out + " }";
    }
};

std::string inline_text(const Value& value) {
    return std::visit(InlineText{}, value.data);
}

/// True for an array that is written as [[name]] sections.
bool is_sections(const Value& value) {
    const auto* array = value.as<Array>();
    if (!array || array->empty()) return false;
    for (const auto& element : *array) {
        if (!element.as<Table>()) return false;
    }
    return true;
}

/// Writes `key = value`; a long array gets a line an element.
void write_entry(const Member& member, std::string& out) {
    constexpr std::size_t width = 100;
    auto line = fmt::format("{} = {}\n", key_text(member.key), inline_text(member.value));
    const auto* array = member.value.as<Array>();
    if (line.size() <= width || !array) {
        out += line;
        return;
    }
    out += fmt::format("{} = [\n", key_text(member.key));
    for (const auto& element : *array) out += fmt::format("    {},\n", inline_text(element));
    out += "]\n";
}

void write(const Table& table, const std::string& path, std::string& out) {
    for (const auto& member : table.members) {
        if (!member.value.as<Table>() && !is_sections(member.value)) write_entry(member, out);
    }
    for (const auto& member : table.members) {
        const auto name = path.empty() ? key_text(member.key) : fmt::format("{}.{}", path, key_text(member.key));
        if (const auto* inner = member.value.as<Table>()) {
            bool only_tables = !inner->members.empty();
            for (const auto& below : inner->members) {
                only_tables = only_tables && (below.value.as<Table>() || is_sections(below.value));
            }
            if (!only_tables) out += fmt::format("{}[{}]\n", out.empty() ? "" : "\n", name);
            write(*inner, name, out);
        } else if (is_sections(member.value)) {
            for (const auto& element : *member.value.as<Array>()) {
                out += fmt::format("{}[[{}]]\n", out.empty() ? "" : "\n", name);
                write(*element.as<Table>(), name, out);
            }
        }
    }
}

}  // namespace

std::string to_toml(const Document& document) {
    std::string out;
    write(document, "", out);
    return out;
}

}  // namespace nsrun::cli
