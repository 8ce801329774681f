#pragma once
#include <nsrun/document.h>
#include <nsrun/profile.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The keys of profiles, as data: what keys.cc writes down once, for decoding, the manual, the schema, completion and
/// `nsrun keys`. Everything here is constant; nothing is built when a program starts.
namespace nsrun {

struct Key;
struct Reading;

/// One allowed word, and what it means.
struct WordText {
    std::string_view name;
    std::string_view meaning;
};

/// What is wrong with a value; an empty message: nothing.
struct Complaint {
    Code code = Code::wrong_type;
    std::string message;
    std::string help;

    explicit operator bool() const { return !message.empty(); }
};

/// What a value must be beyond being of its type. Rows name the sorts that they need.
struct Sort {
    std::int64_t least = INT64_MIN;  ///< of integers
    std::int64_t most = INT64_MAX;
    Complaint (*judge)(std::string_view text) = nullptr;       ///< of each text
    Complaint (*judge_name)(std::string_view text) = nullptr;  ///< of each name in a table of the user's own
    bool required = false;                                     ///< the table is wrong without it
    bool any_path = false;                                     ///< a path may be relative: what a link says
    bool repeats = false;                                      ///< the list may hold the same entry twice
    const char* shape = "";                                    ///< what such a text is, for the manual: "a host name"
    const char* pattern = "";                                  ///< of such texts, for the schema; empty: any
    std::span<const WordText> words{};                         ///< that complete such a text; others may be right too
};

/// The kinds of values that keys take.
enum class Kind : std::uint8_t {
    boolean,
    integer,
    text,
    path,
    path_rule,
    size,
    rate,
    duration,
    mode,
    word,          ///< one of the words
    word_or_list,  ///< one of the words, or a list of texts
    list,          ///< of elements
    entries,       ///< a table of the user's own names, to texts
    table,         ///< with keys of its own
    tables,        ///< an array of such tables
    settled,       ///< a structure that is gone before decoding; its schema is written by hand
};

/// The type of a key as data.
struct Shape {
    Kind kind = Kind::text;
    Kind element = Kind::text;          ///< of a list
    std::span<const WordText> words{};  ///< of a word, a word_or_list, a list of words
    std::span<const Key> keys{};        ///< of a table, tables, a list of tables
    Value (*blank)() = nullptr;         ///< such a table with every key at its default
    const Sort* sort = nullptr;
};

/// The name of a key, kept in the row itself: looking a key up touches no other memory.
class KeyName {
  public:
    template <std::size_t N>
    consteval KeyName(const char (&literal)[N]) : size_(N - 1) {  // NOLINT: a literal is a name
        static_assert(N > 1 && N <= sizeof letters_);
        for (std::size_t i = 0; i < N; ++i) letters_[i] = literal[i];
    }
    constexpr std::string_view view() const { return {letters_, size_}; }
    constexpr operator std::string_view() const { return view(); }  // NOLINT: it is one

  private:
    char letters_[23]{};
    std::uint8_t size_;
};

/// What people are told of a key.
struct KeyText {
    KeyName name;
    const char* summary;         ///< one sentence
    const char* details = "";    ///< paragraphs for the manual, separated by empty lines
    const char* example = "";    ///< a value in TOML that is not the default; empty for tables
    const char* otherwise = "";  ///< what holds when the key is not written and its default says nothing
};

/// A row: one key of one table. `decode` reads a value into a member of the struct at `owner`; `encode` is its inverse;
/// `place` is where the member was written, if it was. All are null for keys that are settled before decoding.
struct Key {
    KeyText text;
    void (*decode)(const Value& value, void* owner, Reading& reading);
    Value (*encode)(const void* owner);
    Span (*place)(const void* owner);
    const Shape* shape;

    constexpr std::string_view name() const { return text.name; }
    constexpr bool required() const { return shape->sort && shape->sort->required; }
};

/// The keys of the top level; those of tables hang below them.
std::span<const Key> profile_keys();

/// The row of a name; null when there is none.
const Key* find_key(std::span<const Key> keys, std::string_view name);

/// The row of a dotted path: "network.mode", "mount.size"; null when there is none.
const Key* find_key(std::string_view path);

/// Renders a profile's rules as a tree of what profiles write; every key is there, also those at their default.
Value to_value(const Profile& profile);

/// Reports the unknown keys of a table that is not decoded: a `[when."EXPR"]` section, whose values may still hold
/// variables.
void check_names(const Table& section, Diagnostics& diagnostics);

// ---- what people read; nothing of it is touched by a run ----

/// A key at its place: its dotted path, and its default as a tree.
struct PlacedKey {
    std::string path;
    const Key* key;
    Value fallback;
};

/// All keys, tables before what is in them, in the order of the table.
std::vector<PlacedKey> placed_keys();

/// What a key takes, in words: "a size", "one of the words above", "a list of paths".
std::string type_text(const Key& key);

/// The default of a key as TOML, or in words when it is said best so: "\"loopback\"", "the profile's name".
std::string default_text(const PlacedKey& placed);

/// Renders a value as TOML on one line.
std::string inline_toml(const Value& value);

/// Explains the keys whose path begins with `prefix`: in full, or a line each for all. Empty when there is none.
std::string explain_keys(std::string_view prefix);
/// The same as a tree: an array of {key, type, default, summary, details, example, words}.
Value explained_keys(std::string_view prefix);

/// A way to go on with a half-written KEY=VALUE of `--set`.
struct SettingCompletion {
    std::string text;  ///< "network.mode=", "network.mode=none"
    std::string_view meaning;
};
/// Completes "network.m" to keys, "network.mode=" to values.
std::vector<SettingCompletion> complete_setting(std::string_view begun);

}  // namespace nsrun
