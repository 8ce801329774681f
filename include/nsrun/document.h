#pragma once
#include <nsrun/diagnostic.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace nsrun {

struct Value;

/// One key of a table. Keys are unique within a table; members stand in the order of the text.
struct Member;

/// Values in order.
using Array = std::vector<Value>;

/// Keys and values, in the order in which they were written.
struct Table {
    std::vector<Member> members;

    /// The member of that key, or null. Linear: tables of a profile are short.
    const Value* find(std::string_view key) const;
    Value* find(std::string_view key);
    /// Appends a member, or replaces the value of an existing one.
    void set(std::string_view key, Value value, const Span& at = {});
    bool operator==(const Table&) const = default;
};

/// A tree of values, each knowing where it was written: what TOML, `--set` and other front ends become, and what JSON is
/// made from. Dates and times of TOML become diagnostics: no key takes one.
struct Value {
    std::variant<bool, std::int64_t, double, std::string, Array, Table> data;
    Span at;
    bool replaces = false;  ///< set by merge: something of another kind was here; what lies further under goes too

    template <class T>
    const T* as() const {
        return std::get_if<T>(&data);
    }
    template <class T>
    T* as() {
        return std::get_if<T>(&data);
    }
    bool operator==(const Value&) const = default;
};

struct Member {
    std::string key;
    Span at;  ///< of the key
    Value value;
    bool operator==(const Member&) const = default;
};

/// A whole profile text, or several merged: the root table.
using Document = Table;

/// Names the kind of a value as diagnostics do: "a string", "the number 512", "an array".
std::string described(const Value& value);

/// Renders a tree as JSON. `indent` < 0 puts it on one line.
std::string to_json(const Value& value, int indent = 2);

}  // namespace nsrun
