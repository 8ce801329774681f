#include "plan/mount_passes.h"
#include "plan/mount_paths.h"

#include <fmt/format.h>

/// The pass that adds mount points.
namespace nsrun {

namespace {

/// What already shows where the next wish goes.
struct Ground {
    enum class Kind : std::uint8_t {
        own,    ///< a file system of the sandbox's own: what is missing is made
        host,   ///< the host's tree: nothing is made
        ours,   ///< a directory that nsrun made on the host: what is missing is made
        fixed,  ///< a file system of the kernel's: nothing can be made
        leaf,   ///< no directory
    } kind = Kind::own;
    std::string target;
    std::string host;  ///< the host's path of what shows, for host, ours, and fixed where it has one
    std::uint32_t uid = 0, gid = 0;
    Span why{};
};

/// Where the profile names the place.
const Span& place_of_target(const MountWish& wish) {
    if (wish.row && wish.row->target.written()) return wish.row->target.at;
    return wish.row && wish.row->source.written() ? wish.row->source.at : wish.why;
}

class MountPoints {
  public:
    /// `wishes`: how many will be added.
    MountPoints(const std::string& root, const MountRequest& request, std::size_t wishes) : request_(request) {
        result_.reserve(wishes + 64);  // and for the directories above them
        Ground ground{.kind = root.empty() ? Ground::Kind::own : Ground::Kind::host, .target = "/", .host = root};
        ground.uid = request.identity.builder_uid;
        ground.gid = request.identity.builder_gid;
        grounds_.push_back(std::move(ground));
    }

    /// Adds `wish`, taking it over, with all that it needs. `next`: where the next one goes.
    void add(MountWish& wish, std::string_view next) {
        const std::string target = target_of(wish);
        while (grounds_.size() > 1 && !within(target, grounds_.back().target)) grounds_.pop_back();
        if (!prepare(wish, target)) return;
        if (const auto* mask = std::get_if<Mask>(&wish.what); mask && below(next, target) && mask->kind == NodeKind::directory) {
            // Something shows inside of what is hidden: an empty directory that can be looked into.
            wish.what = MountTmpfs{.target = target,
                                   .uid = request_.identity.builder_uid,
                                   .gid = request_.identity.builder_gid,
                                   .access = Access::read_only,
                                   .attributes = kernel_attributes};
        }
        if (within(next, target)) enter(wish, target);
        result_.push_back(std::move(wish));
    }

    MountWishes take() { return std::move(result_); }

  private:
    /// Sees to it that `wish` can be carried out; false when it is dropped.
    bool prepare(MountWish& wish, const std::string& target) {
        const Ground& ground = grounds_.back();
        switch (ground.kind) {
            case Ground::Kind::own:
                return prepare_own(wish, target);
            case Ground::Kind::ours:
                return prepare_ours(wish, target);
            case Ground::Kind::host:
            case Ground::Kind::fixed:
                return prepare_host(wish, target, Ground(ground));
            case Ground::Kind::leaf:
                break;
        }
        if (ground.target == target) return true;  // its mount point, made before
        const bool beside = ground.why && ground.why.source == wish.why.source;
        request_.diagnostics.error(Code::conflicting_mounts, place_of_target(wish),
                                   fmt::format("{} lies below {}, which is no directory{}", target, ground.target,
                                               beside ? fmt::format(" (line {})", ground.why.line) : ""),
                                   beside ? "keep one of the two" : "name a path outside of it");
        return false;
    }

    bool prepare_own(MountWish& wish, const std::string& target) {
        if (grounds_.back().target == target) return true;  // its mount point, made before
        // In a new file system there is nothing to hide.
        if (std::get_if<Mask>(&wish.what)) return false;
        make_parents(target, wish.why);
        if (is_mount(wish)) {
            add_point(wish, kind_of(wish));
        } else {
            own(wish);
        }
        return true;
    }

