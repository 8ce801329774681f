#pragma once
#include <nsrun/step.h>

/// The steps that make a network. They are the parent's.
namespace nsrun {

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

}  // namespace nsrun
