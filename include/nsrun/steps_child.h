#pragma once
#include <nsrun/step.h>

#include <linux/filter.h>

/// The steps of the child, inside.
namespace nsrun {

/// Starts a session without a controlling terminal. Source: setsid(2).
struct NewSession {
    static constexpr std::string_view name = "new_session";
    static constexpr auto fields() { return std::tuple{}; }
    bool operator==(const NewSession&) const = default;
};

/// Sets the propagation of every mount of the new mount namespace. Source: mount_namespaces(7).
struct SetPropagation {
    static constexpr std::string_view name = "set_propagation";
    Propagation propagation = Propagation::private_;
    static constexpr auto fields() { return std::tuple{Field{"propagation", &SetPropagation::propagation}}; }
    bool operator==(const SetPropagation&) const = default;
};

/// Becomes the identity that builds the sandbox's files: ids inside the new user namespace.
struct BecomeBuilder {
    static constexpr std::string_view name = "become_builder";
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    static constexpr auto fields() {
        return std::tuple{Field{"uid", &BecomeBuilder::uid}, Field{"gid", &BecomeBuilder::gid}};
    }
    bool operator==(const BecomeBuilder&) const = default;
};

/// Makes the new root: an empty tmpfs, or with `source` a recursive clone of that directory of the host. A read-only one
/// is so with all the mounts below it, before anything is mounted on it; a tmpfs becomes so when the tree is finished.
struct MountRoot {
    static constexpr std::string_view name = "mount_root";
    std::string source{};  ///< empty: a tmpfs
    Access access = Access::read_write;
    static constexpr auto fields() {
        return std::tuple{Field{"source", &MountRoot::source}, Field{"access", &MountRoot::access}};
    }
    bool operator==(const MountRoot&) const = default;
};

/// Makes the new root `/` and detaches the host's tree, before any path that the sandbox could have prepared is
/// resolved. Source: pivot_root(2).
struct PivotRoot {
    static constexpr std::string_view name = "pivot_root";
    static constexpr auto fields() { return std::tuple{}; }
    bool operator==(const PivotRoot&) const = default;
};

/// Makes a directory. An existing one is an error: missing parents and mount points are planned, never guessed.
struct MakeDirectory {
    static constexpr std::string_view name = "make_directory";
    std::string path{};
    FileMode mode{0755};
    std::uint32_t uid = 0, gid = 0;  ///< ids inside; chown only when they differ from the builder's
    static constexpr auto fields() {
        return std::tuple{Field{"path", &MakeDirectory::path}, Field{"mode", &MakeDirectory::mode},
                          Field{"uid", &MakeDirectory::uid}, Field{"gid", &MakeDirectory::gid}};
    }
    bool operator==(const MakeDirectory&) const = default;
};

/// Makes a file with a content; an empty one serves as a mount point. With `over` it does not become part of the directory
/// it appears in: it is mounted over the file that is there, which stays as it is.
struct MakeFile {
    static constexpr std::string_view name = "make_file";
    std::string path{};
    std::string content{};
    FileMode mode{0644};
    std::uint32_t uid = 0, gid = 0;
    bool over = false;
    static constexpr auto fields() {
        return std::tuple{Field{"path", &MakeFile::path}, Field{"content", &MakeFile::content},
                          Field{"mode", &MakeFile::mode}, Field{"uid", &MakeFile::uid},
                          Field{"gid", &MakeFile::gid},   Field{"over", &MakeFile::over}};
    }
    bool operator==(const MakeFile&) const = default;
};

/// Makes a symbolic link at `path` that says `target`.
struct MakeSymlink {
    static constexpr std::string_view name = "make_symlink";
    std::string path{};
    std::string target{};
    static constexpr auto fields() {
        return std::tuple{Field{"path", &MakeSymlink::path}, Field{"target", &MakeSymlink::target}};
    }
    bool operator==(const MakeSymlink&) const = default;
};

/// Attaches a clone of the mount tree at `source` to `target`. The source is opened before the host's tree goes; the
/// target is resolved inside the new root. Source: open_tree(2), mount_setattr(2), move_mount(2).
struct BindMount {
    static constexpr std::string_view name = "bind_mount";
    std::string source{};   ///< absolute path on the host
    std::string target{};   ///< absolute path in the sandbox
    std::string beneath{};  ///< when set, `source` is opened beneath this directory and through no symbolic link
    NodeKind kind = NodeKind::directory;
    Access access = Access::read_only;
    bool recursive = true;
    MountAttributes attributes{};  ///< besides read-only
    Propagation propagation = Propagation::private_;
    bool handed = false;  ///< the mount comes from an idmap_mount of the parent
    bool grows = false;   ///< a directory that nsrun made for the sandbox: missing mount points are made in it
    static constexpr auto fields() {
        return std::tuple{Field{"source", &BindMount::source},         Field{"target", &BindMount::target},
                          Field{"beneath", &BindMount::beneath},       Field{"kind", &BindMount::kind},
                          Field{"access", &BindMount::access},         Field{"recursive", &BindMount::recursive},
                          Field{"attributes", &BindMount::attributes}, Field{"propagation", &BindMount::propagation},
                          Field{"handed", &BindMount::handed},         Field{"grows", &BindMount::grows}};
    }
    bool operator==(const BindMount&) const = default;
};

/// Mounts a new tmpfs. Source: tmpfs(5).
struct MountTmpfs {
    static constexpr std::string_view name = "mount_tmpfs";
    std::string target{};
    ByteSize size{};  ///< 0: the kernel's default
    FileMode mode{0755};
    std::uint32_t uid = 0, gid = 0;
    Access access = Access::read_write;
    MountAttributes attributes{};
    static constexpr auto fields() {
        return std::tuple{Field{"target", &MountTmpfs::target},         Field{"size", &MountTmpfs::size},
                          Field{"mode", &MountTmpfs::mode},             Field{"uid", &MountTmpfs::uid},
                          Field{"gid", &MountTmpfs::gid},               Field{"access", &MountTmpfs::access},
                          Field{"attributes", &MountTmpfs::attributes}};
    }
    bool operator==(const MountTmpfs&) const = default;
};

/// Mounts a new file system without a device: proc, sysfs, devpts, mqueue. `options` are its own, comma-separated.
struct MountKernelFs {
    static constexpr std::string_view name = "mount_kernel_fs";
    std::string type{};
    std::string target{};
    std::string options{};
    Access access = Access::read_write;
    MountAttributes attributes{};
    static constexpr auto fields() {
        return std::tuple{Field{"type", &MountKernelFs::type}, Field{"target", &MountKernelFs::target},
                          Field{"options", &MountKernelFs::options}, Field{"access", &MountKernelFs::access},
                          Field{"attributes", &MountKernelFs::attributes}};
    }
    bool operator==(const MountKernelFs&) const = default;
};

/// Mounts an overlayfs. Without `upper` the changes live in a tmpfs of their own and go with the sandbox. The
/// directories are opened before the host's tree goes. Source: the kernel's filesystems/overlayfs.
struct MountOverlay {
    static constexpr std::string_view name = "mount_overlay";
    std::string target{};
    std::vector<std::string> lower{};  ///< topmost first
    std::string upper{};
    std::string work{};
    MountAttributes attributes{};
    static constexpr auto fields() {
        return std::tuple{Field{"target", &MountOverlay::target}, Field{"lower", &MountOverlay::lower},
                          Field{"upper", &MountOverlay::upper}, Field{"work", &MountOverlay::work},
                          Field{"attributes", &MountOverlay::attributes}};
    }
    bool operator==(const MountOverlay&) const = default;
};

/// Covers what is at `target`, if anything is, with an empty, unreadable, read-only directory or file.
struct Mask {
    static constexpr std::string_view name = "mask";
    std::string target{};
    NodeKind kind = NodeKind::directory;
    static constexpr auto fields() { return std::tuple{Field{"target", &Mask::target}, Field{"kind", &Mask::kind}}; }
    bool operator==(const Mask&) const = default;
};

/// Makes the mount at `target` read-only, alone or with all below it. Source: mount_setattr(2).
struct SetReadOnly {
    static constexpr std::string_view name = "set_read_only";
    std::string target{};
    bool recursive = false;
    static constexpr auto fields() {
        return std::tuple{Field{"target", &SetReadOnly::target}, Field{"recursive", &SetReadOnly::recursive}};
    }
    bool operator==(const SetReadOnly&) const = default;
};

struct SetHostname {
    static constexpr std::string_view name = "set_hostname";
    std::string hostname{};  ///< 1 to 64 bytes
    static constexpr auto fields() { return std::tuple{Field{"hostname", &SetHostname::hostname}}; }
    bool operator==(const SetHostname&) const = default;
};

struct SetDomainname {
    static constexpr std::string_view name = "set_domainname";
    std::string domainname{};  ///< at most 64 bytes
    static constexpr auto fields() { return std::tuple{Field{"domainname", &SetDomainname::domainname}}; }
    bool operator==(const SetDomainname&) const = default;
};

/// Lets no user namespace be made inside: writes 0 to user.max_user_namespaces. Source: namespaces(7).
struct ForbidUserNamespaces {
    static constexpr std::string_view name = "forbid_user_namespaces";
    static constexpr auto fields() { return std::tuple{}; }
    bool operator==(const ForbidUserNamespaces&) const = default;
};

/// Sets a variable of the sandbox's own network namespace. `path`: below /proc/sys/net. Source: proc_sys_net(5).
struct SetSysctl {
    static constexpr std::string_view name = "set_sysctl";
    std::string path{};  ///< "ipv4/ping_group_range"
    std::string value{};
    static constexpr auto fields() {
        return std::tuple{Field{"path", &SetSysctl::path}, Field{"value", &SetSysctl::value}};
    }
    bool operator==(const SetSysctl&) const = default;
};

/// Joins a fresh session keyring. Source: keyctl(2), KEYCTL_JOIN_SESSION_KEYRING.
struct JoinSessionKeyring {
    static constexpr std::string_view name = "join_session_keyring";
    static constexpr auto fields() { return std::tuple{}; }
    bool operator==(const JoinSessionKeyring&) const = default;
};

/// Sets the supplementary groups. Source: setgroups(2).
struct SetGroups {
    static constexpr std::string_view name = "set_groups";
    std::vector<std::uint32_t> groups;
    static constexpr auto fields() { return std::tuple{Field{"groups", &SetGroups::groups}}; }
    bool operator==(const SetGroups&) const = default;
};

/// Becomes the user that the command runs as; keeps the permitted capabilities until set_capabilities decides.
struct SetIds {
    static constexpr std::string_view name = "set_ids";
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    static constexpr auto fields() { return std::tuple{Field{"uid", &SetIds::uid}, Field{"gid", &SetIds::gid}}; }
    bool operator==(const SetIds&) const = default;
};

struct SetUmask {
    static constexpr std::string_view name = "set_umask";
    FileMode mask{};
    static constexpr auto fields() { return std::tuple{Field{"mask", &SetUmask::mask}}; }
    bool operator==(const SetUmask&) const = default;
};

/// Changes the working directory, inside the new root.
struct ChangeDirectory {
    static constexpr std::string_view name = "change_directory";
    std::string path{};
    static constexpr auto fields() { return std::tuple{Field{"path", &ChangeDirectory::path}}; }
    bool operator==(const ChangeDirectory&) const = default;
};

/// Sets no_new_privs. Source: the kernel's userspace-api/no_new_privs.
struct SetNoNewPrivileges {
    static constexpr std::string_view name = "set_no_new_privileges";
    static constexpr auto fields() { return std::tuple{}; }
    bool operator==(const SetNoNewPrivileges&) const = default;
};

/// Sets all five capability sets and locks the securebits. `keep` becomes permitted, effective and bounding; `ambient`,
/// a part of it, ambient and inheritable. Source: capabilities(7).
struct SetCapabilities {
    static constexpr std::string_view name = "set_capabilities";
    CapabilitySet keep;
    CapabilitySet ambient;
    std::uint32_t last = 40;         ///< the highest capability of this kernel
    std::uint32_t securebits = 0;    ///< SECBIT_*
    static constexpr auto fields() {
        return std::tuple{Field{"keep", &SetCapabilities::keep}, Field{"ambient", &SetCapabilities::ambient},
                          Field{"last", &SetCapabilities::last}, Field{"securebits", &SetCapabilities::securebits}};
    }
    bool operator==(const SetCapabilities&) const = default;
};

/// Compares what the kernel now says of this process with the plan; a difference is a failure. Checked are the five
/// capability sets, securebits, no_new_privs, the ids, the session, and that `/` is the new root and read-only.
struct CheckSelf {
    static constexpr std::string_view name = "check_self";
    CapabilitySet keep;
    CapabilitySet ambient;
    bool no_new_privileges = true;
    bool read_only_root = true;
    bool own_session = false;
    std::uint32_t uid = 0, gid = 0;
    static constexpr auto fields() {
        return std::tuple{Field{"keep", &CheckSelf::keep},
                          Field{"ambient", &CheckSelf::ambient},
                          Field{"no_new_privileges", &CheckSelf::no_new_privileges},
                          Field{"read_only_root", &CheckSelf::read_only_root},
                          Field{"own_session", &CheckSelf::own_session},
                          Field{"uid", &CheckSelf::uid},
                          Field{"gid", &CheckSelf::gid}};
    }
    bool operator==(const CheckSelf&) const = default;
};

/// Lets the command reach no abstract socket that was not made in the sandbox: a Landlock domain with that one scope. Needs
/// no_new_privs, or CAP_SYS_ADMIN in its user namespace. Source: landlock(7), LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET.
struct RestrictAbstractSockets {
    static constexpr std::string_view name = "restrict_abstract_sockets";
    static constexpr auto fields() { return std::tuple{}; }
    bool operator==(const RestrictAbstractSockets&) const = default;
};

/// Installs a seccomp filter: before the capabilities go, as it needs CAP_SYS_ADMIN where no_new_privs is not set.
/// Source: seccomp(2).
struct InstallFilter {
    static constexpr std::string_view name = "install_filter";
    std::vector<sock_filter> program;
    static constexpr auto fields() { return std::tuple{Field{"program", &InstallFilter::program}}; }
    bool operator==(const InstallFilter& other) const;
};

}  // namespace nsrun
