#include <nsrun/nsrun.h>

#include "base/nearest.h"
#include "profile/keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>
#include <string>
#include <utility>
#include <vector>

namespace nsrun {
namespace {

/// Arrays of tables whose elements are known by one of their keys: where they stand, and that key.
struct Keyed {
    std::string_view table;  ///< "" for the top level
    std::string_view array;
    std::string_view key;
};
constexpr std::array keyed_arrays{
    Keyed{"", "mount", "target"},
    Keyed{"network", "interface", "name"},
};

/// The key by which elements of that array are known; empty for all other arrays.
std::string_view identity_key(std::string_view table, std::string_view array) {
    for (const auto& keyed : keyed_arrays) {
        if (keyed.table == table && keyed.array == array) return keyed.key;
    }
    return {};
}

/// The text that an element is known by; null for one without.
const std::string* identity(const Value& element, std::string_view key) {
    const Table* table = element.as<Table>();
    const Value* value = table ? table->find(key) : nullptr;
    return value ? value->as<std::string>() : nullptr;
}

/// Finds members by key; with an index when looking through all of them again and again would be slow.
class Lookup {
  public:
    Lookup(const Table& table, std::size_t searches) {
        if (table.members.size() * searches <= 4096) return;
        index_.reserve(table.members.size());
        for (std::size_t i = 0; i < table.members.size(); ++i) index_.emplace(table.members[i].key, i);
    }
    /// Only for the members that the table had at first.
    Member* find(Table& table, std::string_view key) const {
        if (!index_.empty()) {
            const auto found = index_.find(std::string(key));
            return found == index_.end() ? nullptr : &table.members[found->second];
        }
        const auto found = std::find_if(table.members.begin(), table.members.end(),
                                        [&](const Member& member) { return member.key == key; });
        return found == table.members.end() ? nullptr : &*found;
    }

