#pragma once
#include "profile/types.h"

#include <concepts>
#include <string>
#include <utility>
#include <vector>

/// How each C++ type of a profile is read from a Value and written as one. keys.cc makes its rows from these templates:
/// the type of a member is all that a row needs to say.
namespace nsrun {

/// The keys of a struct of the profile, specialised in keys.cc.
template <class Rules>
inline constexpr auto keys_of = nullptr;

/// Where decoding stands, for its messages.
struct Reading {
    Diagnostics& diagnostics;
    const Key* key = nullptr;  ///< whose value is read
    std::string table = {};    ///< the table that is read, by its keys: "network.interface"; empty: the top level
    bool in_array = false;     ///< the table is one of [[...]]

    /// The name of a table that is a key of this one.
    std::string below(const Key& key_of_table) const {
        return table.empty() ? std::string(key_of_table.name()) : table + "." + std::string(key_of_table.name());
    }
    void complain(const Complaint& complaint, const Span& at) {
        diagnostics.error(complaint.code, at, complaint.message, complaint.help);
    }
    /// Reports a value of another type than the key's.
    void wrong_type(const char* expected, const Value& found);
};

/// Reads a table, written at `at`, by its keys: `owner` points at the struct that they belong to.
void read_table(const Table& table, const Span& at, std::span<const Key> keys, void* owner, Reading& reading);
Table write_table(std::span<const Key> keys, const void* owner);

bool read(const Value& value, bool& out, const Sort& sort, Reading& reading);
bool read(const Value& value, std::int64_t& out, const Sort& sort, Reading& reading);
bool read(const Value& value, std::uint32_t& out, const Sort& sort, Reading& reading);
bool read(const Value& value, std::string& out, const Sort& sort, Reading& reading);
bool read(const Value& value, Entries& out, const Sort& sort, Reading& reading);

/// The text of a value that must be one and has no NUL; null, and a diagnostic, when it is not.
const std::string* text_of(const Value& value, const char* expected, Reading& reading);
/// The place of a word in its list; -1, and a diagnostic, when it has none.
int word_of(const Value& value, std::span<const WordText> words, const char* also, Reading& reading);
/// The elements of a value that must be an array; null, and a diagnostic, when it is not.
const Array* array_of(const Value& value, Reading& reading);
/// Marks the elements of an array that repeat an earlier one. A repetition within one text is an error.
std::vector<bool> repetitions(const Array& array, Reading& reading);

inline Value written(bool flag) {
    return {flag, {}};
}
inline Value written(std::int64_t number) {
    return {number, {}};
}
inline Value written(std::uint32_t number) {
    return {static_cast<std::int64_t>(number), {}};
}
inline Value written(const std::string& text) {
    return {text, {}};
}
Value written(const Entries& entries);

// ---- words ----

/// The words of an enumeration as data.
template <Worded E>
inline constexpr auto word_texts = [] {
    std::array<WordText, words<E>.size()> texts;
    for (std::size_t i = 0; i < texts.size(); ++i) texts[i] = {words<E>[i].name, words<E>[i].meaning};
    return texts;
}();

template <Worded E>
bool read(const Value& value, E& out, const Sort&, Reading& reading) {
    const int index = word_of(value, word_texts<E>, nullptr, reading);
    if (index >= 0) out = words<E>[static_cast<std::size_t>(index)].value;
    return index >= 0;
}

template <Worded E>
Value written(E word) {
    return {std::string(spelling(word)), {}};
}

// ---- types written as text ----

template <WrittenAsText T>
bool read(const Value& value, T& out, const Sort& sort, Reading& reading) {
    const std::string* text = text_of(value, expected_text<T>, reading);
    if (!text) return false;
    if constexpr (std::same_as<T, Path>) {
        if (sort.any_path && !text->empty()) {
            out.text = *text;
            return true;
        }
    }
    const Complaint complaint = read_text(*text, out);
    if (complaint) reading.complain(complaint, value.at);
    return !complaint;
}

template <WrittenAsText T>
Value written(const T& value) {
    return {write_text(value), {}};
}

// ---- tables with keys of their own ----

template <class T>
concept Rules = !std::same_as<decltype(keys_of<T>), const std::nullptr_t>;

template <Rules T>
bool read(const Value& value, T& out, const Sort&, Reading& reading) {
    const auto* table = value.as<Table>();
    if (!table) {
        reading.wrong_type("a table", value);
        return false;
    }
    Reading inner{reading.diagnostics, nullptr, reading.below(*reading.key), reading.in_array};
    if constexpr (requires { out.at; }) out.at = value.at;
    read_table(*table, value.at, keys_of<T>, &out, inner);
    return true;
}

template <Rules T>
Value written(const T& rules) {
    return {write_table(keys_of<T>, &rules), {}};
}

// ---- what holds other types ----

template <class T>
bool read(const Value& value, Located<T>& out, const Sort& sort, Reading& reading) {
    if (!read(value, out.value, sort, reading)) return false;
    out.at = value.at;
    return true;
}

template <class T>
Value written(const Located<T>& located) {
    return written(located.value);
}

/// Reads the elements that are right, and reports the others.
template <class Element>
bool read(const Value& value, std::vector<Element>& out, const Sort& sort, Reading& reading) {
    const Array* array = array_of(value, reading);
    if (!array) return false;
    const std::vector<bool> repeated = sort.repeats ? std::vector<bool>{} : repetitions(*array, reading);
    const bool outside = std::exchange(reading.in_array, true);
    out.clear();
    out.reserve(array->size());
    for (std::size_t i = 0; i < array->size(); ++i) {
        if (!repeated.empty() && repeated[i]) continue;
        if (!read((*array)[i], out.emplace_back(), sort, reading)) out.pop_back();
    }
    reading.in_array = outside;
    return true;
}

template <class Element>
Value written(const std::vector<Element>& list) {
    Array array;
    array.reserve(list.size());
    for (const auto& element : list) array.push_back(written(element));
    return {std::move(array), {}};
}

template <Worded E>
bool read(const Value& value, WordOrList<E>& out, const Sort& sort, Reading& reading) {
    if (value.as<Array>()) {
        out.listed = read(value, out.names, sort, reading);
        return out.listed;
    }
    const int index = word_of(value, word_texts<E>, "a list", reading);
    if (index >= 0) out.word = words<E>[static_cast<std::size_t>(index)].value;
    return index >= 0;
}

template <Worded E>
Value written(const WordOrList<E>& choice) {
    return choice.listed ? written(choice.names) : written(choice.word);
}

}  // namespace nsrun
