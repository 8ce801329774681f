#include "host/capabilities.h"
#include "host/causes.h"

#include <base/file.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/stat.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace nsrun {
namespace {

constexpr const char* allow_by_filter =
    "let the filter allow unshare, clone, mount and their kin; of a container: --security-opt seccomp=unconfined";

struct KindFacts {
    Namespace kind;
    const char* limit;   ///< sysctl
    const char* option;  ///< of the kernel's configuration
    const char* since;
};
constexpr auto kinds = std::to_array<KindFacts>({
    {Namespace::user, "max_user_namespaces", "CONFIG_USER_NS", "3.8"},
    {Namespace::mount, "max_mnt_namespaces", "CONFIG_NAMESPACES", "2.4"},
    {Namespace::pid, "max_pid_namespaces", "CONFIG_PID_NS", "2.6"},
    {Namespace::net, "max_net_namespaces", "CONFIG_NET_NS", "2.6"},
    {Namespace::ipc, "max_ipc_namespaces", "CONFIG_IPC_NS", "2.6"},
    {Namespace::uts, "max_uts_namespaces", "CONFIG_UTS_NS", "2.6"},
    {Namespace::cgroup, "max_cgroup_namespaces", "CONFIG_CGROUPS", "4.6"},
    {Namespace::time, "max_time_namespaces", "CONFIG_TIME_NS", "5.6"},
});

/// A root directory that is no mount point can only be one of chroot(2).
bool in_chroot() {
    struct statx status {};
    if (::statx(AT_FDCWD, "/", 0, STATX_TYPE, &status) != 0) return false;
    return (status.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0 &&
           (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) == 0;
}

Cause by_errno(const Outcome& outcome) {
    if (outcome.signal != 0) return {fmt::format("the trial was ended by signal {}", outcome.signal), ""};
    const char* name = strerrorname_np(outcome.error);
    return {fmt::format("{} answers {} ({})", outcome.call, strerrordesc_np(outcome.error), name ? name : "?"), ""};
}

/// A system call filter over this process, when it explains the outcome.
bool by_filter(const Outcome& outcome, Cause& cause) {
    if (outcome.signal == SIGSYS) {
        cause = {"a system call filter kills who tries", allow_by_filter};
        return true;
    }
    if ((outcome.error != EPERM && outcome.error != ENOSYS && outcome.error != EACCES) || !filtered()) return false;
    cause = {fmt::format("a system call filter is in force and {} is refused", outcome.call), allow_by_filter};
    return true;
}

/// The limits of user namespaces count outwards too: none around this one may be lower.
Cause by_limit(const KindFacts& facts) {
    const std::string limit = setting(fmt::format("/proc/sys/user/{}", facts.limit).c_str());
    if (limit == "0") {
        return {fmt::format("user.{} is 0", facts.limit), fmt::format("as root: sysctl user.{}=28633", facts.limit)};
    }
    return {
        fmt::format("the limit of such namespaces is reached: user.{} is {} here, or less around", facts.limit, limit),
        fmt::format("as root, on the host: sysctl user.{}=28633", facts.limit)};
}

Cause no_user_namespace(const Outcome& outcome, const KindFacts& facts) {
    const bool root = ::geteuid() == 0;
    if (!root && setting("/proc/sys/kernel/unprivileged_userns_clone") == "0") {
        return {"kernel.unprivileged_userns_clone is 0", "as root: sysctl kernel.unprivileged_userns_clone=1"};
    }
    if (outcome.error == ENOSPC || outcome.error == EUSERS) return by_limit(facts);
    if (outcome.error == EINVAL) {
        return {"this kernel was built without user namespaces", "use a kernel with CONFIG_USER_NS=y"};
    }
    if (outcome.error == EPERM && in_chroot()) {
        return {"the root directory was changed by chroot(2), where the kernel makes no user namespaces",
                "enter the directory by pivot_root(2), as systemd-nspawn or a container does"};
    }
    if (!root && setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1") {
        return {
            "kernel.apparmor_restrict_unprivileged_userns is 1, and no AppArmor profile lets nsrun through",
            "as root: sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile with 'userns,'"};
    }
    Cause cause;
    return by_filter(outcome, cause) ? cause : by_errno(outcome);
}

/// True when something is mounted beneath a directory: see mount_too_revealing() of the kernel.
bool has_covers(const std::string& directory) {
    const auto table = read_file("/proc/self/mountinfo", 16 * 1024 * 1024);
    return table && table->find(" " + directory + "/") != std::string::npos;
}

}  // namespace

std::string setting(const char* path) {
    auto text = read_file(path, 4096);
    if (!text) return {};
    return text->substr(0, text->find('\n'));
}

bool filtered() {
    const auto status = read_file("/proc/self/status", 64 * 1024);
    return status && status->find("\nSeccomp:\t2") != std::string::npos;
}

Cause why_no_namespace(Namespace kind, const Outcome& outcome) {
    const auto& facts = kinds[static_cast<std::size_t>(kind)];
    if (kind == Namespace::user) return no_user_namespace(outcome, facts);
    if (outcome.error == ENOSPC) return by_limit(facts);
    if (outcome.error == EINVAL) {
        return {fmt::format("this kernel has no {} namespaces", spelling(kind)),
                fmt::format("use a kernel from {} on, with {}=y", facts.since, facts.option)};
    }
    // Without a user namespace there is no other for an ordinary user: its cause is the cause.
    if (!has_sys_admin()) {
        const auto alone = attempt([] { return enter(CLONE_NEWUSER); });
        if (!alone) return no_user_namespace(alone, kinds[0]);
        if (setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1") {
            return no_user_namespace(outcome, kinds[0]);
        }
    }
    Cause cause;
    return by_filter(outcome, cause) ? cause : by_errno(outcome);
}

Cause why_no_mount(const Outcome& outcome, const std::string& type, const std::string& hiding) {
    if (std::strcmp(outcome.call, "unshare") == 0 || std::strstr(outcome.call, "_map") != nullptr) {
        return why_no_namespace(Namespace::mount, outcome);
    }
    if (outcome.error == ENODEV) {
        return {fmt::format("this kernel has no {}", type), fmt::format("as root: modprobe {}", type)};
    }
    if (outcome.error == EPERM && !hiding.empty() && has_covers(hiding)) {
        return {
            fmt::format("parts of {} are covered by mounts, and the kernel shows no fresh one to who cannot see all",
                        hiding),
            "of a container: --security-opt systempaths=unconfined (docker) or unmask=ALL (podman)"};
    }
    if (outcome.error == EPERM && !hiding.empty()) {
        return {fmt::format("no {} is mounted on {}, and the kernel shows none to who cannot see one", type, hiding),
                fmt::format("as root: mount -t {} {} {}", type, type, hiding)};
    }
    if (outcome.error == EPERM && setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1" &&
        ::geteuid() != 0) {
        return no_user_namespace(outcome, kinds[0]);
    }
    Cause cause;
    return by_filter(outcome, cause) ? cause : by_errno(outcome);
}

Cause why_no_call(const Outcome& outcome, const char* option, const char* since) {
    Cause cause;
    if (by_filter(outcome, cause)) return cause;
    if (outcome.error == ENOSYS || outcome.error == EINVAL || outcome.error == ENOPROTOOPT) {
        return {fmt::format("this kernel has no {}", outcome.call),
                fmt::format("use a kernel from {} on, with {}=y", since, option)};
    }
    return by_errno(outcome);
}

}  // namespace nsrun
