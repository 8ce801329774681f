#pragma once
#include <nsrun/enums.h>

/// What a machine may have or lack, as `has(...)` of a condition asks and `nsrun doctor` reports.
namespace nsrun {

enum class Facility : std::uint8_t {
    user_namespaces,
    time_namespaces,
    subordinate_ids,
    landlock,
    landlock_scope,
    seccomp,
    cgroup2,
    overlay,
    idmapped_mounts,
    fuse,
    pidfd,
    apparmor,
    selinux,
    systemd,
    wayland,
    x11,
    pasta,
};
template <>
inline constexpr auto words<Facility> = std::to_array<Word<Facility>>({
    {Facility::user_namespaces, "user-namespaces", "the caller may create user namespaces"},
    {Facility::time_namespaces, "time-namespaces", "the kernel has time namespaces"},
    {Facility::subordinate_ids, "subordinate-ids", "the caller has ids in /etc/subuid and /etc/subgid, and newuidmap"},
    {Facility::landlock, "landlock", "the kernel has Landlock, switched on"},
    {Facility::landlock_scope, "landlock-scope", "Landlock can confine abstract sockets and signals"},
    {Facility::seccomp, "seccomp", "the kernel filters system calls"},
    {Facility::cgroup2, "cgroup2", "/sys/fs/cgroup is the unified hierarchy"},
    {Facility::overlay, "overlay", "overlay file systems can be mounted"},
    {Facility::idmapped_mounts, "idmapped-mounts", "the kernel maps ids of mounts"},
    {Facility::fuse, "fuse", "/dev/fuse can be opened"},
    {Facility::pidfd, "pidfd", "the kernel has process descriptors"},
    {Facility::apparmor, "apparmor", "AppArmor is in force"},
    {Facility::selinux, "selinux", "SELinux is in force"},
    {Facility::systemd, "systemd", "systemd runs this machine"},
    {Facility::wayland, "wayland", "the caller has a Wayland display"},
    {Facility::x11, "x11", "the caller has an X11 display"},
    {Facility::pasta, "pasta", "pasta is installed"},
});

}  // namespace nsrun
