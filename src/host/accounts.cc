#include "host/accounts.h"

#include "host/tool.h"

#include <base/file.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace nsrun {
namespace {

/// Machines with more than this in /etc/passwd keep their users elsewhere.
constexpr std::size_t largest_database = 16 * 1024 * 1024;

/// 4294967295 stands for "no id" in the kernel.
constexpr std::uint32_t no_id = 0xffffffff;

std::optional<std::uint32_t> number(std::string_view text) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

template <std::size_t count>
std::optional<std::array<std::string_view, count>> fields(std::string_view line) {
    std::array<std::string_view, count> parts;
    for (std::size_t i = 0; i + 1 < count; ++i) {
        const auto colon = line.find(':');
        if (colon == line.npos) return std::nullopt;
        parts[i] = line.substr(0, colon);
        line.remove_prefix(colon + 1);
    }
    parts[count - 1] = line;
    return parts;
}

/// Calls `visit` with each line until it returns false.
template <class Visit>
void each_line(std::string_view text, Visit visit) {
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        if (!visit(text.substr(0, end))) return;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

/// True for a name that a user database may hold and a command line can carry.
bool askable(std::string_view name) {
    return !name.empty() && name.size() <= 256 && name.front() != '-' &&
           name.find_first_of(std::string_view(":\n/\0", 4)) == name.npos &&
           name.find_first_not_of("0123456789") != name.npos;
}

}  // namespace

std::optional<Account> parse_user(std::string_view line) {
    const auto parts = fields<7>(line);
    if (!parts || (*parts)[0].empty() || line.front() == '#' || line.front() == '+' || line.front() == '-') return {};
    const auto uid = number((*parts)[2]);
    const auto gid = number((*parts)[3]);
    if (!uid || !gid || *uid == no_id || *gid == no_id) return {};
    return Account{*uid,
                   std::string((*parts)[0]),
                   *gid,
                   std::string((*parts)[5]),
                   std::string((*parts)[6]),
                   std::string((*parts)[4])};
}

std::optional<Account> parse_group(std::string_view line) {
    const auto parts = fields<4>(line);
    if (!parts || (*parts)[0].empty() || line.front() == '#' || line.front() == '+' || line.front() == '-') return {};
    const auto gid = number((*parts)[2]);
    if (!gid || *gid == no_id) return {};
    Account group;
    group.id = *gid;
    group.name = (*parts)[0];
    return group;
}

std::vector<SubordinateRange> parse_subordinate(std::string_view text, std::string_view name, std::uint32_t id) {
    std::vector<SubordinateRange> ranges;
    each_line(text, [&](std::string_view line) {
        const auto parts = fields<3>(line);
        if (!parts) return true;
        const auto [owner, first_text, count_text] = *parts;
        if (owner != name && number(owner) != id) return true;
        const auto first = number(first_text);
        const auto count = number(count_text);
        // The last id must be one too: a range that wraps, or reaches the reserved id, is not a range.
        if (first && count && *count > 0 && std::uint64_t{*first} + *count <= no_id) ranges.push_back({*first, *count});
        return true;
    });
    return ranges;
}

const std::string& Accounts::text() {
    if (!text_) {
        auto read = read_file(kind_ == Kind::users ? "/etc/passwd" : "/etc/group", largest_database);
        text_ = read ? std::move(*read) : std::string();
    }
    return *text_;
}

std::optional<Account> Accounts::parse(std::string_view line) const {
    return kind_ == Kind::users ? parse_user(line) : parse_group(line);
}

std::optional<Account> Accounts::ask(std::string key) const {
    const auto answer = ask_tool({"/usr/bin/getent", kind_ == Kind::users ? "passwd" : "group", "--", std::move(key)});
    if (!answer) return std::nullopt;
    return parse(std::string_view(*answer).substr(0, answer->find('\n')));
}

std::optional<Account> Accounts::with_id(std::uint32_t id) {
    std::optional<Account> found;
    each_line(text(), [&](std::string_view line) {
        found = parse(line);
        if (found && found->id != id) found.reset();
        return !found;
    });
    if (found) return found;
    found = ask(fmt::format_int(id).str());
    return found && found->id == id ? found : std::nullopt;
}

std::optional<Account> Accounts::named(std::string_view name) {
    if (!askable(name)) return std::nullopt;
    std::optional<Account> found;
    each_line(text(), [&](std::string_view line) {
        // Most lines are dismissed by their beginning alone.
        if (line.size() > name.size() && line[name.size()] == ':' && line.starts_with(name)) found = parse(line);
        return !found;
    });
    if (found) return found;
    found = ask(std::string(name));
    return found && found->name == name ? found : std::nullopt;
}

std::vector<Account> Accounts::all() {
    std::vector<Account> list;
    each_line(text(), [&](std::string_view line) {
        if (auto account = parse(line)) list.push_back(std::move(*account));
        return true;
    });
    return list;
}

}  // namespace nsrun