    bool prepare_ours(MountWish& wish, const std::string& target) {
        // Down to the first directory that is missing; from there on everything is new.
        while (target != grounds_.back().target) {
            const Ground& ground = grounds_.back();
            const std::string next(next_below(target, ground.target));
            const std::string place = joined(ground.host, tail(next, ground.target));
            if (const PathFact* fact = request_.host.path(place);
                !request_.host.noting() && (!fact || (fact->kind == PathKind::absent && fact->link.empty()))) {
                return make_ours(wish, target);
            }
            if (next == target) return prepare_host(wish, target, Ground(ground));
            grounds_.push_back({.kind = Ground::Kind::ours,
                                .target = next,
                                .host = place,
                                .uid = ground.uid,
                                .gid = ground.gid,
                                .why = ground.why});
        }
        return true;
    }

    bool make_ours(MountWish& wish, const std::string& target) {
        if (std::get_if<Mask>(&wish.what)) return false;
        make_parents(target, wish.why);
        if (is_mount(wish)) {
            add_point(wish, kind_of(wish));
        } else if (auto* file = std::get_if<MakeFile>(&wish.what)) {
            // The content is the profile's, not the directory's: it covers an empty file that stays.
            add_point(wish, NodeKind::file);
            file->over = true;
            own(wish);
        } else {
            own(wish);
        }
        return true;
    }

    bool prepare_host(MountWish& wish, const std::string& target, const Ground& ground) {
        const std::string place = ground.host.empty() ? "" : joined(ground.host, tail(target, ground.target));
        const PathFact* fact = place.empty() ? nullptr : request_.host.path(place);
        const bool unknown = request_.host.noting() || (!fact && !place.empty());
        const bool absent = place.empty() || (fact && fact->kind == PathKind::absent);
        const bool directory = fact && fact->kind == PathKind::directory;
        if (auto* link = std::get_if<MakeSymlink>(&wish.what)) {
            if (unknown || (fact && fact->link == link->target)) return false;
            return miss(wish, target, place, ground);
        }
        // What nsrun makes on the host before the sandbox begins is there by then.
        const BindMount* bind = bind_of(wish);
        if (wish.made && bind && bind->source == place) return true;
        if (wish.made && std::get_if<Mask>(&wish.what)) return true;
        if (absent && !unknown) return miss(wish, target, place, ground);
        if (std::get_if<MakeDirectory>(&wish.what)) return directory ? false : !miss(wish, target, place, ground);
        if (auto* mask = std::get_if<Mask>(&wish.what)) {
            if (fact) mask->kind = directory ? NodeKind::directory : NodeKind::file;
            return true;
        }
        if (auto* file = std::get_if<MakeFile>(&wish.what)) {
            file->over = true;
            own(wish);
        }
        if (fact && directory != (kind_of(wish) == NodeKind::directory)) return misfit(wish, target, directory);
        return true;
    }

    bool miss(const MountWish& wish, const std::string& target, const std::string& place, const Ground& ground) {
        // What nsrun adds by itself it adds where there is room for it.
        if (wish.optional || (wish.rank <= Rank::home && (!wish.why || !is_mount(wish)))) return false;
        if (std::get_if<Mask>(&wish.what)) {
            request_.diagnostics.error(Code::missing_source, wish.why, fmt::format("{} does not exist", target),
                                       fmt::format("remove it, or write \"-{}\" to run without it", target));
            return false;
        }
        const PathFact* fact = place.empty() ? nullptr : request_.host.path(place);
        if (fact && fact->kind != PathKind::absent) {
            request_.diagnostics.error(Code::missing_target, place_of_target(wish),
                                       fmt::format("{} is on the host already, and is something else", target),
                                       "name a path that the host does not have");
        } else if (ground.kind == Ground::Kind::host) {
            request_.diagnostics.error(
                Code::missing_target, place_of_target(wish),
                fmt::format("{} does not exist: {} shows the host's {}, where nothing is created", target,
                            ground.target, ground.host),
                fmt::format("create {} on the host", place));
        } else {
            request_.diagnostics.error(
                Code::missing_target, place_of_target(wish),
                fmt::format("{} cannot be created in the kernel's file system at {}", target, ground.target),
                "name a path outside of it");
        }
        return false;
    }

