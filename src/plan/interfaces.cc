#include "plan/network.h"

#include "base/address.h"

#include <fmt/format.h>
#include <linux/capability.h>

#include <algorithm>

namespace nsrun {
namespace {

constexpr std::uint32_t first_index = 2;  // 1 is the loopback interface

/// Six letters and digits that no other run has.
std::string word_of_run(std::uint32_t token) {
    constexpr std::string_view letters = "0123456789abcdefghijklmnopqrstuv";
    std::string word;
    for (int shift = 0; shift < 30; shift += 5) word += letters[token >> shift & 31];
    return word;
}

/// The file that the sandboxes hold which made a bridge of the host for one another. `inode`: of the network namespace that
/// plays the host, as another one that sees the same /run has other bridges.
std::string bridge_lock(std::string_view bridge, std::uint64_t inode) {
    return fmt::format("/run/nsrun/bridges/{}.{}.lock", bridge, inode);
}

/// An address of the host's end: with the prefix of the network that it shares with the sandbox.
std::string with_prefix(const InterfaceRule& interface, const std::string& gateway) {
    auto address = parse_address(gateway);
    for (const auto& own : interface.address) {
        const auto network = parse_cidr(*own);
        if (address && network && holds(*network, *address)) address->prefix = network->prefix;
    }
    return address ? cidr_text(*address) : gateway;
}

/// True when all interfaces are made in the sandbox's own namespace. Of one that is made from the host, older kernels look in
/// the host's whether its number is free; the end of a veth is given none; an interface that is moved keeps its own.
bool made_inside(const Profile& profile) {
    return std::ranges::all_of(profile.network.interfaces, [](const auto& each) {
        return *each.type == InterfaceType::bridge || *each.type == InterfaceType::dummy;
    });
}

/// Plans the interfaces of a sandbox, one after the other.
class Interfaces {
  public:
    Interfaces(const Profile& profile, const HostFacts& facts, bool in_place, NetworkPlan& plan, Diagnostics& diagnostics)
        : facts_(facts), in_place_(in_place), plan_(plan), diagnostics_(diagnostics), numbers_(made_inside(profile)) {}

    void add(const InterfaceRule& interface);

  private:
    bool allowed(const InterfaceRule& interface);
    void make(const InterfaceRule& interface);
    void attach_to_host(const InterfaceRule& interface, AddLink link);
    void share_bridge(const InterfaceRule& interface);
    void configure(const InterfaceRule& interface);
    void masquerade(const InterfaceRule& interface);
    void needs_keeper(const Span& at, const char* what);
    LinkKind host_link(const std::string& name) const;
    std::uint32_t next_index();
    template <class Step>
    void attach(Step step, const Span& why) {
        plan_.attach.push_back({std::move(step), why});
    }

