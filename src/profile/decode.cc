#include "profile/decode.h"

#include "profile/suggest.h"

#include <fmt/format.h>
#include <nsrun/nsrun.h>

#include <algorithm>
#include <numeric>

namespace nsrun {
namespace {

/// Names a table as profiles spell it: "[network]", "[[mount]]", "the top level".
std::string table_name(const Reading& reading) {
    if (reading.table.empty()) return "the top level";
    return reading.in_array ? fmt::format("[[{}]]", reading.table) : fmt::format("[{}]", reading.table);
}

/// The table that has a key of this name, when the key stands at the wrong place.
std::string home_of(std::string_view name, std::span<const Key> here) {
    if (profile_keys().data() != here.data() && find_key(profile_keys(), name))
        return "the top level, above all tables";
    for (const Key& key : profile_keys()) {
        const bool tables = key.shape->kind == Kind::tables;
        if ((!tables && key.shape->kind != Kind::table) || key.shape->keys.data() == here.data()) continue;
        if (!find_key(key.shape->keys, name)) continue;
        return tables ? fmt::format("[[{}]]", key.name()) : fmt::format("[{}]", key.name());
    }
    return {};
}

void unknown_key(const Member& member, std::span<const Key> keys, const Reading& reading) {
    const std::string_view close = nearest_of(member.key, keys, [](const Key& key) { return key.name(); });
    std::string help;
    if (!close.empty()) {
        help = fmt::format("did you mean '{}'?", close);
    } else if (const std::string home = home_of(member.key, keys); !home.empty()) {
        help = fmt::format("'{}' belongs in {}", member.key, home);
    } else {
        help = fmt::format("'nsrun keys{}{}' lists the keys", reading.table.empty() ? "" : " ", reading.table);
    }
    const std::string where = reading.table.empty() ? "at the top level" : "in " + table_name(reading);
    reading.diagnostics.error(Code::unknown_key, member.at,
                              fmt::format("unknown key '{}' {}", printable(member.key), where), std::move(help));
}

/// What to write instead of a value of the wrong type: the user's own value in the right form when it is plain which.
std::string rewritten(const Key& key, const Value& found) {
    const Shape& shape = *key.shape;
    const auto* number = found.as<std::int64_t>();
    const auto* text = found.as<std::string>();
    const bool listed =
        shape.kind == Kind::list && (shape.element == Kind::integer ? number != nullptr : text != nullptr);
    if (listed && number) return fmt::format("[{}]", *number);
    if (listed && shape.element != Kind::table) return fmt::format("[\"{}\"]", printable(*text));
    if (shape.kind == Kind::boolean && text && (*text == "true" || *text == "false")) return *text;
    if (shape.kind == Kind::size && number && *number > 0) return fmt::format("\"{}M\"", *number);
    if (shape.kind == Kind::rate && number && *number > 0) return fmt::format("\"{}mbit\"", *number);
    if (shape.kind == Kind::duration && number && *number > 0) return fmt::format("\"{}s\"", *number);
    if (shape.kind == Kind::text && number) return fmt::format("\"{}\"", *number);
    return key.text.example;
}

void missing_keys(const Table& table, std::span<const Key> keys, const Span& at, const Reading& reading) {
    for (const Key& key : keys) {
        if (!key.required() || table.find(key.name())) continue;
        reading.diagnostics.error(Code::missing_key, at, fmt::format("{} has no {}", table_name(reading), key.name()),
                                  fmt::format("add {} = {}", key.name(), key.text.example));
    }
}

bool in_range(const Value& value, std::int64_t number, std::int64_t least, std::int64_t most, Reading& reading) {
    if (number >= least && number <= most) return true;
    std::string range = fmt::format("{} to {}", least, most);
    if (least == most) range = fmt::format("{}", least);
    reading.diagnostics.error(Code::out_of_range, value.at,
                              fmt::format("{} is out of range for {}: {}", number, reading.key->name(), range),
                              least == most ? fmt::format("write {} = {}", reading.key->name(), range)
                                            : std::string("write a number in that range"));
    return false;
}

/// Orders what lists hold; other values are never equal to one another.
bool comes_before(const Value& one, const Value& other) {
    if (one.data.index() != other.data.index()) return one.data.index() < other.data.index();
    if (const auto* text = one.as<std::string>()) return *text < *other.as<std::string>();
    if (const auto* number = one.as<std::int64_t>()) return *number < *other.as<std::int64_t>();
    return false;
}

}  // namespace

const Key* find_key(std::span<const Key> keys, std::string_view name) {
    for (const Key& key : keys) {
        if (key.name() == name) return &key;
    }
    return nullptr;
}

void Reading::wrong_type(const char* expected, const Value& found) {
    const bool tables = key->shape->kind == Kind::tables;
    std::string help = tables ? fmt::format("write [[{}]]", key->name())
                              : fmt::format("write {} = {}", key->name(), rewritten(*key, found));
    if (key->shape->kind == Kind::table) help = fmt::format("write [{}]", key->name());
    diagnostics.error(Code::wrong_type, found.at, fmt::format("expected {}, found {}", expected, described(found)),
                      std::move(help));
}

void read_table(const Table& table, const Span& at, std::span<const Key> keys, void* owner, Reading& reading) {
    for (const Member& member : table.members) {
        reading.key = find_key(keys, member.key);
        if (!reading.key) {
            unknown_key(member, keys, reading);
        } else if (reading.key->decode) {
            reading.key->decode(member.value, owner, reading);
        }
    }
    missing_keys(table, keys, at, reading);
}

Table write_table(std::span<const Key> keys, const void* owner) {
    Table table;
    for (const Key& key : keys) {
        if (key.encode) table.members.push_back({std::string(key.name()), {}, key.encode(owner)});
    }
    return table;
}

bool read(const Value& value, bool& out, const Sort&, Reading& reading) {
    const bool* flag = value.as<bool>();
    if (flag) out = *flag;
    if (!flag) reading.wrong_type("true or false", value);
    return flag;
}

bool read(const Value& value, std::int64_t& out, const Sort& sort, Reading& reading) {
    const auto* number = value.as<std::int64_t>();
    if (!number) {
        reading.wrong_type("a number", value);
        return false;
    }
    if (!in_range(value, *number, sort.least, sort.most, reading)) return false;
    out = *number;
    return true;
}

bool read(const Value& value, std::uint32_t& out, const Sort& sort, Reading& reading) {
    std::int64_t number = 0;
    if (!read(value, number, sort, reading)) return false;
    out = static_cast<std::uint32_t>(number);
    return true;
}

bool read(const Value& value, std::string& out, const Sort& sort, Reading& reading) {
    const std::string* text = text_of(value, "a string", reading);
    if (!text) return false;
    if (sort.judge) {
        if (const Complaint complaint = sort.judge(*text)) {
            reading.complain(complaint, value.at);
            return false;
        }
    }
    out = *text;
    return true;
}

bool read(const Value& value, Entries& out, const Sort& sort, Reading& reading) {
    const auto* table = value.as<Table>();
    if (!table) {
        reading.wrong_type("a table", value);
        return false;
    }
    out.clear();
    out.reserve(table->members.size());
    for (const Member& member : table->members) {
        const Complaint complaint = sort.judge_name ? sort.judge_name(member.key) : Complaint{};
        if (complaint) reading.complain(complaint, member.at);
        Entry entry{{member.key, member.at}, {}};
        if (read(member.value, entry.value, sort, reading) && !complaint) out.push_back(std::move(entry));
    }
    return true;
}

Value written(const Entries& entries) {
    Table table;
    for (const Entry& entry : entries) table.members.push_back({*entry.key, {}, {*entry.value, {}}});
    return {std::move(table), {}};
}

const std::string* text_of(const Value& value, const char* expected, Reading& reading) {
    const auto* text = value.as<std::string>();
    if (!text) {
        reading.wrong_type(expected, value);
    } else if (text->find('\0') != std::string::npos) {
        reading.diagnostics.error(Code::nul_byte, value.at, "a text with a NUL in it",
                                  "remove \\u0000: no path or argument can hold it");
        return nullptr;
    }
    return text;
}

int word_of(const Value& value, std::span<const WordText> words, const char* also, Reading& reading) {
    const auto listed = [&] {
        std::string list;
        for (const auto& word : words) list += (list.empty() ? "" : ", ") + std::string(word.name);
        return list;
    };
    const auto* text = value.as<std::string>();
    if (!text) {
        const std::string expected =
            fmt::format("{}{}{}{}", words.size() > 1 ? "one of " : "", listed(), also ? " or " : "", also ? also : "");
        reading.wrong_type(expected.c_str(), value);
        return -1;
    }
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i].name == *text) return static_cast<int>(i);
    }
    const std::string_view close = nearest_of(*text, words, [](const WordText& word) { return word.name; });
    std::string help = close.empty() ? fmt::format("'nsrun keys' explains {}", reading.key->name())
                                     : fmt::format("did you mean '{}'?", close);
    reading.diagnostics.error(Code::unknown_value, value.at,
                              fmt::format("'{}' is not {}{}{}{}", printable(*text), words.size() > 1 ? "one of " : "",
                                          listed(), also ? " or " : "", also ? also : ""),
                              std::move(help));
    return -1;
}

