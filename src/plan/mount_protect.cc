#include "plan/mount_passes.h"
#include "plan/mount_paths.h"
#include "plan/pod.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

/// The pass that keeps the sandbox from writing its own rules: what it could put there would be obeyed at the next
/// start. What is listed of other sandboxes it does not even see.
namespace nsrun {

namespace {

/// A path of the host that no sandbox may write.
struct Kept {
    std::string path;
    std::string real;
    NodeKind kind = NodeKind::directory;
    bool homes = false;  ///< holds the sandboxes' own homes, which they do write
    bool exists = true;
    bool hidden = false;  ///< nor see
};

/// A part of the host's tree that the sandbox sees. Its texts are the wishes' and the facts'.
struct Shown {
    std::string_view source;
    std::string_view real;
    std::string_view target;
    Span why{};
    bool ours = false;
    MountAttributes attributes = plain_attributes;
    Access access = Access::read_write;
};

std::string join(std::string_view directory, std::string_view rest) {
    return fmt::format("{}/{}", directory, rest);
}

Kept kept_place(const MountRequest& request, std::string path, NodeKind kind) {
    const PathFact* fact = request.host.path(path);
    const bool exists = !fact || fact->kind != PathKind::absent;
    std::string real = fact && !fact->real.empty() ? fact->real : path;
    if (!exists) {
        const std::string above(parent(path));
        real = joined(request.host.real(above), tail(path, above));
    }
    return {.path = std::move(path), .real = std::move(real), .kind = kind, .exists = exists};
}

std::vector<Kept> kept_places(const MountRequest& request) {
    std::vector<Kept> kept;
    const auto add = [&](std::string path, NodeKind kind, bool homes) {
        kept.push_back(kept_place(request, std::move(path), kind));
        kept.back().homes = homes;
    };
    const Context& context = request.context;
    if (!context.config_home.empty()) add(join(context.config_home, "nsrun"), NodeKind::directory, false);
    if (!context.data_home.empty()) add(join(context.data_home, "nsrun"), NodeKind::directory, true);
    if (context.caller.uid == 0) add("/etc/nsrun", NodeKind::directory, false);
    for (const std::string& file : request.command.profile_files) {
        if (const auto path = normal(file)) add(*path, NodeKind::file, false);
    }
    // A drop-in that the sandbox leaves there would be read, too. Where there is no directory for it, the one that it
    // could be made in is kept: nothing is created for the sake of a rule.
    for (const std::string& directory : request.command.drop_ins) {
        const auto path = normal(directory);
        if (!path) continue;
        const PathFact* fact = request.host.path(*path);
        const bool absent = fact && fact->kind == PathKind::absent;
        const std::string above(parent(*path));
        const bool has_place = request.host.exists(above);
        add(absent && has_place ? above : *path, NodeKind::directory, false);
    }
    // What lies below another is kept with it.
    std::vector<Kept> result;
    for (const Kept& each : kept) {
        const bool inner = std::ranges::any_of(kept, [&](const Kept& other) { return below(each.real, other.real); });
        const bool known = std::ranges::any_of(result, [&](const Kept& other) { return other.path == each.path; });
        if (!inner && !known) result.push_back(each);
    }
    return result;
}

class Protection {
  public:
    Protection(const MountWishes& wishes, const MountRequest& request) : wishes_(wishes), request_(request) {}

    void protect(const Kept& kept, const Shown& place) {
        if (place.access == Access::read_only) {
            if (kept.hidden) hide(kept, place);
            return;
        }
        const bool inside = within(place.real, kept.real);
        if (inside && !(kept.homes && below(place.real, join(kept.real, "homes")))) return refuse(kept, place);
        if (inside || (place.ours && kept.homes)) return;
        if (leads_away(kept, place)) return refuse_link(kept, place);
        if (!below(kept.real, place.real)) return;
        const std::string target = joined(place.target, tail(kept.real, place.real));
        if (!shows(target, place)) return;
        // A directory that holds a mount point could still be moved away, and another put into its place: what has a
        // mount of its own cannot be moved.
        for (auto way = std::string(next_below(target, place.target)); way != target;
             way = std::string(next_below(target, way))) {
            const std::string source = joined(place.real, tail(way, place.target));
            if (place.real == "/" && !needs_pin(source)) continue;
            add({.what =
                     BindMount{
                         .source = source, .target = way, .access = Access::read_write, .attributes = place.attributes},
                 .why = place.why,
                 .made = true});
        }
        if (kept.hidden) return cover(kept, place, target);
        add({.what =
                 BindMount{.source = kept.real, .target = target, .kind = kept.kind, .attributes = plain_attributes},
             .why = place.why,
             .made = !kept.exists});
    }

    MountWishes take() { return std::move(added_); }

  private:
    /// Hides what is kept where the sandbox could only read it.
    void hide(const Kept& kept, const Shown& place) {
        // Of a pod a member sees the names of the others, in one file that nobody inside can change.
        const bool names = *request_.profile.network.mode == NetworkMode::pod && place.access == Access::read_only &&
                           place.source == pod_hosts(request_.profile, request_.context);
        if (names) return;
        if (within(place.real, kept.real)) {
            request_.diagnostics.error(Code::conflict, place.why,
                                       fmt::format("{} lists your running sandboxes, which no sandbox sees", kept.path),
                                       "remove it, or name another directory");
        } else if (below(kept.real, place.real)) {
            const std::string target = joined(place.target, tail(kept.real, place.real));
            if (shows(target, place)) cover(kept, place, target);
        }
    }