    const HostFacts& facts_;
    bool in_place_;  ///< nothing of nsrun stays
    NetworkPlan& plan_;
    Diagnostics& diagnostics_;
    bool numbers_;                       ///< numbers are planned
    std::uint32_t index_ = first_index;  ///< of the next interface
    std::uint32_t peers_ = 0;            ///< other ends that were named for the profile
};

/// The number that a new interface is given; 0: the kernel's choice.
std::uint32_t Interfaces::next_index() {
    const std::uint32_t index = index_++;
    return numbers_ ? index : 0;
}

/// What was not surveyed is absent.
LinkKind Interfaces::host_link(const std::string& name) const {
    const auto found = facts_.interfaces.links.find(name);
    return found == facts_.interfaces.links.end() ? LinkKind::absent : found->second;
}

/// True unless the host would refuse, which is told here: with the line and what to do.
bool Interfaces::allowed(const InterfaceRule& interface) {
    const InterfaceType type = *interface.type;
    if (type == InterfaceType::bridge || type == InterfaceType::dummy) return true;
    if ((facts_.capabilities >> CAP_NET_ADMIN & 1) == 0) {
        diagnostics_.error(Code::needs_privilege, interface.at,
                           fmt::format("a {} reaches into the host's network, which needs CAP_NET_ADMIN there", spelling(type)),
                           "run nsrun as root");
        return false;
    }
    const auto missing = [&](const Located<std::string>& name) {
        diagnostics_.error(Code::missing_link, name.at, fmt::format("the host has no interface '{}'", printable(*name)),
                           "ip link lists those that there are");
        return false;
    };
    if (type != InterfaceType::veth) return host_link(*interface.parent) != LinkKind::absent || missing(interface.parent);
    if (!interface.peer_name->empty() && host_link(*interface.peer_name) != LinkKind::absent) {
        diagnostics_.error(Code::conflict, interface.peer_name.at,
                           fmt::format("the host has an interface '{}' already", printable(*interface.peer_name)), "choose another name");
        return false;
    }
    if (!interface.bridge->empty() && host_link(*interface.bridge) == LinkKind::other) {
        diagnostics_.error(Code::conflict, interface.bridge.at,
                           fmt::format("the host's interface '{}' is no bridge", printable(*interface.bridge)),
                           "name a bridge, or one that does not exist and is made");
        return false;
    }
    return true;
}

void Interfaces::attach_to_host(const InterfaceRule& interface, AddLink link) {
    link.peer = interface.peer_name->empty() ? fmt::format("ns{}.{}", word_of_run(facts_.interfaces.token), peers_++)
                                              : *interface.peer_name;
    link.awaited = !interface.peer_name->empty();
    link.bridge = *interface.bridge;
    const std::string end = link.peer;
    attach(std::move(link), interface.at);
    // What enters the sandbox leaves the host's end, where the sandbox has no say.
    if (*interface.ingress != BitRate{}) {
        attach(LimitRate{.link = end, .rate = *interface.ingress, .place = Place::host}, interface.ingress.at);
    }
    if (!interface.bridge->empty()) return;
    for (const auto& gateway : interface.gateway) {
        attach(AddAddress{.link = end, .address = with_prefix(interface, *gateway), .place = Place::host}, gateway.at);
    }
}

/// Makes the interface itself; with a VLAN, the one below it and the VLAN on that.
void Interfaces::make(const InterfaceRule& interface) {
    const bool tagged = *interface.vlan != 0;
    AddLink link;
    link.link = tagged ? fmt::format("lower{}", index_) : *interface.name;
    link.index = next_index();
    link.mac = *interface.mac;
    link.mtu = static_cast<std::uint32_t>(*interface.mtu);
    const std::string lower = link.link;
    switch (*interface.type) {
        case InterfaceType::veth:
            attach_to_host(interface, std::move(link));
            break;
        case InterfaceType::macvlan:
        case InterfaceType::ipvlan:
            link.type = *interface.type == InterfaceType::macvlan ? LinkType::macvlan : LinkType::ipvlan;
            link.parent = *interface.parent;
            attach(std::move(link), interface.at);
            break;
        case InterfaceType::bridge:
        case InterfaceType::dummy:
            link.type = *interface.type == InterfaceType::bridge ? LinkType::bridge : LinkType::dummy;
            link.place = Place::sandbox;
            attach(std::move(link), interface.at);
            break;
        case InterfaceType::phys:
            needs_keeper(interface.at, "an interface that comes back");
            attach(MoveLink{.host_link = *interface.parent, .link = lower, .mtu = link.mtu, .mac = link.mac}, interface.at);
            break;
    }
    if (!tagged) return;
    attach(SetLink{.link = lower}, interface.at);
    attach(AddLink{.type = LinkType::vlan, .link = *interface.name, .index = next_index(), .parent = lower, .place = Place::sandbox,
                   .vlan = static_cast<std::uint32_t>(*interface.vlan)},
           interface.vlan.at);
}

/// A bridge that does not exist, or that other sandboxes made: those that name it make it and keep it.
void Interfaces::share_bridge(const InterfaceRule& interface) {
    const std::string& name = *interface.bridge;
    if (name.empty()) return;
    if (host_link(name) == LinkKind::bridge) return;
    needs_keeper(interface.bridge.at, "a bridge that is made for sandboxes");
    std::vector<std::string> addresses;
    for (const auto& gateway : interface.gateway) addresses.push_back(with_prefix(interface, *gateway));
    for (auto& planned : plan_.prepare) {
        auto* known = std::get_if<ShareBridge>(&planned.step);
        if (known == nullptr || known->link != name) continue;
        for (auto& address : addresses) {
            if (std::ranges::find(known->addresses, address) == known->addresses.end()) known->addresses.push_back(std::move(address));
        }
        return;
    }
    plan_.prepare.push_back({ShareBridge{.link = name,
                                         .addresses = std::move(addresses),
                                         .lock = bridge_lock(name, facts_.interfaces.inode)},
                             interface.bridge.at});
}

void Interfaces::configure(const InterfaceRule& interface) {
    const std::string& link = *interface.name;
    for (const auto& address : interface.address) attach(AddAddress{.link = link, .address = *address}, address.at);
    attach(SetLink{.link = link}, interface.at);
    if (*interface.egress != BitRate{}) attach(LimitRate{.link = link, .rate = *interface.egress}, interface.egress.at);
    for (const auto& gateway : interface.gateway) {
        const auto address = parse_address(*gateway);
        attach(AddRoute{.to = address && address->six ? "::/0" : "0.0.0.0/0", .via = *gateway, .link = link}, gateway.at);
    }
    for (const auto& route : interface.routes) {
        attach(AddRoute{.to = *route->to, .via = *route->via, .link = link, .metric = static_cast<std::uint32_t>(*route->metric)}, route.at);
    }
}

void Interfaces::masquerade(const InterfaceRule& interface) {
    if (!*interface.nat) return;
    needs_keeper(interface.nat.at, "nat");
    Masquerade step;
    step.table = fmt::format("nsrun-{}-{}", word_of_run(facts_.interfaces.token), *interface.name);
    for (const auto& address : interface.address) {
        const auto own = parse_cidr(*address);
        if (!own) continue;
        step.sources.push_back(cidr_text(network_of(*own)));
        if (own->six ? facts_.interfaces.forwards6 : facts_.interfaces.forwards4) continue;
        const std::string_view setting = own->six ? "net.ipv6.conf.all.forwarding" : "net.ipv4.ip_forward";
        diagnostics_.error(Code::needs_setting, interface.nat.at,
                           fmt::format("nat needs a host that forwards {}: {} is 0", own->six ? "IPv6" : "IPv4", setting),
                           fmt::format("as root: sysctl -w {}=1; the host then forwards for others, too", setting));
    }
    attach(std::move(step), interface.nat.at);
}

/// What outlives the set-up needs a process of nsrun for as long.
void Interfaces::needs_keeper(const Span& at, const char* what) {
    if (!in_place_) return;
    diagnostics_.error(Code::needs_init, at, fmt::format("{} needs a process of nsrun that stays until the sandbox ends", what),
                       "remove init = false, or add \"pid\" to namespaces");
}

void Interfaces::add(const InterfaceRule& interface) {
    if (!allowed(interface)) return;
    share_bridge(interface);
    make(interface);
    configure(interface);
    masquerade(interface);
}

}  // namespace

void want_interfaces(const Profile& profile, Wanted& wanted) {
    wanted.interfaces = true;
    for (const auto& interface : profile.network.interfaces) {
        for (const auto* name : {&interface.parent, &interface.bridge, &interface.peer_name}) {
            if (!(*name)->empty()) wanted.links.push_back(**name);
        }
    }
}

void plan_interfaces(const Profile& profile, const HostFacts& facts, const Clone& clone, NetworkPlan& plan, Diagnostics& diagnostics) {
    Interfaces interfaces(profile, facts, clone.in_place, plan, diagnostics);
    for (const auto& interface : profile.network.interfaces) interfaces.add(interface);
}

}  // namespace nsrun
