#include "plan/id_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace nsrun {
namespace {

constexpr std::uint32_t usual_count = 65536;  // 0 to 65535, what `range` promises

std::uint64_t total(const std::vector<SubordinateRange>& ranges) {
    std::uint64_t sum = 0;
    for (const auto& range : ranges) sum += range.count;
    return sum;
}

/// The remedy for too few subordinate ids. Which ids are free only the administrator's file says.
std::string add_ids(const IdSide& side, const std::string& user, std::uint64_t count) {
    constexpr std::uint64_t first = 524288;
    return fmt::format("as root: usermod {} {}-{} {}, or another range that {} gives to nobody", side.option, first,
                       first + count - 1, user, side.file);
}

void too_few(const IdSide& side, const Span& at, const std::string& user, std::uint64_t requested,
             std::uint64_t available, std::string help, Diagnostics& diagnostics) {
    diagnostics.error(Code::not_enough_ids, at,
                      fmt::format("{} ids requested, {} available to {} in {}", requested, available, user, side.file),
                      std::move(help));
}

/// `count` ids from `first_inside`, out of as many subordinate ranges as that takes.
std::vector<IdRange> taken(const IdSide& side, std::uint32_t first_inside, std::uint32_t count) {
    std::vector<IdRange> ranges;
    for (const auto& range : *side.subordinate) {
        if (count == 0) break;
        if (range.count == 0 || range.first == 0) continue;  // the host's root is nobody's subordinate
        const std::uint32_t part = std::min(count, range.count);
        ranges.push_back({first_inside, range.first, part});
        first_inside += part;
        count -= part;
    }
    return ranges;
}

/// 0 to 65535. Of a user, 0 is himself, so that root inside owns his files; of root, all are subordinate, so that root
/// of the host is nobody inside.
std::vector<IdRange> usual_range(const Profile& profile, const HostFacts& facts, const IdSide& side,
                                 Diagnostics& diagnostics) {
    const bool root = maps_anything(facts);
    const std::uint32_t count = root ? usual_count : usual_count - 1;
    const auto& name = facts.context.caller.name;
    const std::uint64_t available = total(*side.subordinate);
    if (available < count) {
        too_few(side, profile.ids.map.at, name, count, available, add_ids(side, name, usual_count), diagnostics);
        return {};
    }
    auto ranges = taken(side, root ? 0 : 1, count);
    if (!root) ranges.insert(ranges.begin(), IdRange{0, side.own, 1});
    return ranges;
}

/// How many of the range's ids, from its first, the caller may map.
std::uint64_t permitted(const IdRange& range, const IdSide& side) {
    if (range.count == 1 && range.outside == side.own) return 1;
    std::uint64_t end = range.outside;
    for (bool grown = true; grown;) {
        grown = false;
        for (const auto& mine : *side.subordinate) {
            if (mine.first > end || end >= std::uint64_t{mine.first} + mine.count) continue;
            end = std::uint64_t{mine.first} + mine.count;
            grown = true;
        }
    }
    return std::min<std::uint64_t>(end - range.outside, range.count);
}

void check_permitted(const Located<IdRange>& range, const HostFacts& facts, const IdSide& side,
                     Diagnostics& diagnostics) {
    const auto& name = facts.context.caller.name;
    const std::uint64_t available = permitted(*range, side);
    if (available >= range->count) return;
    if (available > 0) {
        too_few(side, range.at, name, range->count, available, fmt::format("lower count to {}", available),
                diagnostics);
    } else if (side.subordinate->empty()) {
        too_few(side, range.at, name, range->count, 0, add_ids(side, name, range->count), diagnostics);
    } else {
        const auto& mine = side.subordinate->front();
        diagnostics.error(
            Code::bad_id, range.at,
            fmt::format("{} {} of the host is not {}'s to map", spelling(side.kind), range->outside, name),
            fmt::format("write outside = {}: {} gives {} {} ids from there", mine.first, side.file, name, mine.count));
    }
}

std::vector<IdRange> explicit_map(const Profile& profile, const HostFacts& facts, const IdSide& side,
                                  Diagnostics& diagnostics) {
    std::vector<IdRange> ranges;
    for (const auto& range : side.kind == IdKind::uid ? profile.ids.uid_map : profile.ids.gid_map) {
        if (!maps_anything(facts)) check_permitted(range, facts, side, diagnostics);
        ranges.push_back(*range);
    }
    return ranges;
}

}  // namespace

IdSide user_side(const HostFacts& facts) {
    return {IdKind::uid, facts.context.caller.uid, &facts.subuid,  "/etc/subuid",
            "newuidmap", &facts.newuidmap,         "--add-subuids"};
}

IdSide group_side(const HostFacts& facts) {
    return {IdKind::gid, facts.context.caller.gid, &facts.subgid,  "/etc/subgid",
            "newgidmap", &facts.newgidmap,         "--add-subgids"};
}

bool maps_anything(const HostFacts& facts) {
    constexpr std::uint64_t setgid = 1ULL << 6, setuid = 1ULL << 7;
    return facts.context.caller.has_sys_admin && (facts.capabilities & (setgid | setuid)) == (setgid | setuid);
}

std::vector<IdRange> wished_map(const Profile& profile, const HostFacts& facts, const IdSide& side,
                                Diagnostics& diagnostics) {
    switch (*profile.ids.map) {
        case IdMapping::self:
            return {{side.own, side.own, 1}};
        case IdMapping::root:
            return {{0, side.own, 1}};
        case IdMapping::range:
            return usual_range(profile, facts, side, diagnostics);
        case IdMapping::explicit_:
            return explicit_map(profile, facts, side, diagnostics);
    }
    return {};
}

std::optional<MapIds> map_step(const std::vector<IdRange>& ranges, const Profile& profile, const HostFacts& facts,
                               const IdSide& side, Diagnostics& diagnostics) {
    const bool own_only = ranges.size() == 1 && ranges[0].count == 1 && ranges[0].outside == side.own;
    if (own_only || maps_anything(facts)) return MapIds{side.kind, ranges, {}};

    const std::string wish = fmt::format("ids.map = \"{}\"", spelling(*profile.ids.map));
    if (side.helper->empty()) {
        diagnostics.error(Code::needs_helper, profile.ids.map.at,
                          fmt::format("{} needs {}, which is not installed", wish, side.helper_name),
                          "install the package uidmap (elsewhere: shadow-utils)");
        return std::nullopt;
    }
    if (facts.no_new_privileges) {
        diagnostics.error(
            Code::needs_helper, profile.ids.map.at,
            fmt::format("{} needs {}, which cannot work where no_new_privs is already set", wish, side.helper_name),
            "write ids.map = \"self\" or \"root\", or start nsrun without NoNewPrivileges");
        return std::nullopt;
    }
    return MapIds{side.kind, ranges, *side.helper};
}

std::vector<IdRange> read_map(std::string_view text) {
    std::vector<IdRange> ranges;
    const char* at = text.data();
    const char* const end = at + text.size();
    for (;;) {
        std::uint32_t numbers[3] = {};
        for (auto& number : numbers) {
            while (at != end && (*at == ' ' || *at == '\n')) ++at;
            const auto [next, error] = std::from_chars(at, end, number);
            if (error != std::errc{}) return ranges;
            at = next;
        }
        ranges.push_back({numbers[0], numbers[1], numbers[2]});
    }
}

}  // namespace nsrun