  private:
    std::unordered_map<std::string, std::size_t> index_;  ///< owns its keys: members move when the table grows
};

enum class Form { scalar, array, table };

Form form_of(const Value& value) {
    if (value.as<Array>()) return Form::array;
    return value.as<Table>() ? Form::table : Form::scalar;
}

/// True for keys, and for what the user named in tables of the user's own names.
bool can_be_reset(std::string_view path) {
    if (find_key(path) != nullptr) return true;
    const std::size_t dot = path.rfind('.');
    if (dot == path.npos || dot + 1 == path.size()) return false;
    const std::string_view table = path.substr(0, dot);
    const Key* key = find_key(table);
    return key != nullptr && (key->shape->kind == Kind::entries || table == "vars");
}

/// The key that a misspelt one of `reset` stands for: its last part is compared with its neighbours.
std::string meant_by(std::string_view path) {
    const std::size_t dot = path.rfind('.');
    const std::string_view above = dot == path.npos ? "" : path.substr(0, dot);
    const Key* table = above.empty() ? nullptr : find_key(above);
    if (!above.empty() && table == nullptr) {
        // With the table's name put right, the rest may be right already.
        const std::string right = meant_by(above);
        const std::string whole = fmt::format("{}{}", right, path.substr(dot));
        return !right.empty() && find_key(whole) ? whole : right;
    }
    std::vector<std::string_view> names;
    for (const auto& key : above.empty() ? profile_keys() : table->shape->keys) names.push_back(key.name());
    const std::string_view meant = nearest(path.substr(dot == path.npos ? 0 : dot + 1), names);
    if (meant.empty()) return "";
    return above.empty() ? std::string(meant) : fmt::format("{}.{}", above, meant);
}

class Merge {
  public:
    explicit Merge(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

    /// `name` of the table that is merged: "" at the top, "?" where no keyed array can stand any more.
    void tables(Table& under, Table&& over, std::string_view name) {
        const Lookup lookup(under, over.members.size());
        for (auto& member : over.members) {
            Member* found = lookup.find(under, member.key);
            if (found == nullptr) {
                under.members.push_back(std::move(member));
            } else {
                found->at = member.at;
                values(found->value, std::move(member.value), name, member.key);
            }
        }
    }

    /// Removes what a dotted key of `reset` names.
    void reset(Document& document, const Value& entry) {
        const std::string* key = entry.as<std::string>();
        if (key == nullptr || key->empty()) {
            diagnostics_.error(Code::bad_reset, entry.at,
                               fmt::format("expected a key to reset, found {}", key ? "\"\"" : described(entry)),
                               "name it as in reset = [\"filesystem.rw\"]");
            return;
        }
        if (!can_be_reset(*key)) {
            const std::string meant = meant_by(*key);
            diagnostics_.error(Code::bad_reset, entry.at, fmt::format("'{}' is not a key that can be reset", *key),
                               meant.empty() ? "nsrun keys lists the keys" : fmt::format("did you mean '{}'?", meant));
        }
        Table* table = &document;
        std::string_view rest = *key;
        while (true) {
            const std::size_t dot = rest.find('.');
            const std::string_view part = rest.substr(0, dot);
            const auto found = std::find_if(table->members.begin(), table->members.end(),
                                            [&](const Member& member) { return member.key == part; });
            if (found == table->members.end()) return;
            if (dot == rest.npos) {
                table->members.erase(found);
                return;
            }
            table = found->value.as<Table>();
            if (table == nullptr) return;
            rest.remove_prefix(dot + 1);
        }
    }

  private:
    void values(Value& under, Value&& over, std::string_view table, std::string_view key) {
        const Form form = form_of(over);
        if (over.replaces || form_of(under) != form) {
            under = std::move(over);
            under.replaces = true;
            return;
        }
        if (form == Form::table) {
            tables(*under.as<Table>(), std::move(*over.as<Table>()), table.empty() ? key : "?");
            under.at = over.at;
        } else if (form == Form::array) {
            const std::string_view known_by = identity_key(table, key);
            if (known_by.empty()) {
                append(*under.as<Array>(), std::move(*over.as<Array>()));
            } else {
                keyed(*under.as<Array>(), std::move(*over.as<Array>()), known_by);
            }
            under.at = over.at;
        } else {
            const bool replaces = under.replaces;
            under = std::move(over);
            under.replaces = replaces;
        }
    }

    static void append(Array& under, Array&& over) {
        if (under.empty()) {
            under = std::move(over);
            return;
        }
        under.insert(under.end(), std::make_move_iterator(over.begin()), std::make_move_iterator(over.end()));
    }

    /// Elements that `under` has get changed there; the others are appended. Of several that are known by the same
    /// text, the last one is meant: so it does not matter which layers are merged first.
    void keyed(Array& under, Array&& over, std::string_view key) {
        // The keys of the index are owned: the strings in `under` move when it grows.
        struct Place {
            std::size_t index;
            bool changed = false;
        };
        std::unordered_map<std::string, Place> index;
        index.reserve(under.size());
        for (std::size_t i = 0; i < under.size(); ++i) {
            if (const std::string* known = identity(under[i], key)) index.insert_or_assign(*known, Place{i});
        }
        for (auto& element : over) {
            const std::string* known = identity(element, key);
            const auto found = known ? index.find(*known) : index.end();
            if (found == index.end()) {
                under.push_back(std::move(element));
                continue;
            }
            if (std::exchange(found->second.changed, true)) {
                const Span at = element.as<Table>()->find(key)->at;
                diagnostics_.error(Code::duplicate_entry, at,
                                   fmt::format("{} = '{}' is written twice in one text", key, *known),
                                   "keep one of the two");
            }
            Value& place = under[found->second.index];
            tables(*place.as<Table>(), std::move(*element.as<Table>()), "?");
            place.at = element.at;
        }
    }

    Diagnostics& diagnostics_;
};

}  // namespace

Document inherited(Document parent) {
    constexpr std::array own{"schema", "name", "description", "extends"};
    std::erase_if(parent.members, [&](const Member& member) {
        return std::find(own.begin(), own.end(), member.key) != own.end();
    });
    return parent;
}

Document merge(Document under, Document over, Diagnostics& diagnostics) {
    Merge merge(diagnostics);
    if (const Value* reset = over.find("reset")) {
        if (const Array* keys = reset->as<Array>()) {
            // The list itself stays: merged onto yet another text, it empties that one too.
            for (const auto& key : *keys) {
                if (!key.as<std::string>() || *key.as<std::string>() != "reset") merge.reset(under, key);
            }
        } else {
            diagnostics.error(Code::bad_reset, reset->at, fmt::format("expected a list of keys, found {}", described(*reset)),
                              "write reset = [\"filesystem.rw\"]");
        }
    }
    if (under.members.empty()) return over;
    merge.tables(under, std::move(over), "");
    return under;
}

}  // namespace nsrun
