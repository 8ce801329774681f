#include "profile/keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace nsrun {
namespace {

bool has_keys(const Shape& shape) {
    return !shape.keys.empty();
}

/// A table of the top level with all its keys at their defaults.
Value blank_of(const Shape& shape) {
    return shape.blank ? shape.blank() : Value{Table{}, {}};
}

void place(std::span<const Key> keys, const Table& defaults, const std::string& prefix, std::vector<PlacedKey>& list) {
    for (const Key& key : keys) {
        const Value* fallback = defaults.find(key.name());
        const std::string path = prefix + std::string(key.name());
        list.push_back({path, &key, fallback ? *fallback : Value{std::string(), {}}});
        if (!has_keys(*key.shape)) continue;
        const Value inner = blank_of(*key.shape);
        place(key.shape->keys, *inner.as<Table>(), path + ".", list);
    }
}

/// What one value of a kind is called, and several of them.
std::pair<const char*, const char*> kind_names(Kind kind) {
    switch (kind) {
        case Kind::boolean:
            return {"true or false", "true or false"};
        case Kind::integer:
            return {"a number", "numbers"};
        case Kind::text:
            return {"a string", "strings"};
        case Kind::path:
            return {"a path", "paths"};
        case Kind::path_rule:
            return {"a path rule", "\"[-]SOURCE[:TARGET]\""};
        case Kind::size:
            return {"a size", "sizes"};
        case Kind::rate:
            return {"a rate", "rates"};
        case Kind::duration:
            return {"a time", "times"};
        case Kind::mode:
            return {"octal digits", "modes"};
        case Kind::word:
            return {"one of the words above", "words"};
        case Kind::word_or_list:
            return {"a word, or a list of strings", ""};
        case Kind::list:
            return {"a list", "lists"};
        case Kind::entries:
            return {"a table of your own names", ""};
        case Kind::table:
            return {"a table", "tables"};
        case Kind::tables:
            return {"tables", ""};
        case Kind::settled:
            return {"", ""};
    }
    return {"", ""};
}

/// Breaks a text into lines of at most `width`, each after `indent`.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width = 78) {
    const std::string margin(indent, ' ');
    std::string out = margin;
    std::size_t column = indent;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
        const std::string_view word = text.substr(0, end);
        if (column > indent && column + 1 + word.size() > width) {
            out += "\n" + margin;
            column = indent;
        } else if (column > indent) {
            out += ' ';
            ++column;
        }
        out += word;
        column += word.size();
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out + "\n";
}

std::string in_full(const PlacedKey& placed) {
    const Key& key = *placed.key;
    const Shape& shape = *key.shape;
    const bool table = has_keys(shape) && shape.kind != Kind::list;
    std::string out;
    if (table) {
        out = shape.kind == Kind::tables ? fmt::format("[[{}]]\n", placed.path) : fmt::format("[{}]\n", placed.path);
        return out + wrapped(key.text.summary, 4) + "\n";
    }
    out = placed.path + "\n" + wrapped(key.text.summary, 4);
    if (*key.text.details) out += wrapped(key.text.details, 4);
    if (shape.kind == Kind::word || shape.kind == Kind::word_or_list ||
        (shape.kind == Kind::list && !shape.sort->judge)) {
        for (const auto& word : shape.words) out += fmt::format("        {:<12} {}\n", word.name, word.meaning);
    }
    if (const std::string type = type_text(key); !type.empty()) out += fmt::format("    Takes:   {}\n", type);
    if (key.encode) out += fmt::format("    Default: {}\n", default_text(placed));
    if (*key.text.example) out += fmt::format("    Example: {} = {}\n", key.name(), key.text.example);
    return out + "\n";
}

bool begins(std::string_view path, std::string_view prefix) {
    return path.starts_with(prefix);
}

/// True when the prefix is a whole key or table, or nothing.
bool exact(std::string_view prefix) {
    return !prefix.empty() && find_key(prefix) != nullptr;
}

/// Keys that `--set` can reach: not tables, not what arrays of tables hold.
bool settable(const PlacedKey& placed) {
    const Kind kind = placed.key->shape->kind;
    return kind != Kind::table && kind != Kind::tables && !placed.path.starts_with("mount.") &&
           !placed.path.starts_with("ids.uid-map.") && !placed.path.starts_with("ids.gid-map.");
}

void complete_value(const PlacedKey& placed, std::string_view begun, std::vector<SettingCompletion>& list) {
    const Shape& shape = *placed.key->shape;
    const bool listed = shape.kind == Kind::list;
    const auto offer = [&](std::string_view value, std::string_view meaning) {
        if (begins(value, begun)) list.push_back({fmt::format("{}={}", placed.path, value), meaning});
    };
    if (shape.kind == Kind::boolean) {
        offer("true", "");
        offer("false", "");
    }
    for (const auto& word : shape.words)
        offer(listed ? fmt::format("[\"{}\"]", word.name) : std::string(word.name), word.meaning);
}

