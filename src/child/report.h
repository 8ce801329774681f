#pragma once
#include <nsrun/enums.h>

#include <cstdint>

/// What parent and child tell each other over their socket: fixed-size messages, a descriptor beside some of them.
namespace nsrun {

/// The system calls and small sequences that a child can fail in.
enum class Call : std::uint8_t {
    none, clone3, setns, unshare, pidfd_open, prctl, read_message, send_message, open_source, open_anchor, open_target,
    open_parent, own_file_system, mount_setattr, move_mount, fsopen, fsconfig, fsmount, pivot_root, umount2, mkdir,
    create, write, chown, chmod, symlink, mount, socket, proc, setsid, sethostname, setdomainname, keyctl, setgroups,
    setresgid, setresuid, chdir, unreachable, capset, bounding, ambient, securebits, check_capabilities,
    check_bounding, check_ambient, check_securebits, check_privileges, check_ids, check_session, check_root, seccomp,
    close_range, setrlimit, standard_descriptor, inherit, execve, handed, namespaces, sysctl, landlock_ruleset,
    landlock_restrict,
};
template <>
inline constexpr auto words<Call> = std::to_array<Word<Call>>({
    {Call::none, "none", ""},
    {Call::clone3, "clone3", "make the sandbox's first process"},
    {Call::setns, "setns", "enter the namespace to join"},
    {Call::unshare, "unshare", "enter new namespaces"},
    {Call::pidfd_open, "pidfd_open", "hold the sandbox's first process"},
    {Call::prctl, "prctl", "set the process's attributes"},
    {Call::read_message, "recvmsg", "hear from the launcher"},
    {Call::send_message, "sendmsg", "tell the launcher"},
    {Call::open_source, "open_tree", "open the source"},
    {Call::open_anchor, "openat2", "open the directory that the source must lie beneath"},
    {Call::open_target, "openat2", "open the target in the sandbox"},
    {Call::open_parent, "openat2", "open the parent directory in the sandbox"},
    {Call::own_file_system, "fstat", "create it: the parent directory is not in a file system of the sandbox's own"},
    {Call::mount_setattr, "mount_setattr", "set the mount's attributes"},
    {Call::move_mount, "move_mount", "attach the mount to the target"},
    {Call::fsopen, "fsopen", "use this type of file system"},
    {Call::fsconfig, "fsconfig", "configure the file system"},
    {Call::fsmount, "fsmount", "create the file system"},
    {Call::pivot_root, "pivot_root", "change the root"},
    {Call::umount2, "umount2", "detach the host's tree"},
    {Call::mkdir, "mkdirat", "make the directory"},
    {Call::create, "openat", "make the file"},
    {Call::write, "write", "write"},
    {Call::chown, "fchown", "give it to its owner"},
    {Call::chmod, "fchmod", "set its mode"},
    {Call::symlink, "symlinkat", "make the link"},
    {Call::mount, "mount", "set the propagation"},
    {Call::socket, "socket", "open a netlink socket"},
    {Call::proc, "fstatfs", "find a procfs at /proc"},
    {Call::setsid, "setsid", "start a session"},
    {Call::sethostname, "sethostname", "set the host name"},
    {Call::setdomainname, "setdomainname", "set the NIS domain name"},
    {Call::keyctl, "keyctl", "join a fresh session keyring"},
    {Call::setgroups, "setgroups", "set the supplementary groups"},
    {Call::setresgid, "setresgid", "set the group id"},
    {Call::setresuid, "setresuid", "set the user id"},
    {Call::chdir, "fchdir", "change the working directory"},
    {Call::unreachable, "getcwd", "use a working directory outside the sandbox's root"},
    {Call::capset, "capset", "set the capabilities"},
    {Call::bounding, "prctl", "drop capabilities from the bounding set"},
    {Call::ambient, "prctl", "set the ambient capabilities"},
    {Call::securebits, "prctl", "lock the securebits"},
    {Call::check_capabilities, "capget", "see the planned capabilities in force"},
    {Call::check_bounding, "prctl", "see the planned bounding set in force"},
    {Call::check_ambient, "prctl", "see the planned ambient set in force"},
    {Call::check_securebits, "prctl", "see the planned securebits in force"},
    {Call::check_privileges, "prctl", "see no_new_privs in force"},
    {Call::check_ids, "getresuid", "see the planned ids in force"},
    {Call::check_session, "getsid", "see a session of its own"},
    {Call::check_root, "statfs", "see the new root, read-only where planned"},
    {Call::seccomp, "seccomp", "install the system call filter"},
    {Call::close_range, "close_range", "close the descriptors that are not inherited"},
    {Call::setrlimit, "prlimit", "set the descriptor limit"},
    {Call::standard_descriptor, "openat", "open /dev/null for a closed standard descriptor"},
    {Call::inherit, "fcntl", "pass the inherited descriptor on"},
    {Call::execve, "execve", "execute"},
    {Call::handed, "recvmsg", "receive the mount from the launcher"},
    {Call::landlock_ruleset, "landlock_create_ruleset", "make a Landlock ruleset"},
    {Call::landlock_restrict, "landlock_restrict_self", "enter a Landlock domain"},
    {Call::namespaces, "nsrun", "do this outside a namespace of the sandbox's own"},
    {Call::sysctl, "openat2", "open it for writing"},
});

/// Where a child failed, besides the index of a step.
inline constexpr std::int32_t at_entry = -1;  ///< entering, or speaking with the launcher
inline constexpr std::int32_t at_exec = -2;   ///< executing the command

struct Message {
    enum class Kind : std::uint8_t {
        // from the child
        born,     ///< `value`: the pid of the sandbox's first process, made by a go-between that joined namespaces
        failed,   ///< `step`, `call`, `value`: an errno
        netlink,  ///< with a socket of the child's network namespace
        running,  ///< with a pidfd of the command
        stopped,  ///< `value`: the signal that stopped the command
        exited,   ///< `value`: the command's wait status
        entered,  ///< in place: the namespaces are new, ids may be mapped
        // from the parent
        handed,    ///< with a mount; `step`: the bind_mount that it is for
        mapped,    ///< the ids are mapped, handed mounts are through
        attached,  ///< everything outside is done
    };
    Kind kind = Kind::failed;
    Call call = Call::none;
    std::int32_t step = at_entry;
    std::int32_t value = 0;
};

}  // namespace nsrun
