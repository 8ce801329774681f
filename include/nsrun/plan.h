#pragma once
#include <nsrun/enums.h>
#include <nsrun/profile.h>

#include <linux/filter.h>

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

/// Names a member of a step.
template <class Step, class T>
struct Field {
    std::string_view name;
    T Step::* member;
};
template <class Step, class T>
Field(const char*, T Step::*) -> Field<Step, T>;

/// Bits of MOUNT_ATTR_*: see mount_setattr(2).
struct MountAttributes {
    std::uint64_t set = 0;
    bool operator==(const MountAttributes&) const = default;
};

/// A set of capabilities, bit n for capability n: see capabilities(7).
struct CapabilitySet {
    std::uint64_t bits = 0;
    bool operator==(const CapabilitySet&) const = default;
};

enum class IdKind : std::uint8_t { uid, gid };
template <>
inline constexpr auto words<IdKind> = std::to_array<Word<IdKind>>({{IdKind::uid, "uid", ""}, {IdKind::gid, "gid", ""}});

enum class NodeKind : std::uint8_t { directory, file };
template <>
inline constexpr auto words<NodeKind> =
    std::to_array<Word<NodeKind>>({{NodeKind::directory, "directory", ""}, {NodeKind::file, "file", ""}});

/// A network namespace.
enum class Place : std::uint8_t { sandbox, host, pod };
template <>
inline constexpr auto words<Place> = std::to_array<Word<Place>>({
    {Place::sandbox, "sandbox", "the sandbox's own"},
    {Place::host, "host", "the one that nsrun runs in"},
    {Place::pod, "pod", "the one that the sandboxes of a pod share"},
});

/// Kinds of network interfaces that nsrun makes.
enum class LinkType : std::uint8_t { veth, bridge, macvlan, ipvlan, dummy, vlan };
template <>
inline constexpr auto words<LinkType> = std::to_array<Word<LinkType>>({
    {LinkType::veth, "veth", ""},
    {LinkType::bridge, "bridge", ""},
    {LinkType::macvlan, "macvlan", ""},
    {LinkType::ipvlan, "ipvlan", ""},
    {LinkType::dummy, "dummy", ""},
    {LinkType::vlan, "vlan", ""},
});

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

/// Opens a port of the host that leads to a port of the sandbox: a socket that listens, or for datagrams is bound. What
/// comes in waits there for start_relay. Source: socket(2), bind(2), listen(2).
struct Publish {
    static constexpr std::string_view name = "publish";
    Protocol protocol = Protocol::tcp;
    std::string address{};
    std::uint32_t outside = 0;  ///< 1 to 65535
    std::uint32_t inside = 0;
    static constexpr auto fields() {
        return std::tuple{Field{"protocol", &Publish::protocol}, Field{"address", &Publish::address},
                          Field{"outside", &Publish::outside}, Field{"inside", &Publish::inside}};
    }
    bool operator==(const Publish&) const = default;
};

/// Forks the process that carries what comes in at the published ports to the loopback interface of the sandbox. It
/// enters the sandbox's user and network namespaces, gives up every privilege, and ends with the sandbox.
struct StartRelay {
    static constexpr std::string_view name = "start_relay";
    static constexpr auto fields() { return std::tuple{}; }
    bool operator==(const StartRelay&) const = default;
};

