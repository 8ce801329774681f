#include "profile/check.h"
#include "profile/keys.h"

#include "base/address.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace nsrun {
namespace {

/// Which keys of a [[network.interface]] have a meaning for a type, besides those that every type takes.
struct Takes {
    InterfaceType type;
    std::array<std::string_view, 4> keys;
};
constexpr auto takes = std::to_array<Takes>({
    {InterfaceType::veth, {"bridge", "peer-name", "ingress", "nat"}},
    {InterfaceType::bridge, {}},
    {InterfaceType::macvlan, {"parent"}},
    {InterfaceType::ipvlan, {"parent"}},
    {InterfaceType::dummy, {}},
    {InterfaceType::phys, {"parent"}},
});
static_assert(takes.size() == words<InterfaceType>.size());
constexpr auto any_takes =
    std::to_array<std::string_view>({"type", "name", "address", "gateway", "routes", "mac", "mtu", "vlan", "egress"});

constexpr bool has_meaning(InterfaceType type, std::string_view key) {
    const auto& keys = takes[static_cast<std::size_t>(type)].keys;
    return std::ranges::find(any_takes, key) != any_takes.end() || std::ranges::find(keys, key) != keys.end();
}

/// The type with its article: "an ipvlan".
std::string one(InterfaceType type) {
    return fmt::format("{} {}", type == InterfaceType::ipvlan ? "an" : "a", spelling(type));
}

void check_meaning(const InterfaceRule& interface, Diagnostics& diagnostics) {
    for (const Key& key : find_key("network.interface")->shape->keys) {
        const Span at = key.place(&interface);
        if (!at || has_meaning(*interface.type, key.name())) continue;
        std::string types;
        for (const auto& row : takes) {
            if (has_meaning(row.type, key.name())) types += (types.empty() ? "" : ", ") + std::string(spelling(row.type));
        }
        diagnostics.error(Code::conflict, at, fmt::format("{} has no meaning for {}", key.name(), one(*interface.type)),
                          fmt::format("remove it; it belongs to: {}", types));
    }
    if (has_meaning(*interface.type, "parent") && interface.parent->empty()) {
        diagnostics.error(Code::missing_key, interface.at, fmt::format("{} needs 'parent'", one(*interface.type)),
                          "add parent = \"...\": the interface of the host");
    }
}

/// The addresses of an interface with their places; those that are wrong were reported when they were read.
std::vector<Located<Cidr>> addresses(const InterfaceRule& interface) {
    std::vector<Located<Cidr>> read;
    for (const auto& text : interface.address) {
        if (const auto address = parse_cidr(*text)) read.push_back({*address, text.at});
    }
    return read;
}

void check_gateways(const InterfaceRule& interface, const std::vector<Located<Cidr>>& own, Diagnostics& diagnostics) {
    const Located<std::string>* first[2] = {};
    for (const auto& text : interface.gateway) {
        const auto gateway = parse_address(*text);
        if (!gateway) continue;
        if (const auto* other = std::exchange(first[gateway->six ? 1 : 0], &text)) {
            diagnostics.error(Code::conflict, text.at,
                              fmt::format("'{}' and '{}' are both gateways of {}", **other, *text, gateway->six ? "IPv6" : "IPv4"),
                              "keep one, or write the other as a route");
        }
        const auto is_it = [&](const Located<Cidr>& address) { return address->bytes == gateway->bytes && address->six == gateway->six; };
        if (std::ranges::any_of(own, is_it)) {
            diagnostics.error(Code::conflict, text.at, fmt::format("'{}' is the interface's own address", *text),
                              "write the address of the router: the host's");
        } else if (std::ranges::none_of(own, [&](const auto& address) { return holds(*address, *gateway); })) {
            diagnostics.error(Code::out_of_range, text.at,
                              fmt::format("the gateway '{}' is in no network of this interface", *text),
                              own.empty() ? "add address = [...]" : fmt::format("choose one in {}", cidr_text(network_of(*own.front()))));
        }
    }
}

void check_routes(const InterfaceRule& interface, const std::vector<Located<Cidr>>& own, Diagnostics& diagnostics) {
    for (const auto& route : interface.routes) {
        const auto to = parse_cidr(*route->to);
        const auto via = parse_address(*route->via);
        if (to && network_of(*to) != *to) {
            diagnostics.error(Code::out_of_range, route->to.at, fmt::format("'{}' is an address in a network, not a network", *route->to),
                              fmt::format("write \"{}\"", cidr_text(network_of(*to))));
        }
        if (!via || !to) continue;
        if (via->six != to->six) {
            diagnostics.error(Code::conflict, route->via.at, "a route of one family goes through a router of the other",
                              "write an address of the same family as 'to'");
        } else if (std::ranges::none_of(own, [&](const auto& address) { return holds(*address, *via); })) {
            diagnostics.error(Code::out_of_range, route->via.at,
                              fmt::format("the router '{}' is in no network of this interface", *route->via),
                              "write one that the interface's addresses reach");
        }
    }
}

void check_interface(const InterfaceRule& interface, Diagnostics& diagnostics) {
    check_meaning(interface, diagnostics);
    const auto own = addresses(interface);
    check_gateways(interface, own, diagnostics);
    check_routes(interface, own, diagnostics);
    if (*interface.name == "lo") {
        diagnostics.error(Code::conflict, interface.name.at, "'lo' is the loopback interface, which every sandbox has",
                          "choose another name");
    }
    if (!interface.bridge->empty() && *interface.bridge == *interface.peer_name) {
        diagnostics.error(Code::conflict, interface.peer_name.at, "the other end has the name of the bridge", "choose another name");
    }
    if (*interface.nat && interface.address.empty()) {
        diagnostics.error(Code::missing_key, interface.nat.at, "nat needs 'address': the networks that it speaks of", "add address = [...]");
    }
}

/// An address belongs to one interface, and a name to one other end.
void check_doubles(const std::vector<InterfaceRule>& interfaces, Diagnostics& diagnostics) {
    std::vector<Located<Cidr>> seen;
    std::vector<const Located<std::string>*> peers;
    for (const auto& interface : interfaces) {
        for (const auto& address : addresses(interface)) {
            const auto same = std::ranges::find_if(seen, [&](const auto& other) { return other->bytes == address->bytes && other->six == address->six; });
            if (same != seen.end()) {
                diagnostics.error(Code::duplicate_entry, address.at,
                                  fmt::format("the address {} is given twice (line {})", address_text(*address), same->at.line),
                                  "give each interface addresses of its own");
            }
            seen.push_back(address);
        }
        if (interface.peer_name->empty()) continue;
        const auto same = std::ranges::find_if(peers, [&](const auto* other) { return **other == *interface.peer_name; });
        if (same != peers.end()) {
            diagnostics.error(Code::duplicate_entry, interface.peer_name.at,
                              fmt::format("two interfaces of the host would be named '{}' (line {})", *interface.peer_name, (*same)->at.line),
                              "choose another name");
        }
        peers.push_back(&interface.peer_name);
    }
}

}  // namespace

void check_interfaces(const Profile& profile, Diagnostics& diagnostics) {
    const NetworkRules& network = profile.network;
    if (*network.mode != NetworkMode::private_) {
        if (network.interfaces.empty()) return;
        diagnostics.error(Code::conflict, network.interfaces.front().at,
                          fmt::format("network.mode = \"{}\" has no interfaces to choose", spelling(*network.mode)),
                          "write network.mode = \"private\"");
        return;
    }
    if (network.interfaces.empty()) {
        diagnostics.error(Code::missing_key, network.mode.at, "network.mode = \"private\" needs a [[network.interface]]",
                          "add one, or write network.mode = \"loopback\"");
    }
    for (const auto& interface : network.interfaces) {
        check_interface(interface, diagnostics);
        if (*network.ipv6) continue;
        for (const auto& address : addresses(interface)) {
            if (!address->six) continue;
            diagnostics.error(Code::conflict, address.at, "an address of IPv6, which network.ipv6 = false switches off",
                              "remove one of the two");
        }
    }
    check_doubles(network.interfaces, diagnostics);
}

}  // namespace nsrun
