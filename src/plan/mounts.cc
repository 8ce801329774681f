#include "plan/mounts.h"

#include "plan/ids.h"
#include "plan/mount_expand.h"
#include "plan/mount_passes.h"
#include "plan/mount_paths.h"
#include "plan/registry.h"

#include <fmt/format.h>

#include <algorithm>

namespace nsrun {

namespace {

/// Runs every pass: what remains can be carried out in its order.
MountWishes plan_tree(const MountRequest& request, const std::string& root) {
    MountWishes wishes = check_sources(expand(request), request);
    wishes = sort_by_target(follow_links(std::move(wishes), request.diagnostics));
    wishes = follow_host_links(std::move(wishes), root, request.host);
    wishes = settle(std::move(wishes), request.diagnostics);
    wishes = drop_covered(std::move(wishes), request);
    wishes = restrict_writable(std::move(wishes), request);
    wishes = protect_configuration(std::move(wishes), root, request);
    wishes = add_mount_points(std::move(wishes), root, request);
    return open_beneath(std::move(wishes), root, request);
}

/// The root's own source has to be a directory.
void check_root(const MountRequest& request, const std::string& root) {
    if (*request.profile.filesystem.base != Base::rootfs) return;
    const auto& key = request.profile.filesystem.rootfs;
    if (root.empty()) {
        request.diagnostics.error(Code::missing_key, request.profile.filesystem.base.at,
                                  R"(base = "rootfs" needs the directory)", R"(add rootfs = "/srv/...")");
        return;
    }
    const PathFact* fact = request.host.path(root);
    if (fact && fact->kind != PathKind::directory) {
        request.diagnostics.error(Code::missing_source, key.at,
                                  root + (fact->kind == PathKind::absent ? " does not exist" : " is not a directory"),
                                  "name a directory that holds a whole system");
    }
}

/// Turns settled wishes into steps.
class Rendering {
  public:
    Rendering(const MountRequest& request, std::string root) : request_(request), root_(std::move(root)) {}

    MountPlan render(MountWishes wishes) {
        plan_.steps.reserve(2 * wishes.size() + 64);  // and for what is planned around them
        open();
        for (std::size_t i = 0; i < wishes.size(); ++i) {
            const bool inner = i + 1 < wishes.size() && below(target_of(wishes[i + 1]), target_of(wishes[i]));
            add(wishes[i], inner);
        }
        // The tree below a root of the host's has been read-only since mount_root; saying it once more has it checked.
        if (*request_.profile.filesystem.base != Base::host) {
            step(SetReadOnly{"/", false}, request_.profile.filesystem.base.at);
        }
        // The inner ones first: nothing is made in them any more.
        for (auto each = closing_.rbegin(); each != closing_.rend(); ++each) plan_.steps.push_back(std::move(*each));
        return std::move(plan_);
    }

  private:
    void step(ChildStep step, const Span& why) { plan_.steps.push_back({std::move(step), why}); }

    void open() {
        const Span& why = request_.profile.filesystem.base.at;
        const bool writable = *request_.profile.filesystem.base == Base::host;
        step(SetPropagation{}, {});
        // A tree of the host's is read-only before anything is mounted: what the profile makes writable stays so.
        step(MountRoot{root_, writable || root_.empty() ? Access::read_write : Access::read_only}, why);
        step(PivotRoot{}, {});
    }

    /// A directory of the sandbox's own belongs to whom the command runs as; only root can give it to another.
    void make_source(const MountWish& wish) {
        const Caller& caller = request_.context.caller;
        const Identity& who = request_.identity;
        const auto uid = wish.ours ? outside(who.uid_map, who.uid).value_or(caller.uid) : caller.uid;
        const auto gid = wish.ours ? outside(who.gid_map, who.gid).value_or(caller.gid) : caller.gid;
        if (uid != caller.uid && caller.uid != 0) {
            request_.diagnostics.error(
                Code::conflict, wish.why,
                fmt::format("{} belongs to {}, and uid {} inside, whom the command runs as, is somebody else",
                            printable(bind_of(wish)->target), printable(caller.name), who.uid),
                "leave ids.uid out, or use directories that go at the end: home = \"tmp\", tmpfs = [...]");
        }
        // The only thing that is made to be hidden is the directory of running sandboxes.
        const BindMount* bind = bind_of(wish);
        plan_.prepare.push_back({bind ? MakeHostDirectory{bind->source, bind->beneath, uid, gid} : make_registry(request_.context),
                                 wish.why});
    }

