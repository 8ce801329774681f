#include <nsrun/nsrun.h>

#include "base/utf8.h"

#include <fmt/format.h>

/// `--set KEY=VALUE`: TOML with one line, where a bare word is text.
namespace nsrun {
namespace {

constexpr std::string_view blank = " \t";

std::string_view trimmed(std::string_view text) {
    const std::size_t start = text.find_first_not_of(blank);
    if (start == text.npos) return text.substr(text.size());
    return text.substr(start, text.find_last_not_of(blank) + 1 - start);
}

/// The "=" that ends the key; those in quotes belong to it.
std::size_t end_of_key(std::string_view setting) {
    char quote = 0;
    for (std::size_t i = 0; i < setting.size(); ++i) {
        const char c = setting[i];
        if (quote == '"' && c == '\\') {
            ++i;
        } else if (quote != 0) {
            if (c == quote) quote = 0;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '=') {
            return i;
        }
    }
    return setting.npos;
}

/// True when a value begins as only TOML's strings, lists, tables, numbers and truth values do.
bool meant_as_toml(std::string_view value) {
    if (value == "true" || value == "false") return true;
    return !value.empty() && std::string_view("\"'[{").find(value.front()) != value.npos;
}

/// "512" and "-1.5", but not "10s", "1.2.3.4" or "2026-01-01".
bool numeric(std::string_view value) {
    if (value.empty() || value.find_first_not_of("0123456789abcdefABCDEFxo_+-.") != value.npos) return false;
    const std::size_t sign = value.front() == '-' || value.front() == '+' ? 1 : 0;
    if (sign == value.size() || value[sign] < '0' || value[sign] > '9') return false;
    Diagnostics unread;
    const Document number = parse_toml(fmt::format("n={}", value), 0, unread);
    return unread.empty() && number.members.size() == 1;
}

/// Reports a bare word that no TOML string could be either.
bool is_text(std::string_view value, const Span& at, Diagnostics& diagnostics) {
    for (std::size_t i = 0; i < value.size();) {
        const std::size_t size = value[i] == '\0' ? 0 : utf8::first(value.substr(i)).size;
        if (size == 0) {
            const bool nul = value[i] == '\0';
            diagnostics.error(nul ? Code::nul_byte : Code::not_utf8, at,
                              nul ? "a NUL byte in the value" : "the value is not UTF-8", "write it as plain text");
            return false;
        }
        i += size;
    }
    return true;
}

/// The value at the end of a chain of tables with one key each; null when a table has several keys or none.
Value* only_value(Document& document, std::size_t key_end) {
    Table* table = &document;
    while (table->members.size() == 1) {
        Value& value = table->members.front().value;
        // Past the "=" a table is the value itself, not a part of the key.
        if (!value.as<Table>() || value.at.column > key_end) return &value;
        table = value.as<Table>();
    }
    return nullptr;
}

}  // namespace

Document parse_setting(std::string_view setting, std::uint32_t source, Diagnostics& diagnostics) {
    const auto width = static_cast<std::uint32_t>(utf8::length(setting));
    const Span whole{source, 1, 1, 1, width + 1};
    const std::size_t equals = end_of_key(setting);
    if (equals == setting.npos || trimmed(setting.substr(0, equals)).empty()) {
        diagnostics.error(Code::syntax, whole, "expected KEY=VALUE", "for example network.mode=host");
        return {};
    }
    const std::string_view value = trimmed(setting.substr(equals + 1));
    const bool toml = meant_as_toml(value) || numeric(value);
    if (setting.substr(0, toml ? setting.size() : equals).find('\n') != setting.npos) {
        diagnostics.error(Code::syntax, whole, "a setting is one line", "give one KEY=VALUE to each --set");
        return {};
    }
    const std::string text = toml ? std::string(setting) : fmt::format("{}=0", setting.substr(0, equals));
    const std::size_t before = diagnostics.list().size();
    Document document = parse_toml(text, source, diagnostics);
    if (diagnostics.list().size() != before) return {};
    Value* set = only_value(document, utf8::length(setting.substr(0, equals)) + 1);
    if (set == nullptr) {
        diagnostics.error(Code::syntax, whole, "expected one KEY=VALUE", "give one KEY=VALUE to each --set");
        return {};
    }
    if (toml) return document;
    if (!is_text(value, whole, diagnostics)) return {};
    const auto start = static_cast<std::uint32_t>(utf8::length(setting.substr(0, value.data() - setting.data())) + 1);
    set->at = {source, 1, start, 1, start + static_cast<std::uint32_t>(utf8::length(value))};
    set->data = std::string(value);
    return document;
}

}  // namespace nsrun
