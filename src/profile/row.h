#pragma once
#include "profile/decode.h"

/// Makes rows of the key table from members: `key<&MountRule::size>({.name = "size", ...})`.
namespace nsrun {

inline constexpr Sort plain{};

/// A table of rules with every key at its default.
template <Rules T>
Value blank() {
    return written(T{});
}

/// The shape of a member's type.
template <class T>
struct ShapeOf {
    static constexpr Shape of(const Sort& sort) {
        if constexpr (std::same_as<T, bool>) return {.kind = Kind::boolean, .sort = &sort};
        if constexpr (std::integral<T> && !std::same_as<T, bool>) return {.kind = Kind::integer, .sort = &sort};
        if constexpr (std::same_as<T, std::string>) return {.kind = Kind::text, .words = sort.words, .sort = &sort};
        if constexpr (std::same_as<T, Path>) return {.kind = Kind::path, .sort = &sort};
        if constexpr (std::same_as<T, PathRule>) return {.kind = Kind::path_rule, .sort = &sort};
        if constexpr (std::same_as<T, PublishRule>) return {.kind = Kind::text, .sort = &sort};
        if constexpr (std::same_as<T, ByteSize>) return {.kind = Kind::size, .sort = &sort};
        if constexpr (std::same_as<T, BitRate>) return {.kind = Kind::rate, .sort = &sort};
        if constexpr (std::same_as<T, Duration>) return {.kind = Kind::duration, .sort = &sort};
        if constexpr (std::same_as<T, FileMode>) return {.kind = Kind::mode, .sort = &sort};
        if constexpr (Worded<T>) return {.kind = Kind::word, .words = word_texts<T>, .sort = &sort};
        if constexpr (Rules<T>) return {.kind = Kind::table, .keys = keys_of<T>, .blank = &blank<T>, .sort = &sort};
    }
};
template <class T>
struct ShapeOf<Located<T>> : ShapeOf<T> {};
template <class E>
struct ShapeOf<WordOrList<E>> {
    static constexpr Shape of(const Sort& sort) {
        return {.kind = Kind::word_or_list, .element = Kind::text, .words = word_texts<E>, .sort = &sort};
    }
};
template <class T>
struct ShapeOf<std::vector<T>> {
    static constexpr Shape of(const Sort& sort) {
        if constexpr (std::same_as<T, Entry>) {
            return {.kind = Kind::entries, .sort = &sort};
        } else if constexpr (Rules<T>) {
            return {.kind = Kind::tables, .keys = keys_of<T>, .blank = &blank<T>, .sort = &sort};
        } else {
            Shape shape = ShapeOf<T>::of(sort);
            shape.element = shape.kind;
            shape.kind = Kind::list;
            return shape;
        }
    }
};

/// Takes a pointer to member apart.
template <class T>
struct MemberOf;
template <class O, class T>
struct MemberOf<T O::*> {
    using Owner = O;
    using Type = T;
};

template <auto Member, const Sort& S>
void decode_member(const Value& value, void* owner, Reading& reading) {
    read(value, static_cast<typename MemberOf<decltype(Member)>::Owner*>(owner)->*Member, S, reading);
}

template <auto Member>
Value encode_member(const void* owner) {
    return written(static_cast<const typename MemberOf<decltype(Member)>::Owner*>(owner)->*Member);
}

template <class T>
Span place_of(const Located<T>& located) {
    return located.at;
}
template <class T>
Span place_of(const std::vector<Located<T>>& list) {
    return list.empty() ? Span{} : list.front().at;
}
inline Span place_of(const Entries& entries) {
    return entries.empty() ? Span{} : entries.front().key.at;
}
/// Of tables that know their place: [[mount]], [[network.interface]].
template <class T>
    requires requires(const T& table) { table.at; }
Span place_of(const std::vector<T>& tables) {
    return tables.empty() ? Span{} : tables.front().at;
}
template <class T>
Span place_of(const T&) {
    return {};
}

template <auto Member>
Span member_place(const void* owner) {
    return place_of(static_cast<const typename MemberOf<decltype(Member)>::Owner*>(owner)->*Member);
}

template <auto Member, const Sort& S>
inline constexpr Shape shape_of_member = ShapeOf<typename MemberOf<decltype(Member)>::Type>::of(S);

/// The row of a member: its type says how it is read; `S` what it must be beyond that.
template <auto Member, const Sort& S = plain>
consteval Key key(const KeyText& text) {
    return {text, &decode_member<Member, S>, &encode_member<Member>, &member_place<Member>,
            &shape_of_member<Member, S>};
}

// ---- counting members, so that no member goes without a row ----

/// Converts to anything, in unevaluated contexts.
struct Anything {
    template <class T>
    operator T() const;  // NOLINT: that is its purpose
};

template <class T, class... Parts>
consteval std::size_t member_count() {
    if constexpr (requires { T{Parts{}..., Anything{}}; }) {
        return member_count<T, Parts..., Anything>();
    } else {
        return sizeof...(Parts);
    }
}

/// True when every member of Rules has a row of its own, except `others` that are not keys.
template <class T>
consteval bool complete(std::span<const Key> keys, std::size_t others = 0) {
    std::size_t rows = 0;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (!keys[i].encode) continue;
        ++rows;
        for (std::size_t j = 0; j < i; ++j) {
            if (keys[i].decode == keys[j].decode || keys[i].name() == keys[j].name()) return false;
        }
    }
    return rows + others == member_count<T>();
}

}  // namespace nsrun