void append_quoted(std::string_view text, std::string& out) {
    out += '"';
    for (const char letter : text) {
        if (letter == '"' || letter == '\\') {
            out += '\\';
            out += letter;
        } else if (letter == '\n') {
            out += "\\n";
        } else if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(letter));
        } else {
            out += letter;
        }
    }
    out += '"';
}

void append_toml(const Value& value, std::string& out) {
    if (const auto* text = value.as<std::string>()) {
        append_quoted(*text, out);
    } else if (const auto* array = value.as<Array>()) {
        out += '[';
        for (std::size_t i = 0; i < array->size(); ++i) {
            if (i) out += ", ";
            append_toml((*array)[i], out);
        }
        out += ']';
    } else if (const auto* table = value.as<Table>()) {
        out += '{';
        for (std::size_t i = 0; i < table->members.size(); ++i) {
            out += i ? ", " : " ";
            append_quoted(table->members[i].key, out);
            out += " = ";
            append_toml(table->members[i].value, out);
        }
        out += table->members.empty() ? "}" : " }";
    } else if (const auto* flag = value.as<bool>()) {
        out += *flag ? "true" : "false";
    } else if (const auto* number = value.as<std::int64_t>()) {
        out += fmt::format("{}", *number);
    } else {
        out += fmt::format("{}", *value.as<double>());
    }
}

}  // namespace

std::vector<PlacedKey> placed_keys() {
    std::vector<PlacedKey> list;
    const Value defaults = to_value(Profile{});
    place(profile_keys(), *defaults.as<Table>(), "", list);
    return list;
}

std::string type_text(const Key& key) {
    const Shape& shape = *key.shape;
    if (shape.kind == Kind::settled) return {};
    const bool shaped = shape.sort && *shape.sort->shape;
    if (shape.kind == Kind::integer && shape.sort->least != INT64_MIN && shape.sort->least != shape.sort->most) {
        return fmt::format("a number, {} to {}", shape.sort->least, shape.sort->most);
    }
    if (shape.kind == Kind::text && shaped) return shape.sort->shape;
    if (shape.kind == Kind::entries) return fmt::format("a table: your own names, each with {}", shape.sort->shape);
    if (shape.kind == Kind::word_or_list && shaped) return fmt::format("a word, or a list, each {}", shape.sort->shape);
    if (shape.kind != Kind::list) return kind_names(shape.kind).first;
    if (shaped) return fmt::format("a list, each {}", shape.sort->shape);
    return fmt::format("a list of {}", kind_names(shape.element).second);
}

std::string default_text(const PlacedKey& placed) {
    if (*placed.key->text.otherwise) return placed.key->text.otherwise;
    return inline_toml(placed.fallback);
}

std::string inline_toml(const Value& value) {
    std::string out;
    append_toml(value, out);
    return out;
}

std::string explain_keys(std::string_view prefix) {
    std::string out;
    for (const auto& placed : placed_keys()) {
        if (!begins(placed.path, prefix)) continue;
        // "ids.uid" is a key, and its prefix of "ids.uid-map" is an accident.
        if (exact(prefix) && placed.path.size() > prefix.size() && placed.path[prefix.size()] != '.') continue;
        out += prefix.empty() ? fmt::format("{:<32} {}\n", placed.path, placed.key->text.summary) : in_full(placed);
    }
    if (out.ends_with("\n\n")) out.pop_back();
    return out;
}

Value explained_keys(std::string_view prefix) {
    Array list;
    for (const auto& placed : placed_keys()) {
        if (!begins(placed.path, prefix)) continue;
        const Key& key = *placed.key;
        Table row;
        row.set("key", {placed.path, {}});
        row.set("type", {type_text(key), {}});
        if (key.encode && !has_keys(*key.shape)) row.set("default", {default_text(placed), {}});
        row.set("summary", {std::string(key.text.summary), {}});
        if (*key.text.details) row.set("details", {std::string(key.text.details), {}});
        if (*key.text.example) row.set("example", {std::string(key.text.example), {}});
        Array words;
        for (const auto& word : key.shape->words) words.push_back({std::string(word.name), {}});
        if (!words.empty()) row.set("words", {std::move(words), {}});
        list.push_back({std::move(row), {}});
    }
    return {std::move(list), {}};
}

std::vector<SettingCompletion> complete_setting(std::string_view begun) {
    std::vector<SettingCompletion> list;
    const std::size_t equals = begun.find('=');
    for (const auto& placed : placed_keys()) {
        if (!settable(placed)) continue;
        if (equals == std::string_view::npos) {
            if (begins(placed.path, begun)) list.push_back({placed.path + "=", placed.key->text.summary});
        } else if (placed.path == begun.substr(0, equals)) {
            complete_value(placed, begun.substr(equals + 1), list);
        }
    }
    return list;
}

}  // namespace nsrun
