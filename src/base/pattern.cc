#include "base/pattern.h"

namespace nsrun {
namespace {

/// Where the bracket expression that begins `pattern` ends, past the `]`; 0 when it has no end.
std::size_t bracket_end(std::string_view pattern) {
    std::size_t i = 1;
    if (i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^')) ++i;
    if (i < pattern.size() && pattern[i] == ']') ++i;  // first of all, it is a member
    while (i < pattern.size() && pattern[i] != ']') ++i;
    return i < pattern.size() ? i + 1 : 0;
}

/// `bracket`: from `[` to `]`, both included.
bool in_bracket(std::string_view bracket, char character) {
    std::string_view members = bracket.substr(1, bracket.size() - 2);
    const bool negated = members.starts_with('!') || members.starts_with('^');
    if (negated) members.remove_prefix(1);
    const auto byte = [](char c) { return static_cast<unsigned char>(c); };
    bool found = false;
    for (std::size_t i = 0; i < members.size(); ++i) {
        if (i + 2 < members.size() && members[i + 1] == '-') {
            found = found || (byte(members[i]) <= byte(character) && byte(character) <= byte(members[i + 2]));
            i += 2;
        } else {
            found = found || members[i] == character;
        }
    }
    return found != negated;
}

/// The length of the pattern's first element when it matches `character`, else 0. Not for `*`.
std::size_t matches_one(std::string_view pattern, char character) {
    if (pattern.front() == '?') return 1;
    if (pattern.front() == '[') {
        const auto end = bracket_end(pattern);
        if (end != 0) return in_bracket(pattern.substr(0, end), character) ? end : 0;
    }
    if (pattern.front() == '\\' && pattern.size() > 1) return pattern[1] == character ? 2 : 0;
    return pattern.front() == character ? 1 : 0;
}

}  // namespace

bool matches(std::string_view pattern, std::string_view name) {
    // Only the last `*` is ever tried again: time is the product of the lengths at most.
    std::size_t p = 0, n = 0;
    std::size_t star = pattern.npos, retry = 0;
    while (n < name.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            retry = n;
            continue;
        }
        const std::size_t length = p < pattern.size() ? matches_one(pattern.substr(p), name[n]) : 0;
        if (length != 0) {
            p += length;
            ++n;
        } else if (star != pattern.npos) {
            p = star + 1;
            n = ++retry;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

bool is_pattern(std::string_view path) {
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (path[i] == '\\') {
            ++i;
        } else if (path[i] == '*' || path[i] == '?' || (path[i] == '[' && bracket_end(path.substr(i)) != 0)) {
            return true;
        }
    }
    return false;
}

}  // namespace nsrun
