#include "plan/mount_expand.h"

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

/// The host's uid 0 is inside: what it could do through /proc is closed.
void protect(const MountRequest& request, MountWishes& wishes) {
    for (const char* path : tunables) {
        const PathFact* fact = request.host.path(path);
        if (!fact || fact->kind == PathKind::absent) continue;
        wishes.push_back(
            {.what = BindMount{.source = path, .target = path, .kind = kind_of(fact), .attributes = kernel_attributes},
             .rank = Rank::base});
    }
    for (const char* path : secrets) {
        const PathFact* fact = request.host.path(path);
        if (!fact || fact->kind == PathKind::absent) continue;
        wishes.push_back({.what = Mask{path, kind_of(fact)}, .rank = Rank::base});
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
    const bool replaced = ruled(request);
    if (request.identity.host_root_inside && (replaced || *proc == Proc::private_)) protect(request, wishes);
    if (!counts(request, proc) || replaced) return;
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
    wishes.push_back({.what = MountKernelFs{.type = "proc",
                                            .target = "/proc",
                                            .options = *proc == Proc::restricted ? "subset=pid" : "",
                                            .attributes = kernel_attributes},
                      .rank = Rank::base,
                      .why = proc.at});
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