/// Becomes a member of a pod: of sandboxes of one user that share a network. The first member makes it: a process of nsrun's
/// own, which holds a user namespace with this map and a network namespace with these settings, furnished by the steps of the
/// network that are prepared after this one. It ends with the last member. Who asks for another map, share or uplink, or for
/// a name or an address that a member has, is refused.
struct JoinPod {
    static constexpr std::string_view name = "join_pod";
    std::string pod{};
    PodShare share = PodShare::addresses;
    PodUplink uplink = PodUplink::none;
    std::string member{};                  ///< what the others know this sandbox as
    std::string alias{};                   ///< its host name, where that is another
    std::vector<std::string> addresses{};  ///< the same, without a prefix
    std::string directory{};               ///< of the pod's socket and of the members' /etc/hosts
    std::string hosts{};                   ///< what this one's says of others than members
    std::vector<IdRange> uids{}, gids{};   ///< the map of the user namespace
    std::string uid_helper{}, gid_helper{};
    bool deny_setgroups = false;
    std::vector<std::string> settings{};  ///< of the network namespace: "ipv4/ip_forward=1", below /proc/sys/net
    static constexpr auto fields() {
        return std::tuple{Field{"pod", &JoinPod::pod},
                          Field{"share", &JoinPod::share},
                          Field{"uplink", &JoinPod::uplink},
                          Field{"member", &JoinPod::member},
                          Field{"alias", &JoinPod::alias},
                          Field{"addresses", &JoinPod::addresses},
                          Field{"directory", &JoinPod::directory},
                          Field{"hosts", &JoinPod::hosts},
                          Field{"uids", &JoinPod::uids},
                          Field{"gids", &JoinPod::gids},
                          Field{"uid_helper", &JoinPod::uid_helper},
                          Field{"gid_helper", &JoinPod::gid_helper},
                          Field{"deny_setgroups", &JoinPod::deny_setgroups},
                          Field{"settings", &JoinPod::settings}};
    }
    bool operator==(const JoinPod&) const = default;
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

/// Sets a network interface up. Source: rtnetlink(7).
struct SetLink {
    static constexpr std::string_view name = "set_link";
    std::string link{};
    bool up = true;
    Place place = Place::sandbox;
    static constexpr auto fields() {
        return std::tuple{Field{"link", &SetLink::link}, Field{"up", &SetLink::up}, Field{"place", &SetLink::place}};
    }
    bool operator==(const SetLink&) const = default;
};

/// Makes a network interface of the sandbox. A veth has its other end in `place`, as `peer`, on `bridge` when that is named;
/// a macvlan or ipvlan stands on `parent` of `place`; a vlan stands on `parent` in the sandbox. Source: ip-link(8).
struct AddLink {
    static constexpr std::string_view name = "add_link";
    LinkType type = LinkType::veth;
    std::string link{};       ///< the name inside, 1 to 15 bytes
    std::uint32_t index = 0;  ///< inside, from 2; 0: the kernel's choice
    std::string parent{};
    std::string peer{};
    std::string bridge{};
    Place place = Place::host;
    std::string mac{};
    std::uint32_t mtu = 0;   ///< bytes; 0: the kernel's choice
    std::uint32_t vlan = 0;  ///< 1 to 4094, of a vlan
    bool awaited = false;    ///< nsrun ends after the peer, whose name the next one may want
    static constexpr auto fields() {
        return std::tuple{Field{"type", &AddLink::type},     Field{"link", &AddLink::link},     Field{"index", &AddLink::index},
                          Field{"parent", &AddLink::parent}, Field{"peer", &AddLink::peer},     Field{"bridge", &AddLink::bridge},
                          Field{"place", &AddLink::place},   Field{"mac", &AddLink::mac},       Field{"mtu", &AddLink::mtu},
                          Field{"vlan", &AddLink::vlan},     Field{"awaited", &AddLink::awaited}};
    }
    bool operator==(const AddLink&) const = default;
};

/// Gives an interface an address, usable at once: one of IPv6 is not asked about first. Source: ip-address(8).
struct AddAddress {
    static constexpr std::string_view name = "add_address";
    std::string link{};
    std::string address{};  ///< "10.0.0.5/24", "fd00::5/64"
    Place place = Place::sandbox;
    static constexpr auto fields() {
        return std::tuple{Field{"link", &AddAddress::link}, Field{"address", &AddAddress::address},
                          Field{"place", &AddAddress::place}};
    }
    bool operator==(const AddAddress&) const = default;
};

/// Adds a route of the sandbox. Source: ip-route(8).
struct AddRoute {
    static constexpr std::string_view name = "add_route";
    std::string to{};   ///< "0.0.0.0/0", "10.1.0.0/16", "2001:db8::7/128"
    std::string via{};  ///< an address; empty: what is on the link itself
    std::string link{};
    std::uint32_t metric = 0;  ///< 0: the kernel's choice
    bool unreachable = false;  ///< nothing goes there: no via, no link
    static constexpr auto fields() {
        return std::tuple{Field{"to", &AddRoute::to}, Field{"via", &AddRoute::via}, Field{"link", &AddRoute::link},
                          Field{"metric", &AddRoute::metric}, Field{"unreachable", &AddRoute::unreachable}};
    }
    bool operator==(const AddRoute&) const = default;
};

/// Moves an interface of the host into the sandbox, as `link`; it comes back when the sandbox ends.
struct MoveLink {
    static constexpr std::string_view name = "move_link";
    std::string host_link{};
    std::string link{};
    std::uint32_t mtu = 0;
    std::string mac{};
    static constexpr auto fields() {
        return std::tuple{Field{"host_link", &MoveLink::host_link}, Field{"link", &MoveLink::link}, Field{"mtu", &MoveLink::mtu},
                          Field{"mac", &MoveLink::mac}};
    }
    bool operator==(const MoveLink&) const = default;
};

/// Lets no more than `rate` leave through an interface, by a token bucket. Source: tc-tbf(8).
struct LimitRate {
    static constexpr std::string_view name = "limit_rate";
    std::string link{};
    BitRate rate{};
    Place place = Place::sandbox;
    static constexpr auto fields() {
        return std::tuple{Field{"link", &LimitRate::link}, Field{"rate", &LimitRate::rate}, Field{"place", &LimitRate::place}};
    }
    bool operator==(const LimitRate&) const = default;
};

/// Makes a bridge of the host that sandboxes share: the first makes it, with `addresses`, the last removes it. A process of
/// nsrun's own stays for that until the sandbox ends, whatever ends it. `lock`: the file that those who use it hold.
struct ShareBridge {
    static constexpr std::string_view name = "share_bridge";
    std::string link{};
    std::vector<std::string> addresses{};
    std::string lock{};
    static constexpr auto fields() {
        return std::tuple{Field{"link", &ShareBridge::link}, Field{"addresses", &ShareBridge::addresses},
                          Field{"lock", &ShareBridge::lock}};
    }
    bool operator==(const ShareBridge&) const = default;
};

/// Gives what comes from `sources` and leaves by another interface the host's address there: an nftables table that the
/// kernel removes when nsrun ends, however that comes. Source: nft(8), "flags owner".
struct Masquerade {
    static constexpr std::string_view name = "masquerade";
    std::string table{};
    std::vector<std::string> sources{};  ///< "10.0.0.0/24", "fd00::/64"
    static constexpr auto fields() {
        return std::tuple{Field{"table", &Masquerade::table}, Field{"sources", &Masquerade::sources}};
    }
    bool operator==(const Masquerade&) const = default;
};

/// Sets how many bytes a packet of an interface of the sandbox may have. Source: rtnetlink(7).
struct SetMtu {
    static constexpr std::string_view name = "set_mtu";
    std::string link{};
    std::uint32_t mtu = 0;
    static constexpr auto fields() { return std::tuple{Field{"link", &SetMtu::link}, Field{"mtu", &SetMtu::mtu}}; }
    bool operator==(const SetMtu&) const = default;
};

/// Keeps an address, or a net of them, inside: what is sent there, also by who picks the link himself, arrives in the
/// sandbox, where nobody answers. A route of type unreachable would not do: the kernel passes it over for sockets that
/// are bound to the link. Source: ip-route(8), type local.
struct CloseAddress {
    static constexpr std::string_view name = "close_address";
    std::string address{};  ///< "192.0.2.7/32"
    std::string link{};     ///< by which it could be reached
    static constexpr auto fields() {
        return std::tuple{Field{"address", &CloseAddress::address}, Field{"link", &CloseAddress::link}};
    }
    bool operator==(const CloseAddress&) const = default;
};

/// Lets nothing out by an interface that is for many at once: services of the host that listen to all addresses would
/// hear it. An nftables table of the sandbox's network namespace, which only who has CAP_NET_ADMIN there can change; it
/// goes with that. Routes would not do: the kernel asks none for multicast and broadcast of IPv4 when the sender says by
/// which interface, or from which address. Source: nft(8).
struct CloseMulticast {
    static constexpr std::string_view name = "close_multicast";
    std::string link{};
    static constexpr auto fields() { return std::tuple{Field{"link", &CloseMulticast::link}}; }
    bool operator==(const CloseMulticast&) const = default;
};

/// Closes every address that the host has besides, and each that it gets while the sandbox lives. Source: rtnetlink(7).
struct WatchAddresses {
    static constexpr std::string_view name = "watch_addresses";
    std::string link{};  ///< by which they could be reached
    bool ipv6 = true;    ///< those, too
    static constexpr auto fields() {
        return std::tuple{Field{"link", &WatchAddresses::link}, Field{"ipv6", &WatchAddresses::ipv6}};
    }
    bool operator==(const WatchAddresses&) const = default;
};

/// Starts the helper that speaks to the network for the sandbox, and waits until it has made its interface. It has the
/// sandbox's user namespace as descriptor 0, the network namespace as 1, and tells its errors to 2. It ends with nsrun.
struct StartUplink {
    static constexpr std::string_view name = "start_uplink";
    std::string link{};
    std::string helper{};  ///< absolute path
    std::vector<std::string> argv{};
    static constexpr auto fields() {
        return std::tuple{Field{"link", &StartUplink::link}, Field{"helper", &StartUplink::helper},
                          Field{"argv", &StartUplink::argv}};
    }
    bool operator==(const StartUplink&) const = default;
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

// ---- steps of the child, inside --------------------------------------------------------------------------------------

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