    bool misfit(const MountWish& wish, const std::string& target, bool directory) {
        request_.diagnostics.error(
            Code::missing_target, place_of_target(wish),
            fmt::format("{} is {} on the host, and cannot be covered with {}", target,
                        directory ? "a directory" : "a file", directory ? "a file" : "a directory"),
            "name another target");
        return false;
    }

    static NodeKind kind_of(const MountWish& wish) {
        if (const BindMount* bind = bind_of(wish)) return bind->kind;
        return std::get_if<MakeFile>(&wish.what) ? NodeKind::file : NodeKind::directory;
    }

    /// What is made belongs to whom the place belongs.
    void own(MountWish& wish) const {
        const Ground& ground = grounds_.back();
        if (auto* file = std::get_if<MakeFile>(&wish.what)) {
            file->uid = ground.uid;
            file->gid = ground.gid;
        } else if (auto* directory = std::get_if<MakeDirectory>(&wish.what)) {
            directory->uid = ground.uid;
            directory->gid = ground.gid;
        }
    }

    void add_point(MountWish& wish, NodeKind kind) const {
        wish.point = MountPoint{kind, grounds_.back().uid, grounds_.back().gid};
    }

    /// Makes the directories between what shows and the parent of `target`, and goes down into them.
    void make_parents(const std::string& target, const Span& why) {
        while (true) {
            const Ground& ground = grounds_.back();
            std::string next(next_below(target, ground.target));
            if (next.size() == target.size()) return;
            MountWish made{.what = MakeDirectory{.path = next}, .why = why};
            own(made);
            result_.push_back(std::move(made));
            grounds_.push_back({.kind = Ground::Kind::own,
                                .target = std::move(next),
                                .host = {},
                                .uid = ground.uid,
                                .gid = ground.gid,
                                .why = why});
        }
    }

    /// Remembers what shows at a wish's target from now on.
    void enter(const MountWish& wish, const std::string& target) {
        Ground next{.kind = Ground::Kind::own, .target = target, .host = {}, .why = wish.why};
        next.uid = grounds_.back().uid;
        next.gid = grounds_.back().gid;
        if (const BindMount* bind = bind_of(wish)) {
            next.kind = wish.ours ? Ground::Kind::ours : Ground::Kind::host;
            next.host = bind->source;
            if (wish.ours) {
                next.uid = request_.identity.uid;
                next.gid = request_.identity.gid;
            }
            if (bind->kind == NodeKind::file) next.kind = Ground::Kind::leaf;
        } else if (const auto* tmpfs = std::get_if<MountTmpfs>(&wish.what)) {
            next.uid = tmpfs->uid;
            next.gid = tmpfs->gid;
        } else if (const auto* mount = std::get_if<MountKernelFs>(&wish.what)) {
            next.kind = Ground::Kind::fixed;
            if (mount->type == "proc") next.host = "/proc";
            if (mount->type == "sysfs") next.host = "/sys";
        } else if (const auto* overlay = std::get_if<MountOverlay>(&wish.what)) {
            const bool kept = !overlay->upper.empty() || (overlay->attributes.set & MOUNT_ATTR_RDONLY) != 0;
            next.kind = kept ? Ground::Kind::host : Ground::Kind::ours;
            next.host = overlay->lower.front();
        } else if (!std::get_if<MakeDirectory>(&wish.what)) {
            next.kind = Ground::Kind::leaf;
            if (const auto* mask = std::get_if<Mask>(&wish.what); mask && mask->kind == NodeKind::directory) return;
        }
        grounds_.push_back(std::move(next));
    }

    const MountRequest& request_;
    std::vector<Ground> grounds_;  ///< from the root down to where the last wish went
    MountWishes result_;
};

}  // namespace

MountWishes add_mount_points(MountWishes wishes, const std::string& root, const MountRequest& request) {
    MountPoints points(root, request, wishes.size());
    for (std::size_t i = 0; i < wishes.size(); ++i) {
        points.add(wishes[i], i + 1 < wishes.size() ? std::string_view(target_of(wishes[i + 1])) : std::string_view());
    }
    return points.take();
}

}  // namespace nsrun
