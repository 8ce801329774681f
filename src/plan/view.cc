#include "plan/mount_paths.h"
#include "plan/mounts.h"

#include <algorithm>

namespace nsrun {

void View::add(std::string target, Place place, bool open) {
    insert({std::move(target), std::move(place), open, {}});
}

void View::add_link(std::string target, std::string text) {
    insert({std::move(target), {Place::Kind::own, {}, Access::read_only}, false, std::move(text)});
}

void View::insert(Entry entry) {
    // They come in the order of their targets, as a rule.
    if (entries_.empty() || path_less(entries_.back().target, entry.target)) {
        entries_.push_back(std::move(entry));
        return;
    }
    const auto at = std::ranges::lower_bound(entries_, std::string_view(entry.target), path_less, &Entry::target);
    if (at != entries_.end() && at->target == entry.target) {
        *at = std::move(entry);
    } else {
        entries_.insert(at, std::move(entry));
    }
}

const View::Entry* View::find(std::string_view target) const {
    const auto at = std::ranges::lower_bound(entries_, target, path_less, &Entry::target);
    return at != entries_.end() && at->target == target ? &*at : nullptr;
}

View::Place View::at(std::string_view sandbox_path) const {
    std::string path(sandbox_path);
    for (int followed = 0; followed <= 40; ++followed) {
        const Entry* deepest = nullptr;
        for (std::string_view above = path;; above = parent(above)) {
            deepest = find(above);
            if (deepest || above == "/") break;
        }
        if (!deepest) return {};
        if (!deepest->link.empty()) {
            path = joined(link_target(parent(deepest->target), deepest->link), tail(path, deepest->target));
            continue;
        }
        Place place = deepest->place;
        if (place.kind == Place::Kind::host) {
            place.host_path = joined(place.host_path, tail(path, deepest->target));
        } else if (path != deepest->target && !deepest->open) {
            place = {};
        }
        return place;
    }
    return {};
}

}  // namespace nsrun