    void cover(const Kept& kept, const Shown& place, const std::string& target) {
        add({.what = Mask{target, kept.kind}, .why = place.why, .made = !kept.exists});
    }

    /// True when a directory's parent can be written by the caller, as far as its path tells.
    bool needs_pin(const std::string& path) const {
        return request_.context.caller.uid == 0 || below(path, request_.context.caller.home);
    }

    /// True when a link in the place that the sandbox writes is on the way to what is kept: it could be replaced.
    bool leads_away(const Kept& kept, const Shown& place) const {
        const bool home = place.source == "/" && request_.context.caller.uid != 0;
        const std::string_view from = home ? std::string_view(request_.context.caller.home) : place.source;
        if (!below(kept.path, from)) return false;
        const std::string_view real = place.source == from ? place.real : request_.host.real(from);
        return !below(kept.real, real) || tail(kept.real, real) != tail(kept.path, from);
    }

    /// True when `place` is what shows at `target`, and no deeper wish.
    bool shows(const std::string& target, const Shown& place) const {
        const auto after = std::ranges::upper_bound(wishes_, target, path_less, target_of);
        for (auto each = after; each != wishes_.begin();) {
            --each;
            if (within(target, target_of(*each))) return target_of(*each) == place.target && place.target != "/";
        }
        return place.target == "/";
    }

    void refuse(const Kept& kept, const Shown& place) {
        request_.diagnostics.error(
            Code::writable_profile, place.why,
            fmt::format("the sandbox could write {}, which decides about the sandbox", kept.path),
            "make it read-only, or name a narrower directory");
    }

    void refuse_link(const Kept& kept, const Shown& place) {
        request_.diagnostics.error(
            Code::writable_profile, place.why,
            fmt::format("{} goes through a symbolic link that the sandbox could replace, and decides about the sandbox",
                        kept.path),
            fmt::format("make {} read-only, or move what decides to {} without a link", place.target, kept.path));
    }

    void add(MountWish wish) {
        const auto same = [&](const MountWish& other) { return target_of(other) == target_of(wish); };
        const auto at = std::ranges::lower_bound(wishes_, target_of(wish), path_less, target_of);
        if ((at != wishes_.end() && same(*at)) || std::ranges::any_of(added_, same)) return;
        added_.push_back(std::move(wish));
    }

    const MountWishes& wishes_;
    const MountRequest& request_;
    MountWishes added_;
};

/// The directory of running sandboxes, where there is one.
std::optional<Kept> hidden_place(const MountRequest& request) {
    if (request.context.registry.empty() || request.host.registry() == RegistryState::none) return std::nullopt;
    Kept kept = kept_place(request, request.context.registry, NodeKind::directory);
    kept.hidden = true;
    return kept;
}

/// What the sandbox can write, and what else shows it a part of what is hidden.
std::vector<Shown> shown_places(const MountWishes& wishes, const std::string& root, const std::optional<Kept>& hidden,
                                const MountRequest& request) {
    std::vector<Shown> places;
    const auto matters = [&](std::string_view real, Access access) {
        if (access == Access::read_write) return true;
        return hidden && (within(real, hidden->real) || below(hidden->real, real));
    };
    const auto& base = request.profile.filesystem.base;
    const Access access = *base == Base::host ? Access::read_write : Access::read_only;
    if (root == "/" && matters(root, access)) {
        places.push_back({.source = "/", .real = "/", .target = "/", .why = base.at, .access = access});
    }
    const auto add_overlay = [&](const MountOverlay& overlay, const Span& why) {
        for (const std::string& lower : overlay.lower) {
            const auto real = request.host.real(lower);
            if (!matters(real, Access::read_only)) continue;
            places.push_back({lower, real, overlay.target, why, false, {}, Access::read_only});
        }
    };
    for (const MountWish& wish : wishes) {
        if (const auto* overlay = std::get_if<MountOverlay>(&wish.what)) add_overlay(*overlay, wish.why);
        const BindMount* bind = bind_of(wish);
        if (!bind || wish.part_of == "/dev" || bind->source == "/dev") continue;
        const auto real = request.host.real_source(wish);
        if (!matters(real, bind->access)) continue;
        places.push_back({bind->source, real, bind->target, wish.why, wish.ours, bind->attributes, bind->access});
    }
    return places;
}

}  // namespace

MountWishes protect_configuration(MountWishes wishes, const std::string& root, const MountRequest& request) {
    auto hidden = hidden_place(request);
    const std::vector<Shown> places = shown_places(wishes, root, hidden, request);
    if (places.empty()) return wishes;
    const bool writes = std::ranges::find(places, Access::read_write, &Shown::access) != places.end();
    std::vector<Kept> all = writes ? kept_places(request) : std::vector<Kept>();
    if (hidden) all.push_back(*std::move(hidden));
    Protection protection(wishes, request);
    for (const Kept& kept : all) {
        for (const Shown& place : places) protection.protect(kept, place);
    }
    MountWishes added = protection.take();
    if (added.empty()) return wishes;
    wishes.insert(wishes.end(), std::make_move_iterator(added.begin()), std::make_move_iterator(added.end()));
    return sort_by_target(std::move(wishes));
}

}  // namespace nsrun
