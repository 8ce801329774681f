#include "plan/mount_passes.h"
#include "plan/mount_paths.h"

#include <fmt/format.h>

#include <algorithm>

/// The passes that lead targets through symbolic links.
namespace nsrun {

namespace {

struct PlannedLink {
    std::string path;
    std::string text;
    Rank rank;
};

/// The links that the wishes make, without nsrun's own where a stronger wish takes the place.
std::vector<PlannedLink> links_of(const MountWishes& wishes) {
    std::vector<PlannedLink> links;
    for (const MountWish& wish : wishes) {
        if (const auto* link = std::get_if<MakeSymlink>(&wish.what))
            links.push_back({link->path, link->target, wish.rank});
    }
    std::erase_if(links, [&](const PlannedLink& link) {
        return std::ranges::any_of(wishes, [&](const MountWish& wish) {
            // Hiding a link hides what it leads to, so it does not take the link's place.
            return wish.rank > link.rank && !std::get_if<Mask>(&wish.what) && target_of(wish) == link.path;
        });
    });
    return links;
}

/// The link that a path goes through first; null when none. `last`: the path's own last component counts, too.
const PlannedLink* first_on(const std::vector<PlannedLink>& links, const std::string& path, bool last) {
    const PlannedLink* first = nullptr;
    for (const PlannedLink& link : links) {
        if (!below(path, link.path) && !(last && path == link.path && link.rank < Rank::match)) continue;
        if (!first || link.path.size() < first->path.size()) first = &link;
    }
    return first;
}

}  // namespace

MountWishes follow_links(MountWishes wishes, Diagnostics& diagnostics) {
    const auto links = links_of(wishes);
    if (links.empty()) return wishes;
    for (MountWish& wish : wishes) {
        const bool last = std::get_if<Mask>(&wish.what) != nullptr;
        int followed = 0;
        while (const PlannedLink* link = first_on(links, target_of(wish), last)) {
            if (++followed > 40) {
                diagnostics.error(Code::bad_path, wish.why,
                                  fmt::format("the symbolic link {} leads in a circle", link->path),
                                  "let it lead to a path of its own");
                break;
            }
            move_to(wish, joined(link_target(parent(link->path), link->text), tail(target_of(wish), link->path)));
        }
    }
    return wishes;
}

MountWishes follow_host_links(MountWishes wishes, const std::string& root, Lookup& host) {
    if (root.empty()) return wishes;
    bool moved = false;
    std::string above;
    for (MountWish& wish : wishes) {
        const std::string& target = target_of(wish);
        // Below another wish the host's links do not count.
        if (!above.empty() && below(target, above)) continue;
        above = target;
        const std::string place = joined(root, target);
        const std::string_view real = is_mount(wish) ? host.real(place) : place;
        if (real == place || !below(real, root)) continue;
        move_to(wish, std::string(tail(real, root)));
        moved = true;
    }
    return moved ? sort_by_target(std::move(wishes)) : wishes;
}

}  // namespace nsrun
