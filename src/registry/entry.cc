#include "registry/registry.h"

#include <charconv>

/// The text of an entry: a word and its value on each line, the first process last, so that a text that holds one is whole.
namespace nsrun::registry {
namespace {

template <class Number>
Number number(std::string_view digits) {
    Number value = 0;
    const char* const end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, value);
    return read.ec == std::errc{} && read.ptr == end ? value : 0;
}

}  // namespace

std::string to_text(const Entry& entry) {
    std::string text;
    text.reserve(256);
    const auto line = [&](std::string_view word, std::string_view value) {
        text.append(word).append(" ").append(value).append("\n");
    };
    line("name", entry.name);
    line("launcher", fmt::format_int(entry.launcher).str());
    line("init", entry.init ? "true" : "false");
    for (const auto& own : entry.namespaces) line(spelling(own.kind), fmt::format_int(own.inode).str());
    line("first", fmt::format_int(entry.first).str());
    return text;
}

Entry parse_entry(std::string_view text) {
    Entry entry;
    while (!text.empty()) {
        const auto end = text.find('\n');
        if (end == text.npos) break;  // it breaks off here
        const auto line = text.substr(0, end);
        text.remove_prefix(end + 1);
        const auto space = line.find(' ');
        if (space == line.npos) continue;
        const auto word = line.substr(0, space), value = line.substr(space + 1);
        if (word == "name") {
            entry.name = value;
        } else if (word == "launcher") {
            entry.launcher = number<std::uint32_t>(value);
        } else if (word == "init") {
            entry.init = value == "true";
        } else if (word == "first") {
            entry.first = number<std::uint32_t>(value);
        } else if (const auto kind = from_spelling<Namespace>(word)) {
            entry.namespaces.push_back({*kind, number<std::uint64_t>(value)});
        }
    }
    return entry;
}

}  // namespace nsrun::registry