    void make_point(const MountPoint& point, const MountWish& wish) {
        if (point.kind == NodeKind::file) {
            step(MakeFile{.path = target_of(wish), .content = {}, .uid = point.uid, .gid = point.gid}, wish.why);
        } else {
            step(MakeDirectory{.path = target_of(wish), .uid = point.uid, .gid = point.gid}, wish.why);
        }
    }

    /// Adds the steps of a wish, taking it over.
    void add(MountWish& wish, bool inner) {
        if (wish.made) make_source(wish);
        if (wish.point) make_point(*wish.point, wish);
        if (BindMount* bind = bind_of(wish)) bind->grows = wish.ours;
        if (BindMount* bind = bind_of(wish); bind && wish.rank == Rank::base && bind->target == "/proc/sys") {
            // Nested user namespaces are refused by a write below it, after the tree stands.
            bind->access = Access::read_write;
            closing_.push_back({SetReadOnly{bind->target, true}, wish.why});
        }
        if (const BindMount* bind = bind_of(wish); bind && bind->handed) {
            plan_.attach.push_back({IdmapMount{bind->source, bind->target, bind->recursive}, wish.why});
        }
        if (auto* tmpfs = std::get_if<MountTmpfs>(&wish.what); tmpfs && inner && tmpfs->access == Access::read_only) {
            tmpfs->access = Access::read_write;
            closing_.push_back({SetReadOnly{tmpfs->target, false}, wish.why});
        }
        std::visit([&](auto& what) { plan_.steps.push_back({std::move(what), wish.why}); }, wish.what);
    }

    const MountRequest& request_;
    std::string root_;
    MountPlan plan_;
    std::vector<Planned<ChildStep>> closing_;
};

/// Without a mount namespace there is nothing to build; a rule about files cannot be kept then.
void refuse_rules(const MountRequest& request) {
    const auto& fs = request.profile.filesystem;
    const auto refuse = [&](const Span& at) {
        if (!at) return;
        request.diagnostics.error(Code::needs_namespace, at, "rules about files need their own mount namespace",
                                  R"(add "mount" to namespaces)");
    };
    for (const Span& at : {fs.base.at, fs.home.at, fs.cwd.at, fs.tmp.at, fs.dev.at, fs.proc.at, fs.sys.at, fs.etc.at}) {
        refuse(at);
    }
    for (const auto* list : {&fs.devices, &fs.ro, &fs.rw, &fs.hide, &fs.tmpfs, &fs.overlay}) {
        for (const auto& rule : *list) refuse(rule.at);
    }
    for (const auto* list : {&fs.state, &fs.cache, &fs.runtime}) {
        for (const auto& name : *list) refuse(name.at);
    }
    for (const auto* entries : {&fs.files, &fs.symlinks}) {
        for (const auto& entry : *entries) refuse(entry.key.at);
    }
    for (const auto& mount : request.profile.mounts) refuse(mount.at);
}

}  // namespace

void want_mounts(const Profile& profile, const Command& command, const Context& context, Wanted& wanted) {
    Identity identity;
    identity.uid = context.caller.uid;
    identity.gid = context.caller.gid;
    identity.home = profile.filesystem.home_dir->text.empty() ? context.caller.home : profile.filesystem.home_dir->text;
    identity.host_root_inside = context.caller.uid == 0;
    Lookup host(wanted);
    Diagnostics unheard;  // planning itself will say it again
    const MountRequest request{profile, context, identity, command, host, unheard};
    if (!request.makes(Namespace::mount)) return;
    const std::string root = root_source(request);
    check_root(request, root);
    (void)plan_tree(request, root);  // only its questions count
}

MountPlan plan_mounts(const Profile& profile, const HostFacts& facts, const Identity& identity, const Command& command,
                      Diagnostics& diagnostics) {
    Lookup host(facts);
    const MountRequest request{profile, facts.context, identity, command, host, diagnostics};
    if (!request.makes(Namespace::mount)) {
        refuse_rules(request);
        return {};
    }
    const std::string root = root_source(request);
    check_root(request, root);
    return Rendering(request, root).render(plan_tree(request, root));
}

}  // namespace nsrun
