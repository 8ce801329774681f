#include "plan/mount_passes.h"

#include "plan/arrange.h"
#include "plan/mount_paths.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace nsrun {

namespace {

auto position(const Span& span) {
    return std::tuple(span.source, span.line, span.column);
}

/// "(line 14)" when both places are in the same text; another text has a note of its own.
std::string line_beside(const Span& other, const Span& here) {
    return other.source == here.source && other.line != here.line ? fmt::format(" (line {})", other.line) : "";
}

}  // namespace

MountWishes sort_by_target(MountWishes wishes) {
    // Sorted are places: a wish is large, and most are in order already.
    struct Spot {
        std::string_view target;
        std::uint32_t wish;
    };
    std::vector<Spot> places;
    places.reserve(wishes.size());
    for (const MountWish& wish : wishes) places.push_back({target_of(wish), static_cast<std::uint32_t>(places.size())});
    const auto less = [&](const Spot& a, const Spot& b) {
        const auto order = path_order(a.target, b.target);
        if (order != 0) return order < 0;
        const MountWish &left = wishes[a.wish], &right = wishes[b.wish];
        return std::tuple(right.rank, position(left.why)) < std::tuple(left.rank, position(right.why));
    };
    if (std::ranges::is_sorted(places, less)) return wishes;
    std::ranges::stable_sort(places, less);
    std::vector<std::uint32_t> sources;
    sources.reserve(places.size());
    for (const Spot& place : places) sources.push_back(place.wish);
    arrange(wishes, std::move(sources));
    return wishes;
}

namespace {

void report_conflict(const MountWish& first, const MountWish& second, Diagnostics& diagnostics) {
    const std::string& target = target_of(second);
    const std::string here = described(second);
    const std::string there = described(first);
    const BindMount* left = bind_of(first);
    const BindMount* right = bind_of(second);
    const std::string line = line_beside(first.why, second.why);
    std::string message;
    if (there != here) {
        message = fmt::format("{} is both {}{} and {} here", target, there, line, here);
    } else if (left && right && left->source != right->source) {
        message = fmt::format("{} shows both {}{} and {} here", target, left->source, line, right->source);
    } else {
        message = fmt::format("{} is {}{} and differently so here", target, there, line);
    }
    diagnostics.error(Code::conflicting_mounts, second.why, std::move(message), "keep one of the two");
    if (first.why.source != second.why.source) {
        diagnostics.add(
            {Severity::note, Code::conflicting_mounts, first.why, fmt::format("{} is {} here", target, there), {}, {}});
    }
}

}  // namespace

MountWishes settle(MountWishes wishes, Diagnostics& diagnostics) {
    std::size_t kept = 0;
    std::vector<std::string> replaced;  // directories whose parts go with them
    for (std::size_t first = 0; first < wishes.size();) {
        const std::string& target = target_of(wishes[first]);
        std::size_t end = first + 1;
        MountWish& winner = wishes[first];
        while (end < wishes.size() && target_of(wishes[end]) == target) {
            const MountWish& other = wishes[end++];
            if (other.rank != winner.rank) continue;
            if (other.what == winner.what) {
                winner.optional = winner.optional && other.optional;
            } else if (winner.why || other.why) {
                report_conflict(winner, other, diagnostics);
            }
        }
        const std::size_t place = std::exchange(first, end);
        const bool gone = !winner.part_of.empty() && std::ranges::find(replaced, winner.part_of) != replaced.end();
        if (gone) continue;
        if (winner.rank >= Rank::match && winner.part_of.empty()) {
            if (target == "/etc" || target == "/dev") replaced.push_back(target);
        }
        if (kept != place) wishes[kept] = std::move(winner);
        ++kept;
    }
    wishes.erase(wishes.begin() + static_cast<std::ptrdiff_t>(kept), wishes.end());
    return wishes;
}

namespace {

/// True when `inner` shows what `outer` shows at that place, in the same way.
bool covers(const MountWish& outer, const MountWish& inner, Lookup& host) {
    const BindMount* out = bind_of(outer);
    const BindMount* in = bind_of(inner);
    if (!out || !in || !out->recursive || !in->recursive || out->handed || in->handed || inner.made) return false;
    if (out->access != in->access || out->attributes != in->attributes || out->propagation != in->propagation)
        return false;
    if (joined(out->source, tail(in->target, out->target)) != in->source) return false;
    const PathFact* fact = host.source(inner);
    return fact && fact->real == in->source;
}

}  // namespace

MountWishes drop_covered(MountWishes wishes, const MountRequest& request) {
    std::size_t kept = 0;
    std::vector<std::size_t> above;  // indices of kept wishes that the present one lies below
    for (MountWish& wish : wishes) {
        while (!above.empty() && !below(target_of(wish), target_of(wishes[above.back()]))) above.pop_back();
        if (!above.empty() && covers(wishes[above.back()], wish, request.host)) {
            const MountWish& outer = wishes[above.back()];
            if (outer.rank == Rank::rule && wish.rank == Rank::rule && outer.why.source == wish.why.source &&
                wish.why) {
                request.diagnostics.warning(Code::hidden_rule, wish.why,
                                            fmt::format("{} is already part of {}{}", target_of(wish), target_of(outer),
                                                        line_beside(outer.why, wish.why)),
                                            "remove it: it changes nothing");
            }
            continue;
        }
        above.push_back(kept);
        if (&wishes[kept] != &wish) wishes[kept] = std::move(wish);
        ++kept;
    }
    wishes.erase(wishes.begin() + static_cast<std::ptrdiff_t>(kept), wishes.end());
    return wishes;
}

MountWishes restrict_writable(MountWishes wishes, const MountRequest& request) {
    if (!*request.profile.filesystem.noexec_writable) return wishes;
    for (MountWish& wish : wishes) {
        if (auto* bind = bind_of(wish); bind && bind->access == Access::read_write) {
            bind->attributes.set |= MOUNT_ATTR_NOEXEC;
        } else if (auto* tmpfs = std::get_if<MountTmpfs>(&wish.what)) {
            tmpfs->attributes.set |= MOUNT_ATTR_NOEXEC;
        } else if (auto* overlay = std::get_if<MountOverlay>(&wish.what)) {
            overlay->attributes.set |= MOUNT_ATTR_NOEXEC;
        }
    }
    return wishes;
}

}  // namespace nsrun
