#include "plan/mount_expand.h"
#include "plan/mount_paths.h"

#include <array>

/// /proc and /sys.
namespace nsrun {

namespace {

/// What of /proc changes the host when its root can write there.
constexpr std::array tunables{"/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/proc/fs"};
/// What of /proc tells its root about the host's memory, keys and hardware.
constexpr std::array secrets{"/proc/kcore",       "/proc/keys", "/proc/timer_list",
                             "/proc/sched_debug", "/proc/scsi", "/proc/acpi"};

NodeKind kind_of(const PathFact* fact) {
    return !fact || fact->kind == PathKind::directory ? NodeKind::directory : NodeKind::file;
}

/// Where a wish shows a whole procfs; empty when it does not.
std::string procfs_of(const MountWish& wish) {
    const auto* mount = std::get_if<MountKernelFs>(&wish.what);
    if (mount && mount->type == "proc" && mount->options.empty()) return mount->target;
    const BindMount* bind = bind_of(wish);
    return bind && bind->source == "/proc" ? bind->target : std::string();
}

/// Closes what the host's uid 0 could do through the procfs at `place`.
void protect(const MountRequest& request, std::string_view place, MountWishes& wishes) {
    const auto target_of_host = [&](std::string_view path) { return joined(place, tail(path, "/proc")); };
    for (const char* path : tunables) {
        const PathFact* fact = request.host.path(path);
        if (!fact || fact->kind == PathKind::absent) continue;
        wishes.push_back({.what = BindMount{.source = path,
                                            .target = target_of_host(path),
                                            .kind = kind_of(fact),
                                            .attributes = kernel_attributes},
                          .rank = Rank::base});
    }
    for (const char* path : secrets) {
        const PathFact* fact = request.host.path(path);
        if (!fact || fact->kind == PathKind::absent) continue;
        wishes.push_back({.what = Mask{target_of_host(path), kind_of(fact)}, .rank = Rank::base});
    }
}

/// True when a rule puts something else at /proc.
bool ruled(const MountRequest& request) {
    const auto names = [](const PathRule& rule) {
        return (rule.target.empty() ? rule.source : rule.target) == "/proc";
    };
    const auto& fs = request.profile.filesystem;
    for (const auto* list : {&fs.ro, &fs.rw, &fs.hide, &fs.tmpfs, &fs.overlay}) {
        for (const auto& rule : *list) {
            if (names(*rule)) return true;
        }
    }
    for (const auto& mount : request.profile.mounts) {
        if (mount.target->text == "/proc" || (mount.target->text.empty() && mount.source->text == "/proc")) return true;
    }
    return false;
}

}  // namespace

void expand_proc(const MountRequest& request, MountWishes& wishes) {
    const auto& proc = request.profile.filesystem.proc;
    if (!counts(request, proc) || ruled(request)) return;
    if (*proc == Proc::none) {
        if (!root_source(request).empty() && request.host.exists("/proc")) {
            wishes.push_back({.what = Mask{"/proc"}, .rank = Rank::base, .why = proc.at});
        }
        return;
    }
    if (!request.makes(Namespace::pid) && !request.profile.join.pid.written()) {
        request.diagnostics.error(
            Code::needs_namespace, proc.written() ? proc.at : request.profile.namespaces_at,
            "a /proc of the sandbox's own processes needs its own pid namespace",
            R"(add "pid" to namespaces, or write proc = "none"; ro = ["/proc"] shows the host's processes)");
        return;
    }
    if (request.profile.join.pid.written() && request.makes(Namespace::user)) {
        request.diagnostics.error(Code::needs_privilege, request.profile.join.pid.at,
                                  "a /proc of the joined pid namespace takes privilege in the user namespace that owns it",
                                  R"(write join.user as well, or proc = "none")");
        return;
    }
    wishes.push_back({.what = MountKernelFs{.type = "proc",
                                            .target = "/proc",
                                            .options = *proc == Proc::restricted ? "subset=pid" : "",
                                            .attributes = kernel_attributes},
                      .rank = Rank::base,
                      .why = proc.at});
}

void protect_procfs(const MountRequest& request, MountWishes& wishes) {
    if (!request.identity.host_root_inside) return;
    std::vector<std::string> places;
    for (const MountWish& wish : wishes) {
        if (auto place = procfs_of(wish); !place.empty()) places.push_back(std::move(place));
    }
    for (const std::string& place : places) protect(request, place, wishes);
}

void expand_sys(const MountRequest& request, MountWishes& wishes) {
    const auto& sys = request.profile.filesystem.sys;
    if (!counts(request, sys)) return;
    if (*sys == Sys::none) {
        // The host's tree would show all of its devices to a profile that did not ask.
        if (!root_source(request).empty() && *request.profile.filesystem.base != Base::rootfs &&
            request.host.exists("/sys")) {
            wishes.push_back({.what = Mask{"/sys"}, .rank = Rank::base, .why = sys.at});
        }
        return;
    }
    MountStep step = BindMount{.source = "/sys", .target = "/sys", .attributes = kernel_attributes};
    if (request.makes(Namespace::net)) {
        // A sysfs shows the network devices of the namespace that it is mounted in.
        step = MountKernelFs{
            .type = "sysfs", .target = "/sys", .access = Access::read_only, .attributes = kernel_attributes};
    }
    wishes.push_back({.what = std::move(step), .rank = Rank::base, .why = sys.at});
}

}  // namespace nsrun
