#pragma once
#include "profile/sorts.h"

/// The rows of [network]: a part of the table in keys.cc.
namespace nsrun {

// ---- [network] ----

template <>
inline constexpr auto keys_of<RouteRule> = std::to_array<Key>({
    key<&RouteRule::to, a_required_network>(
        {.name = "to", .summary = "The network that the route leads to.", .example = R"("10.1.0.0/16")"}),
    key<&RouteRule::via, an_address>({.name = "via",
                                      .summary = "The router on the way there.",
                                      .example = R"("10.0.0.9")",
                                      .otherwise = "what is there is on the interface's own link"}),
    key<&RouteRule::metric, a_metric>(
        {.name = "metric", .summary = "How far it is: of two routes the nearer is taken.", .example = "100"}),
});
static_assert(complete<RouteRule>(keys_of<RouteRule>));

template <>
inline constexpr auto keys_of<InterfaceRule> = std::to_array<Key>({
    key<&InterfaceRule::type>({.name = "type", .summary = "What kind of interface it is.", .example = R"("macvlan")"}),
    key<&InterfaceRule::name, an_own_link_name>(
        {.name = "name",
         .summary = "Its name inside, at most 15 bytes.",
         .details = "Interfaces of several layers merge by it.",
         .example = R"("eth0")"}),
    key<&InterfaceRule::parent, a_link_name>(
        {.name = "parent",
         .summary = "The interface of the host that it stands on; of 'phys' the one that is moved.",
         .example = R"("enp3s0")",
         .otherwise = "none"}),
    key<&InterfaceRule::bridge, a_link_name>(
        {.name = "bridge",
         .summary = "Of a veth: the bridge of the host that its other end is attached to.",
         .details = "One that exists is used as it is. Another is made for the sandboxes that name it: it has their "
                    "'gateway' for an address, and goes with the last of them.",
         .example = R"("br0")",
         .otherwise = "the other end stands alone"}),
    key<&InterfaceRule::peer_name, a_link_name>({.name = "peer-name",
                                                 .summary = "Of a veth: the name of its other end, on the host.",
                                                 .details = "It is free again when nsrun has ended, which waits up to a second for what "
                                                            "the command sent last to arrive. Of an nsrun that was killed, the "
                                                            "kernel removes both ends once no connection is left that it "
                                                            "still has to send something for.",
                                                 .example = R"("ve-web")",
                                                 .otherwise = "one that nobody else has"}),
    key<&InterfaceRule::address, an_address_with_prefix>(
        {.name = "address",
         .summary = "Its addresses, with the length of their network's prefix.",
         .example = R"(["10.0.0.5/24", "fd00::5/64"])"}),
    key<&InterfaceRule::gateway, an_address>(
        {.name = "gateway",
         .summary = "The routers to everywhere else, at most one of IPv4 and one of IPv6, in a network of 'address'.",
         .details = "Of a veth it is also the address of the host's end, or of a bridge that is made for it; a bridge "
                    "that exists has addresses of its own.",
         .example = R"(["10.0.0.1"])"}),
    key<&InterfaceRule::routes>({.name = "routes",
                                 .summary = "More routes: tables of to, via and metric.",
                                 .example = R"([{ to = "10.1.0.0/16", via = "10.0.0.9" }])"}),
    key<&InterfaceRule::mac, a_mac>({.name = "mac",
                                     .summary = "Its link-layer address.",
                                     .example = R"("02:00:00:00:00:05")",
                                     .otherwise = "the kernel's choice"}),
    key<&InterfaceRule::mtu, an_mtu>({.name = "mtu",
                                      .summary = "The largest packet, in bytes.",
                                      .example = "1400",
                                      .otherwise = "the kernel's choice"}),
    key<&InterfaceRule::vlan, a_vlan>(
        {.name = "vlan",
         .summary = "The VLAN that its frames are tagged with.",
         .details = "The interface is then a VLAN on one that is named 'lower' with its number.",
         .example = "10",
         .otherwise = "untagged"}),
    key<&InterfaceRule::egress>({.name = "egress",
                                 .summary = "How much may leave the sandbox by it, in bits a second.",
                                 .example = R"("20mbit")",
                                 .otherwise = "as much as goes"}),
    key<&InterfaceRule::ingress>({.name = "ingress",
                                  .summary = "Of a veth: how much may enter the sandbox by it, in bits a second.",
                                  .example = R"("100mbit")",
                                  .otherwise = "as much as comes"}),
    key<&InterfaceRule::nat>(
        {.name = "nat",
         .summary = "Of a veth: whether what leaves its networks by the host's other interfaces gets the host's address.",
         .details = "An nftables table of nsrun's own does that, as long as the sandbox lives. The host must forward: "
                    "'sysctl net.ipv4.ip_forward=1'; nsrun does not switch that on.",
         .example = "true"}),
});
static_assert(complete<InterfaceRule>(keys_of<InterfaceRule>, 1));  // `at` is a place

template <>
inline constexpr auto keys_of<PodRules> = std::to_array<Key>({
    key<&PodRules::name, a_profile_name>({.name = "name",
                                          .summary = "The pod that the sandbox is a member of.",
                                          .details = "The first member makes it, and it ends with the last.",
                                          .example = R"("web")",
                                          .otherwise = "the profile's name"}),
    key<&PodRules::share>({.name = "share", .summary = "What its members have in common.", .example = R"("net")"}),
    key<&PodRules::address, a_pod_address>(
        {.name = "address",
         .summary = "The sandbox's address in the pod's network, 10.88.0.0/16.",
         .details = "It has the address of fd88::/64 with the same last 16 bits, too.",
         .example = R"("10.88.0.5")",
         .otherwise = "made from the sandbox's name, the same in every run unless another member has it"}),
    key<&PodRules::uplink>({.name = "uplink", .summary = "The way out of the pod, one for all members.", .example = R"("user")"}),
});
static_assert(complete<PodRules>(keys_of<PodRules>));

template <>
inline constexpr auto keys_of<NetworkRules> = std::to_array<Key>({
    key<&NetworkRules::mode>({.name = "mode",
                              .summary = "The network that the sandbox has.",
                              .details = "With 'host' the sandbox reaches the services that listen on the host's loopback "
                                         "addresses, too; see 'landlock.scope' for abstract sockets.\n\n"
                                         "With 'user' a helper speaks to the network with the caller's own rights: see "
                                         "'helper'. The sandbox has an interface eth0 with the "
                                         "address 10.0.2.100, and with one of IPv6 where the host reaches that. The "
                                         "helper ends with nsrun: without it there is no network.",
                              .example = R"("none")"}),
    key<&NetworkRules::publish, published_ports>(
        {.name = "publish",
         .summary = "Ports of the host that lead to ports of the sandbox, \"[ADDRESS:]OUTSIDE:INSIDE[/udp]\".",
         .details = "The address is one of the host's, an IPv6 address in brackets: \"[::1]:8080:80\". Without one it is "
                    "127.0.0.1, which the host itself alone reaches; \"0.0.0.0\" stands for all of its IPv4 addresses, "
                    "\"[::]\" for all of IPv6.\n\n"
                    "A process of nsrun carries what comes in to the loopback interface of the sandbox, 127.0.0.1 or, "
                    "where nobody listens there, ::1: the service sees its clients come from there, and may listen to "
                    "loopback alone. The ports are opened before anything runs. Those below the sysctl "
                    "net.ipv4.ip_unprivileged_port_start, 1024 by default, are root's.",
         .example = R"(["8080:80", "0.0.0.0:5353:53/udp"])"}),
    key<&NetworkRules::interfaces>({.name = "interface", .summary = "An interface of mode 'private', in [[network.interface]]."}),
    key<&NetworkRules::dns, an_address>(
        {.name = "dns",
         .summary = "Who answers questions for names, where the sandbox reaches a network.",
         .details = "A list holds addresses of resolvers, as the sandbox reaches them. With 'auto' and mode = \"user\" "
                    "the questions go to the resolver that the host itself asks, also when that one listens on the "
                    "host's loopback alone.",
         .example = R"(["192.0.2.53"])"}),
    key<&NetworkRules::hosts, hosts_to_addresses>({.name = "hosts",
                                                   .summary = "Names to add to /etc/hosts: name = address.",
                                                   .example = R"({ db = "127.0.0.1" })"}),
    key<&NetworkRules::helper>(
        {.name = "helper",
         .summary = "The program that carries a sandbox's network where mode = \"user\", or a pod's uplink, goes out.",
         .details = "pasta starts more slowly, takes more memory and loses least where answers take long. Its builds from "
                    "before 2024, Debian 12's among them, send to a host without latency at rates that vary by a factor "
                    "of ten; slirp4netns does so steadily, but is the slower one to a host far away. A pod has the helper "
                    "of its first member.",
         .example = R"("slirp4netns")"}),
    key<&NetworkRules::host_loopback>(
        {.name = "host-loopback",
         .summary = "With mode = \"user\": whether services of the host itself can be reached.",
         .details = "Without, neither the host's loopback nor any address that the host has when the sandbox starts is "
                    "reached, and nothing leaves that is for many at once, multicast and broadcast: services of the host "
                    "would hear it. That needs nf_tables of the kernel, and a command without the capabilities NET_RAW "
                    "and NET_ADMIN. With true the name host.nsrun stands for the host's loopback, and the host's own "
                    "addresses are open.",
         .example = "true"}),
    key<&NetworkRules::ipv6>({.name = "ipv6",
                              .summary = "Whether the sandbox has IPv6, also on its loopback interface.",
                              .example = "false"}),
    key<&NetworkRules::unprivileged_ports, a_first_port>(
        {.name = "unprivileged-ports",
         .summary = "The first port that a program without privilege may listen on.",
         .details = "All ports are the sandbox's own: with 0 a server needs no privilege for port 80.",
         .example = "0",
         .otherwise = "0 with mode = \"user\" or \"pod\", else the kernel's, 1024"}),
    key<&NetworkRules::ping>(
        {.name = "ping",
         .summary = "Whether the command's group may send ICMP echo requests, as ping(8) does.",
         .details = "With mode = \"loopback\" that is so only where it is written.",
         .example = "false"}),
    key<&NetworkRules::pod>({.name = "pod", .summary = "Of mode = \"pod\": the network that sandboxes share."}),
});
static_assert(complete<NetworkRules>(keys_of<NetworkRules>));

}  // namespace nsrun
