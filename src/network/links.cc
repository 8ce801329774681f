#include "network/network.h"

#include "network/objects.h"

#include <linux/netlink.h>
#include <netlink/route/link/bridge.h>
#include <netlink/route/link/ipvlan.h>
#include <netlink/route/link/macvlan.h>
#include <netlink/route/link/veth.h>
#include <netlink/route/link/vlan.h>
#include <net/if.h>
#include <poll.h>

#include <cerrno>
#include <ctime>

namespace nsrun::network {
namespace {

/// What a new interface of a type starts as. The two of a veth hang together: the first is the host's end.
Link allocated(LinkType type) {
    switch (type) {
        case LinkType::veth: return Link(rtnl_link_veth_alloc());
        case LinkType::bridge: return Link(rtnl_link_bridge_alloc());
        case LinkType::macvlan: return Link(rtnl_link_macvlan_alloc());
        case LinkType::ipvlan: return Link(rtnl_link_ipvlan_alloc());
        case LinkType::vlan: return Link(rtnl_link_vlan_alloc());
        case LinkType::dummy: break;
    }
    Link link(rtnl_link_alloc());
    if (link) rtnl_link_set_type(link.get(), "dummy");
    return link;
}

/// How the sandbox knows the interface. Its own namespace brings it up: the kernel refuses an end of a veth that is up
/// before its other end is there.
Result<> describe(rtnl_link* link, const AddLink& step) {
    rtnl_link_set_name(link, step.link.c_str());
    if (step.index != 0) rtnl_link_set_ifindex(link, static_cast<int>(step.index));
    if (step.mtu != 0) rtnl_link_set_mtu(link, step.mtu);
    if (step.mac.empty()) return {};
    const Address mac = NSRUN_TRY(parsed(step.mac, AF_LLC));
    rtnl_link_set_addr(link, mac.get());
    return {};
}

Result<> add(Places& places, Place place, rtnl_link* link, const AddLink& step) {
    Socket& socket = NSRUN_TRY(places.at(place));
    const int answer = rtnl_link_add(socket.get(), link, NLM_F_CREATE | NLM_F_EXCL);
    NSRUN_TRY(socket.result(answer, fmt::format("make the {} {}", spelling(step.type), step.link)));
    if (step.index != 0) places.note(Place::sandbox, step.link, static_cast<int>(step.index));
    return {};
}

Result<> add_veth(Places& places, const AddLink& step) {
    const Link link = allocated(step.type);
    if (!link) return fail(ENOMEM, "make an interface");
    rtnl_link_set_name(link.get(), step.peer.c_str());
    if (step.mtu != 0) rtnl_link_set_mtu(link.get(), step.mtu);
    if (!step.bridge.empty()) rtnl_link_set_master(link.get(), NSRUN_TRY(places.index(step.place, step.bridge)));
    rtnl_link_set_flags(link.get(), IFF_UP);
    const Link inner(rtnl_link_veth_get_peer(link.get()));
    NSRUN_TRY(describe(inner.get(), step));
    rtnl_link_set_ns_fd(inner.get(), places.space());
    NSRUN_TRY(add(places, step.place, link.get(), step));
    if (step.place != Place::host) return {};
    if (step.awaited) places.lasting.ends.note(NSRUN_TRY(places.index(Place::host, step.peer)));
    // Before the other end is up: until then nothing is heard of it.
    return ignore_routers(step.peer);
}

/// A macvlan or ipvlan stands on an interface of the host and is born in the sandbox.
Result<> add_on_parent(Places& places, const AddLink& step) {
    const Link link = allocated(step.type);
    if (!link) return fail(ENOMEM, "make an interface");
    rtnl_link_set_link(link.get(), NSRUN_TRY(places.index(step.place, step.parent)));
    if (step.type == LinkType::macvlan) rtnl_link_macvlan_set_mode(link.get(), MACVLAN_MODE_BRIDGE);
    // Who is on the link finds it by ARP; the kernel's choice, L3, leaves that out.
    if (step.type == LinkType::ipvlan) rtnl_link_ipvlan_set_mode(link.get(), IPVLAN_MODE_L2);
    NSRUN_TRY(describe(link.get(), step));
    rtnl_link_set_ns_fd(link.get(), places.space());
    return add(places, step.place, link.get(), step);
}

Result<> add_inside(Places& places, const AddLink& step) {
    const Link link = allocated(step.type);
    if (!link) return fail(ENOMEM, "make an interface");
    if (step.type == LinkType::vlan) {
        rtnl_link_set_link(link.get(), NSRUN_TRY(places.index(Place::sandbox, step.parent)));
        rtnl_link_vlan_set_id(link.get(), static_cast<std::uint16_t>(step.vlan));
    }
    NSRUN_TRY(describe(link.get(), step));
    return add(places, Place::sandbox, link.get(), step);
}

bool exists(Socket& host, int index) {
    rtnl_link* present = nullptr;
    const int answer = rtnl_link_get_kernel(host.get(), index, nullptr, &present);
    const Link found(present);
    return answer >= 0;
}

/// One that is gone meanwhile is no error.
void remove(Socket& host, int index) {
    const Link numbered(rtnl_link_alloc());
    if (!numbered) return;
    rtnl_link_set_ifindex(numbered.get(), index);
    (void)rtnl_link_delete(host.get(), numbered.get());
}

}  // namespace

Result<> run(Places& places, const AddLink& step) {
    switch (step.type) {
        case LinkType::veth: return add_veth(places, step);
        case LinkType::macvlan:
        case LinkType::ipvlan: return add_on_parent(places, step);
        case LinkType::bridge:
        case LinkType::dummy:
        case LinkType::vlan: break;
    }
    return add_inside(places, step);
}

Result<> run(Places& places, const SetLink& step) {
    Socket& socket = NSRUN_TRY(places.at(step.place));
    const Link present(rtnl_link_alloc()), wanted(rtnl_link_alloc());
    if (!present || !wanted) return fail(ENOMEM, "change an interface");
    rtnl_link_set_name(present.get(), step.link.c_str());
    rtnl_link_set_name(wanted.get(), step.link.c_str());  // without an index the kernel finds the link by its name
    step.up ? rtnl_link_set_flags(wanted.get(), IFF_UP) : rtnl_link_unset_flags(wanted.get(), IFF_UP);
    const int answer = rtnl_link_change(socket.get(), present.get(), wanted.get(), 0);
    return socket.result(answer, fmt::format("set the link {} {}", step.link, step.up ? "up" : "down"));
}

Result<> run(Places& places, const SetMtu& step) {
    Socket& socket = NSRUN_TRY(places.at(Place::sandbox));
    const Link present(rtnl_link_alloc()), wanted(rtnl_link_alloc());
    if (!present || !wanted) return fail(ENOMEM, "change an interface");
    rtnl_link_set_name(present.get(), step.link.c_str());
    rtnl_link_set_name(wanted.get(), step.link.c_str());
    rtnl_link_set_mtu(wanted.get(), step.mtu);
    const int answer = rtnl_link_change(socket.get(), present.get(), wanted.get(), 0);
    return socket.result(answer, fmt::format("set the mtu of {} to {}", step.link, step.mtu));
}

Result<> await_link(Places& places, const std::string& link, int maker) {
    constexpr int most = 20'000;  // times half a millisecond
    constexpr timespec pause{0, 500'000};
    for (int tried = 0; tried < most; ++tried) {
        const auto index = places.index(Place::sandbox, link);
        if (index) return {};
        if (index.error().code != ENODEV) return std::unexpected(index.error());
        pollfd end{maker, POLLIN, 0};
        if (ppoll(&end, 1, &pause, nullptr) > 0) return fail(ECHILD, "see the interface {}", link);
    }
    return fail(ETIMEDOUT, "see the interface {}", link);
}

Result<> remove_link(Socket& socket, const std::string& link) {
    const Link named(rtnl_link_alloc());
    if (!named) return fail(ENOMEM, "remove an interface");
    rtnl_link_set_name(named.get(), link.c_str());
    const int answer = rtnl_link_delete(socket.get(), named.get());
    return socket.result(answer, fmt::format("remove the interface {}", link));
}

HostEnds& HostEnds::operator=(HostEnds&& other) noexcept {
    std::swap(indexes_, other.indexes_);
    return *this;
}

HostEnds::~HostEnds() {
    if (indexes_.empty()) return;
    auto host = Socket::open(NETLINK_ROUTE);
    if (!host) return;  // the kernel removes them all the same, later
    constexpr timespec pause{0, 1'000'000};
    for (int patience = 1'000; const int index : indexes_) {
        while (patience-- > 0 && exists(*host, index)) nanosleep(&pause, nullptr);
        if (patience < 0) remove(*host, index);
    }
}

}  // namespace nsrun::network
