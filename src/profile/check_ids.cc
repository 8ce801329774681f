#include "profile/check.h"

#include <fmt/format.h>
#include <nsrun/names.h>

#include <algorithm>
#include <cstdint>

namespace nsrun {
namespace {

constexpr std::size_t most_ranges = 340;             // user_namespaces(7): since Linux 4.15
constexpr std::uint64_t end_of_ids = 4294967295ULL;  // the last 32-bit number is not an id

/// One side of a range: the first id and the one after the last.
struct Side {
    std::uint64_t begin;
    std::uint64_t end;
    Span at;
};

void check_overlap(const List<IdRange>& ranges, std::uint32_t IdRange::*first, const char* side,
                   Diagnostics& diagnostics) {
    std::vector<Side> sides;
    for (const auto& range : ranges) {
        sides.push_back({(*range).*first, std::uint64_t{(*range).*first} + range->count, range.at});
    }
    std::ranges::stable_sort(sides, {}, &Side::begin);
    for (std::size_t i = 1; i < sides.size(); ++i) {
        const Side& lower = sides[i - 1];
        const Side& upper = sides[i];
        if (upper.begin >= lower.end) continue;
        diagnostics.error(Code::overlapping_ids, upper.at,
                          fmt::format("{} ids {} to {} overlap those of line {}, {} to {}", side, upper.begin,
                                      upper.end - 1, lower.at.line, lower.begin, lower.end - 1),
                          "move one of the two, or lower its count");
    }
}

void check_ranges(const List<IdRange>& ranges, const char* name, Diagnostics& diagnostics) {
    if (ranges.size() > most_ranges) {
        diagnostics.error(Code::out_of_range, ranges[most_ranges].at,
                          fmt::format("{} has {} ranges, the kernel takes {}", name, ranges.size(), most_ranges),
                          "join neighbouring ranges into one");
        return;
    }
    for (const auto& range : ranges) {
        const std::uint64_t first = std::max(range->inside, range->outside);
        if (first + range->count <= end_of_ids) continue;
        diagnostics.error(Code::out_of_range, range.at,
                          fmt::format("{} ids from {} exceed the last id, {}", range->count, first, end_of_ids - 1),
                          fmt::format("lower count to {}", end_of_ids - first));
    }
    check_overlap(ranges, &IdRange::inside, "inside", diagnostics);
    check_overlap(ranges, &IdRange::outside, "outside", diagnostics);
}

void check_map(const IdRules& ids, Diagnostics& diagnostics) {
    const bool explicit_map = *ids.map == IdMapping::explicit_;
    const auto check_list = [&](const List<IdRange>& ranges, const char* name) {
        if (explicit_map && ranges.empty()) {
            diagnostics.error(Code::missing_key, ids.map.at, fmt::format("map = \"explicit\" without {}", name),
                              fmt::format("add {} = [{{ inside = 0, outside = 100000, count = 65536 }}]", name));
        }
        if (!explicit_map && !ranges.empty()) {
            diagnostics.error(Code::conflict, ranges.front().at,
                              fmt::format("{} has no meaning with map = \"{}\"", name, spelling(*ids.map)),
                              "write map = \"explicit\"");
        }
        check_ranges(ranges, name, diagnostics);
    };
    check_list(ids.uid_map, "uid-map");
    check_list(ids.gid_map, "gid-map");
}

/// True when that id exists inside, as far as can be told without the machine.
bool mapped(const IdRules& ids, const List<IdRange>& ranges, std::int64_t id) {
    switch (*ids.map) {
        case IdMapping::self:
            return true;  // it must be the caller's: planning knows whose
        case IdMapping::root:
            return id == 0;
        case IdMapping::range:
            return id < 65536;
        case IdMapping::explicit_:
            break;
    }
    return std::ranges::any_of(ranges, [id](const auto& range) {
        return id >= range->inside && id < std::int64_t{range->inside} + range->count;
    });
}

void check_identity(const IdRules& ids, Diagnostics& diagnostics) {
    const auto check_id = [&](const Located<std::int64_t>& id, const List<IdRange>& ranges, const char* name) {
        if (*id < 0 || mapped(ids, ranges, *id)) return;
        const char* help = "write map = \"range\", which maps 0 to 65535";
        if (*ids.map == IdMapping::range) help = "write an id below 65536";
        if (*ids.map == IdMapping::explicit_) help = "add a range that holds it";
        diagnostics.error(
            Code::unmapped_id, id.at,
            fmt::format("{} {} does not exist inside: map = \"{}\" does not map it", name, *id, spelling(*ids.map)),
            help);
    };
    check_id(ids.uid, ids.uid_map, "uid");
    check_id(ids.gid, ids.gid_map, "gid");
}

void check_run_as(const Profile& profile, Diagnostics& diagnostics) {
    const IdRules& ids = profile.ids;
    if (ids.run_as->empty()) return;
    if (makes(profile, Namespace::user) || joined(profile, Namespace::user)) {
        diagnostics.error(Code::conflict, ids.run_as.at,
                          "run-as names a user of the host, but the sandbox has a user namespace",
                          "write uid and gid instead, or remove \"user\" from namespaces");
    }
    for (const auto* id : {&ids.uid, &ids.gid}) {
        if (!id->written()) continue;
        diagnostics.error(Code::conflict, id->at,
                          fmt::format("{} and run-as (line {}) contradict each other", id == &ids.uid ? "uid" : "gid",
                                      ids.run_as.at.line),
                          "keep one of the two");
    }
}

void check_capabilities(const SecurityRules& security, Diagnostics& diagnostics) {
    for (const auto& ambient : security.ambient) {
        const auto number = capability_number(*ambient);
        const bool held = std::ranges::any_of(
            security.capabilities, [number](const auto& name) { return capability_number(*name) == number; });
        if (held) continue;
        diagnostics.error(Code::conflict, ambient.at,
                          fmt::format("'{}' is ambient but not among capabilities", printable(*ambient)),
                          fmt::format("add \"{}\" to capabilities", printable(*ambient)));
    }
}

}  // namespace

void check_ids(const Profile& profile, Diagnostics& diagnostics) {
    const IdRules& ids = profile.ids;
    if (makes(profile, Namespace::user)) {
        check_map(ids, diagnostics);
        check_identity(ids, diagnostics);
    } else {
        const auto needs_user = [&](const Span& at, const char* name) {
            if (!at) return;
            diagnostics.error(Code::needs_namespace, at, fmt::format("{} needs its own user namespace", name),
                              joined(profile, Namespace::user) ? "remove it: a joined namespace has its own map"
                                                               : "add \"user\" to namespaces");
        };
        needs_user(ids.map.at, "ids.map");
        needs_user(ids.uid_map.empty() ? Span{} : ids.uid_map.front().at, "ids.uid-map");
        needs_user(ids.gid_map.empty() ? Span{} : ids.gid_map.front().at, "ids.gid-map");
    }
    check_run_as(profile, diagnostics);
    check_capabilities(profile.security, diagnostics);
}

}  // namespace nsrun
