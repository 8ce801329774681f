#pragma once
#include <nsrun/step.h>
#include <nsrun/steps_child.h>
#include <nsrun/steps_network.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

/// What will be done. Only this is ever executed: nothing is decided after a Plan exists, and what is not in it is not
/// done. A step is one system call, or the fixed short sequence that makes one kernel object. `fields()` is the only
/// description of a step: the text, the JSON and the failure messages are made from it.
namespace nsrun {

// ---- steps of the parent, outside the sandbox ----------------------------------------------------------------------

/// Makes a directory of the host and its missing parents, mode 0700. A new one is given to `uid` and `gid`, which are the
/// host's and the caller's own unless the caller is root; an existing one is kept as it is.
struct MakeHostDirectory {
    static constexpr std::string_view name = "make_host_directory";
    std::string path{};
    std::string beneath{};  ///< a directory above `path`: below it nothing may be a symbolic link
    std::uint32_t uid = 0, gid = 0;
    static constexpr auto fields() {
        return std::tuple{Field{"path", &MakeHostDirectory::path}, Field{"beneath", &MakeHostDirectory::beneath},
                          Field{"uid", &MakeHostDirectory::uid}, Field{"gid", &MakeHostDirectory::gid}};
    }
    bool operator==(const MakeHostDirectory&) const = default;
};

/// Enters the sandbox into the list of those that run, for others to join: a file at `path`, held by a lock until the
/// sandbox has ended, with its first process and the kinds of its namespaces. Where a running one has the name already, it
/// is at PATH.PID, the pid nsrun's own. With `numbers` it says which namespaces those are, for the command may make others.
struct Register {
    static constexpr std::string_view name = "register";
    std::string called{};
    std::string path{};
    bool numbers = false;
    static constexpr auto fields() {
        return std::tuple{Field{"name", &Register::called}, Field{"path", &Register::path},
                          Field{"numbers", &Register::numbers}};
    }
    bool operator==(const Register&) const = default;
};

/// Writes "deny" to /proc/PID/setgroups: required before an unprivileged gid map. Source: user_namespaces(7).
struct DenySetgroups {
    static constexpr std::string_view name = "deny_setgroups";
    static constexpr auto fields() { return std::tuple{}; }
    bool operator==(const DenySetgroups&) const = default;
};

/// Maps ids of the sandbox to ids of the host for the waiting child: by writing the map, or through `helper`.
/// `ranges`: 1 to 340, no overlap on either side. Source: user_namespaces(7), newuidmap(1).
struct MapIds {
    static constexpr std::string_view name = "map_ids";
    IdKind map = IdKind::uid;
    std::vector<IdRange> ranges;
    std::string helper{};  ///< absolute path of newuidmap or newgidmap; empty: write the map directly
    static constexpr auto fields() {
        return std::tuple{Field{"map", &MapIds::map}, Field{"ranges", &MapIds::ranges},
                          Field{"helper", &MapIds::helper}};
    }
    bool operator==(const MapIds&) const = default;
};

/// Clones the mount at `source`, maps its owners through the sandbox's user namespace, and hands it to the bind_mount
/// of the same target. Needs CAP_SYS_ADMIN outside. Source: mount_setattr(2), MOUNT_ATTR_IDMAP.
struct IdmapMount {
    static constexpr std::string_view name = "idmap_mount";
    std::string source{};
    std::string target{};
    bool recursive = true;
    static constexpr auto fields() {
        return std::tuple{Field{"source", &IdmapMount::source}, Field{"target", &IdmapMount::target},
                          Field{"recursive", &IdmapMount::recursive}};
    }
    bool operator==(const IdmapMount&) const = default;
};

// ---- the plan --------------------------------------------------------------------------------------------------------

using ParentStep =
    std::variant<MakeHostDirectory, Register, Publish, ShareBridge, JoinPod, DenySetgroups, MapIds, IdmapMount, StartUplink, AddLink,
                 MoveLink, AddAddress, SetMtu, SetLink, LimitRate, CloseAddress, CloseMulticast, WatchAddresses, AddRoute, Masquerade, StartRelay>;

using ChildStep =
    std::variant<NewSession, SetPropagation, BecomeBuilder, MountRoot, PivotRoot, MakeDirectory, MakeFile, MakeSymlink,
                 BindMount, MountTmpfs, MountKernelFs, MountOverlay, Mask, SetReadOnly, ForbidUserNamespaces,
                 SetSysctl, SetHostname, SetDomainname, JoinSessionKeyring, SetGroups, SetIds, SetUmask,
                 ChangeDirectory, SetNoNewPrivileges, RestrictAbstractSockets, SetCapabilities, CheckSelf, InstallFilter>;

/// A step and the profile line that asked for it; nowhere for nsrun's own.
template <class Step>
struct Planned {
    Step step;
    Span why;
    bool operator==(const Planned&) const = default;
};

/// A namespace of somebody else that the child enters before it makes its own.
struct JoinNamespace {
    Namespace kind = Namespace::net;
    std::string path{};
    Span why;
    std::string sandbox{};    ///< the running one that it belongs to; empty: named by its path
    std::uint64_t inode = 0;  ///< of the sandbox's namespace: what `path` leads to must have this number
    std::string pod{};        ///< the pod that hands it over, without a path
    bool operator==(const JoinNamespace&) const = default;
};

/// How the sandbox's first process comes to be.
struct Clone {
    std::vector<Namespace> namespaces;  ///< new ones, in the order of the enumeration
    std::vector<JoinNamespace> joins;   ///< user first
    bool in_place = false;              ///< nsrun itself enters and execs; nothing of it remains
    Span why;                           ///< the `namespaces` key
    bool operator==(const Clone&) const = default;
};

/// What runs at the end.
struct Exec {
    std::string path{};                      ///< absolute, inside
    std::vector<std::string> argv{};
    std::vector<std::string> environment{};  ///< "NAME=VALUE", sorted by name
    std::vector<int> descriptors;          ///< that stay open; ascending
    bool init = true;                      ///< pid 1 of ours reaps and forwards; the command is its child
    bool wait_all = false;                 ///< pid 1 stays until the last process ends
    Span why;
    bool operator==(const Exec&) const = default;
};

/// What the launcher does while the command runs.
struct Supervision {
    std::vector<int> forward;  ///< signals, ascending
    Duration time_limit;       ///< 0: none
    int stop_signal = 15;      ///< sent at the time limit
    Duration stop_timeout;     ///< from the stop signal to SIGKILL
    bool die_with_parent = true;
    bool operator==(const Supervision&) const = default;
};

/// Everything that will happen, in order.
struct Plan {
    std::vector<Planned<ParentStep>> prepare;  ///< before the clone
    Clone clone;
    std::vector<Planned<ParentStep>> attach;  ///< the child exists and waits
    std::vector<Planned<ChildStep>> setup;    ///< in the child
    Exec exec;
    Supervision supervise;
    bool operator==(const Plan&) const = default;
};

}  // namespace nsrun
