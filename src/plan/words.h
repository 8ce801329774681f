#pragma once
#include <nsrun/document.h>
#include <nsrun/plan.h>

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// How the values of a plan read: as words of a line, and as values of a tree.
namespace nsrun {

/// A text as it stands in a line: in quotes, with escapes, when it would be misread otherwise.
std::string quoted_word(std::string_view text);
/// A short fingerprint, to tell two long values apart; not a cryptographic one.
std::string digest(std::string_view bytes);
std::string digest(const std::vector<sock_filter>& program);
std::string signal_word(int signal);
/// The names of signals; the real-time signals as one word when all are there.
std::vector<std::string> signal_words(const std::vector<int>& signals);
/// The name under which a line shows a field.
std::string_view shown_name(std::string_view field);

// A value in a line. `name` is the field's: securebits are shown as bits.
std::string word_of(std::string_view name, const std::string& text);
std::string word_of(std::string_view name, const std::vector<std::string>& texts);
std::string word_of(std::string_view name, const std::vector<std::uint32_t>& ids);
std::string word_of(std::string_view name, const std::vector<int>& numbers);
std::string word_of(std::string_view name, const std::vector<IdRange>& ranges);
std::string word_of(std::string_view name, const std::vector<Namespace>& kinds);
std::string word_of(std::string_view name, const MountAttributes& attributes);
std::string word_of(std::string_view name, const CapabilitySet& set);
std::string word_of(std::string_view name, ByteSize size);
std::string word_of(std::string_view name, BitRate rate);
std::string word_of(std::string_view name, FileMode mode);
std::string word_of(std::string_view name, Duration length);
std::string word_of(std::string_view, std::same_as<bool> auto flag) {
    return flag ? "true" : "false";
}
std::string word_of(std::string_view name, std::uint32_t number);
template <Worded E>
std::string word_of(std::string_view, E word) {
    return std::string(spelling(word));
}

/// True when a line is clearer without the value: an empty text or list, no attribute, no size or time, false. Numbers
/// always speak, and so do empty sets of ids and capabilities: "none" is worth reading there.
template <class T>
bool says_nothing(const T& value) {
    if constexpr (std::same_as<T, std::string> || std::same_as<T, std::vector<std::string>> ||
                  std::same_as<T, std::vector<Namespace>>) {
        return value.empty();
    } else if constexpr (std::same_as<T, bool>) {
        return !value;
    } else if constexpr (std::same_as<T, MountAttributes> || std::same_as<T, ByteSize> || std::same_as<T, Duration>) {
        return value == T{};
    } else {
        return false;
    }
}

// A value in a tree: everything, in full; sets as arrays of names.
Value value_of(std::string_view name, const std::string& text);
Value value_of(std::string_view name, const std::vector<std::string>& texts);
Value value_of(std::string_view name, const std::vector<std::uint32_t>& ids);
Value value_of(std::string_view name, const std::vector<int>& numbers);
Value value_of(std::string_view name, const std::vector<IdRange>& ranges);
Value value_of(std::string_view name, const std::vector<Namespace>& kinds);
Value value_of(std::string_view name, const std::vector<sock_filter>& program);
Value value_of(std::string_view name, const MountAttributes& attributes);
Value value_of(std::string_view name, const CapabilitySet& set);
Value value_of(std::string_view name, ByteSize size);
Value value_of(std::string_view name, BitRate rate);
Value value_of(std::string_view name, FileMode mode);
Value value_of(std::string_view name, Duration length);
Value value_of(std::string_view name, std::uint32_t number);
Value value_of(std::string_view, std::same_as<bool> auto flag) {
    return Value{bool{flag}, {}};
}
template <Worded E>
Value value_of(std::string_view, E word) {
    return Value{std::string(spelling(word)), {}};
}

}  // namespace nsrun