const Array* array_of(const Value& value, Reading& reading) {
    const auto* array = value.as<Array>();
    if (!array) reading.wrong_type("an array", value);
    return array;
}

std::vector<bool> repetitions(const Array& array, Reading& reading) {
    if (array.size() < 2) return {};
    std::vector<std::uint32_t> order(array.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t one, std::uint32_t other) { return comes_before(array[one], array[other]); });
    std::vector<bool> repeated;
    for (std::size_t i = 1; i < order.size(); ++i) {
        const Value& earlier = array[order[i - 1]];
        const Value& later = array[order[i]];
        const bool comparable = later.as<std::string>() || later.as<std::int64_t>();
        if (!comparable || comes_before(earlier, later)) continue;
        repeated.resize(array.size());
        repeated[order[i]] = true;
        // Layers may each name the same entry; one text that does is a mistake.
        if (!later.at || earlier.at.source != later.at.source) continue;
        const auto* text = later.as<std::string>();
        reading.diagnostics.error(
            Code::duplicate_entry, later.at,
            fmt::format("'{}' is listed twice", text ? printable(*text) : fmt::format("{}", *later.as<std::int64_t>())),
            "keep one of the two");
    }
    return repeated;
}

void check_names(const Table& section, std::span<const Key> keys, Reading& reading) {
    for (const Member& member : section.members) {
        const Key* key = find_key(keys, member.key);
        if (!key) {
            unknown_key(member, keys, reading);
            continue;
        }
        Reading inner{reading.diagnostics, key, reading.below(*key), key->shape->kind == Kind::tables};
        if (const auto* table = member.value.as<Table>(); table && key->shape->kind == Kind::table) {
            check_names(*table, key->shape->keys, inner);
        }
        const auto* array = member.value.as<Array>();
        if (!array || key->shape->kind != Kind::tables) continue;
        for (const Value& element : *array) {
            if (const auto* table = element.as<Table>()) check_names(*table, key->shape->keys, inner);
        }
    }
}

void check_names(const Table& section, Diagnostics& diagnostics) {
    Reading reading{diagnostics};
    check_names(section, profile_keys(), reading);
}

Profile decode(const Document& document, Diagnostics& diagnostics) {
    Profile profile;
    Reading reading{diagnostics};
    read_table(document, {}, profile_keys(), &profile, reading);
    if (const Value* list = document.find("namespaces")) profile.namespaces_at = list->at;
    return profile;
}

Value to_value(const Profile& profile) {
    return {write_table(profile_keys(), &profile), {}};
}

}  // namespace nsrun
