#include "plan/uplink.h"

#include "plan/namespaces.h"
#include "plan/network.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

namespace nsrun {
namespace {

constexpr const char* interface = "eth0";
/// The most that both helpers take: a packet costs the same, whatever its size.
constexpr std::uint32_t mtu = 65520;

/// The addresses of a net between the sandbox and its helper.
struct Net {
    std::string_view address, gateway, resolver;
    int bits;
};
constexpr Net ipv4{"10.0.2.100", "10.0.2.2", "10.0.2.3", 24};
constexpr Net pasta_ipv6{"fd6e:7372:756e::100", "fd6e:7372:756e::2", "fd6e:7372:756e::3", 64};
constexpr Net slirp_ipv6{"fd00::100", "fd00::2", "fd00::3", 64};  // which it does not let choose

bool by_pasta(const Profile& profile, const NetworkFacts& network) {
    const UplinkHelper helper = *profile.network.helper;
    return helper == UplinkHelper::pasta || (helper == UplinkHelper::auto_ && !network.pasta.empty());
}

/// The path of the helper; empty where it is not installed.
const std::string& helper(const Profile& profile, const NetworkFacts& network) {
    return by_pasta(profile, network) ? network.pasta : network.slirp4netns;
}

/// The nets that the sandbox has: those by which the host itself gets out.
std::vector<Net> nets(const Profile& profile, const NetworkFacts& network) {
    std::vector<Net> all;
    if (network.default_route) all.push_back(ipv4);
    if (network.default_route6 && *profile.network.ipv6) all.push_back(by_pasta(profile, network) ? pasta_ipv6 : slirp_ipv6);
    return all;
}

bool is_ipv6(std::string_view address) {
    return address.find(':') != address.npos;
}

bool asks_host(const Profile& profile) {
    return !profile.network.dns->listed;
}

/// Calls `use(word, rest)` for each line of a resolv.conf(5) that says something.
template <class Use>
void for_each_line(std::string_view text, Use use) {
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        const std::size_t end = line.find_first_of(" \t");
        if (end == line.npos) continue;
        const std::size_t rest = line.find_first_not_of(" \t", end);
        if (rest != line.npos) use(line.substr(0, end), line.substr(rest));
    }
}

/// True when the host asks a resolver by this kind of address: the helper passes questions on to one of its kind.
bool asks_by(std::string_view resolver_text, bool ipv6) {
    bool found = false;
    for_each_line(resolver_text, [&](std::string_view word, std::string_view rest) {
        found = found || (word == "nameserver" && is_ipv6(rest.substr(0, rest.find_first_of(" \t%"))) == ipv6);
    });
    return found;
}

std::string_view host_resolver(const HostFacts& facts) {
    const auto found = facts.texts.find(std::string_view(resolver_file));
    return found == facts.texts.end() ? std::string_view{} : std::string_view(found->second);
}

std::vector<std::string> pasta_words(const Profile& profile, const HostFacts& facts, bool user_namespace) {
    const NetworkFacts& network = facts.network;
    std::vector<std::string> words{network.pasta, "--foreground", "--quiet", "--no-netns-quit"};
    const auto add = [&](std::initializer_list<std::string_view> more) { words.insert(words.end(), more.begin(), more.end()); };
    // It would become nobody, who may not enter the sandbox's namespaces.
    if (facts.context.caller.uid == 0) add({"--runas", "0:0"});
    if (user_namespace) {
        add({"--userns", "/proc/self/fd/0"});
    } else {
        add({"--netns-only"});
    }
    add({"--netns", "/proc/self/fd/1", "--ns-ifname", interface});
    words.insert(words.end(), {"--mtu", fmt::format("{}", mtu)});
    const auto all = nets(profile, network);
    if (all.size() == 1) add({is_ipv6(all.front().address) ? "--ipv6-only" : "--ipv4-only"});
    for (const Net& net : all) {
        add({"--address", net.address});
        if (!is_ipv6(net.address)) words.insert(words.end(), {"--netmask", fmt::format("{}", net.bits)});
        add({"--gateway", net.gateway});
        if (asks_host(profile) && asks_by(host_resolver(facts), is_ipv6(net.address))) add({"--dns-forward", net.resolver});
    }
    // Its defaults open the host's loopback, and every port in both directions.
    if (!*profile.network.host_loopback) add({"--no-map-gw"});
    add({"--tcp-ports", "none", "--udp-ports", "none", "--tcp-ns", "none", "--udp-ns", "none"});
    add({"--no-dhcp", "--no-dhcpv6", "--no-ra"});
    return words;
}

std::vector<std::string> slirp_words(const Profile& profile, const HostFacts& facts, bool user_namespace) {
    const NetworkFacts& network = facts.network;
    std::vector<std::string> words{network.slirp4netns, fmt::format("--mtu={}", mtu), "--enable-seccomp"};
    const auto all = nets(profile, network);
    if (std::ranges::any_of(all, [](const Net& net) { return is_ipv6(net.address); })) words.emplace_back("--enable-ipv6");
    if (!*profile.network.host_loopback) words.emplace_back("--disable-host-loopback");
    if (!asks_host(profile)) words.emplace_back("--disable-dns");
    // As root it would keep every capability.
    if (facts.context.caller.uid == 0) words.emplace_back("--enable-sandbox");
    words.emplace_back("--netns-type=path");
    if (user_namespace) words.emplace_back("--userns-path=/proc/self/fd/0");
    words.emplace_back("/proc/self/fd/1");
    words.emplace_back(interface);
    return words;
}

/// Closed with IPv6: loopback, and what a socket of the helper takes for a host itself. No program can ask for the unspecified
/// address or a mapped one of IPv4 there, but any can name it as the first stop of a routing header, ipv6(7). And multicast: every
/// service of the host that listens to all addresses hears what is for all nodes of a link. That of IPv4 goes past all routes: it
/// is closed by a step of its own, which leaves IPv6 alone, as neighbours are asked for by multicast there.
constexpr std::string_view closed_with_ipv6[] = {"::1/128", "::/128", "::ffff:0.0.0.0/96", "ff00::/8"};

/// What is closed: the loopback nets, which the helper would take for the host's own, and the host's addresses.
std::vector<std::string> closed_addresses(const Profile& profile, const NetworkFacts& network) {
    const auto all = nets(profile, network);
    const bool has_ipv6 = std::ranges::any_of(all, [](const Net& net) { return is_ipv6(net.address); });
    std::vector<std::string> closed{"127.0.0.0/8"};
    if (has_ipv6) closed.insert(closed.end(), std::begin(closed_with_ipv6), std::end(closed_with_ipv6));
    for (const auto& address : network.addresses) {
        const bool ipv6 = is_ipv6(address);
        const bool own = std::ranges::any_of(all, [&](const Net& net) { return net.address == address; });
        if (!own && (has_ipv6 || !ipv6)) closed.push_back(fmt::format("{}/{}", address, ipv6 ? 128 : 32));
    }
    return closed;
}

/// Why there is no way out; nothing when there is one.
std::optional<Diagnostic> obstacle(const Profile& profile, const NetworkFacts& network) {
    const bool pod = *profile.network.mode == NetworkMode::pod;
    const Span& at = pod ? profile.network.pod.uplink.at : profile.network.mode.at;
    const std::string_view key = pod ? "network.pod.uplink = \"user\"" : "network.mode = \"user\"";
    const auto because = [&](Code code, std::string message, std::string help) {
        return Diagnostic{.severity = Severity::error, .code = code, .at = at, .message = std::move(message), .help = std::move(help), .step = {}};
    };
    if (helper(profile, network).empty()) {
        const auto& wanted = profile.network.helper;
        if (*wanted == UplinkHelper::auto_) {
            return because(Code::needs_helper, fmt::format("{} needs pasta or slirp4netns, and neither is installed", key),
                           "as root: apt install passt");
        }
        auto why = because(Code::needs_helper, fmt::format("network.helper = \"{}\" is not installed", spelling(*wanted)),
                           fmt::format("as root: apt install {}", *wanted == UplinkHelper::pasta ? "passt" : "slirp4netns"));
        why.at = wanted.at;
        return why;
    }
    if (network.tun == PathKind::absent) {
        return because(Code::needs_kernel, fmt::format("{} needs /dev/net/tun, which does not exist", key),
                       "as root: modprobe tun, or give a container the option --device /dev/net/tun");
    }
    if (network.tun == PathKind::denied) {
        return because(Code::needs_privilege, fmt::format("{} needs /dev/net/tun, which is closed to you", key),
                       "as root: chmod 0666 /dev/net/tun, as it is where udev makes it");
    }
    if (!nets(profile, network).empty()) return std::nullopt;
    if (network.default_route6) {
        return because(Code::needs_network, "the host gets out by IPv6 alone, which network.ipv6 = false gives up",
                       "remove ipv6 = false");
    }
    return because(Code::needs_network, "the host is offline: it has no default route",
                   "connect the host");
}

}  // namespace

bool goes_out(const Profile& profile) {
    const NetworkRules& rules = profile.network;
    return *rules.mode == NetworkMode::user || (*rules.mode == NetworkMode::pod && *rules.pod.uplink == PodUplink::user);
}

bool loses_uplink(const Profile& profile, const HostFacts& facts, Diagnostics& diagnostics) {
    if (!goes_out(profile) || !lists(profile, Namespace::net)) return false;
    const auto why = obstacle(profile, facts.network);
    if (!why) return false;
    const auto& rule = *profile.on_unsupported;
    const auto names_it = [](const auto& name) { return *name == "network.user"; };
    if (rule.listed && std::ranges::any_of(rule.names, names_it)) {
        diagnostics.warning(Code::dropped, why->at, fmt::format("running with loopback only: {}", why->message), why->help);
        return true;
    }
    diagnostics.error(why->code, why->at, why->message,
                      fmt::format("{}; or write on-unsupported = [\"network.user\"] to run with loopback only", why->help));
    return false;
}

void plan_uplink(const Profile& profile, const HostFacts& facts, const Clone& clone,
                 std::vector<Planned<ParentStep>>& steps) {
    const NetworkRules& rules = profile.network;
    const Span& why = rules.mode.at;
    const bool user_namespace = makes(clone, Namespace::user) || enters(clone, Namespace::user);
    const bool pasta = by_pasta(profile, facts.network);
    steps.push_back({StartUplink{.link = interface,
                                 .helper = helper(profile, facts.network),
                                 .argv = pasta ? pasta_words(profile, facts, user_namespace)
                                               : slirp_words(profile, facts, user_namespace)},
                     why});
    steps.push_back({SetMtu{interface, mtu}, why});
    steps.push_back({SetLink{.link = interface, .up = true}, why});
    for (const Net& net : nets(profile, facts.network)) {
        const bool ipv6 = is_ipv6(net.address);
        steps.push_back({AddAddress{.link = interface, .address = fmt::format("{}/{}", net.address, net.bits)}, why});
        steps.push_back({AddRoute{.to = ipv6 ? "::/0" : "0.0.0.0/0", .via = std::string(net.gateway), .link = interface}, why});
    }
    if (*rules.host_loopback) return;
    const Span& closing = rules.host_loopback.written() ? rules.host_loopback.at : why;
    for (auto& address : closed_addresses(profile, facts.network)) {
        steps.push_back({CloseAddress{std::move(address), interface}, closing});
    }
    const auto all = nets(profile, facts.network);
    const bool has_ipv6 = std::ranges::any_of(all, [](const Net& net) { return is_ipv6(net.address); });
    steps.push_back({CloseMulticast{interface}, closing});
    steps.push_back({WatchAddresses{interface, has_ipv6}, closing});
}

std::string uplink_resolver(const Profile& profile, const NetworkFacts& network, std::string_view host) {
    std::string text;
    const auto ask = [&](std::string_view address) { fmt::format_to(std::back_inserter(text), "nameserver {}\n", address); };
    if (!asks_host(profile)) {
        for (const auto& address : profile.network.dns->names) ask(*address);
        return text;
    }
    for (const Net& net : nets(profile, network)) {
        if (asks_by(host, is_ipv6(net.address))) ask(net.resolver);
    }
    for_each_line(host, [&](std::string_view word, std::string_view rest) {
        if (word == "search" || word == "domain" || word == "options") {
            fmt::format_to(std::back_inserter(text), "{} {}\n", word, rest);
        }
    });
    return text;
}

std::string direct_resolver(const Profile& profile, std::string_view host) {
    std::string text;
    if (!asks_host(profile)) {
        for (const auto& address : profile.network.dns->names) fmt::format_to(std::back_inserter(text), "nameserver {}\n", *address);
        return text;
    }
    for_each_line(host, [&](std::string_view word, std::string_view rest) {
        const bool here = rest.starts_with("127.") || rest == "::1";
        const bool says = word == "search" || word == "domain" || word == "options" || (word == "nameserver" && !here);
        if (says) fmt::format_to(std::back_inserter(text), "{} {}\n", word, rest);
    });
    return text;
}

std::string uplink_hosts(const Profile& profile, const NetworkFacts& network) {
    std::string text;
    if (!*profile.network.host_loopback) return text;
    for (const Net& net : nets(profile, network)) {
        fmt::format_to(std::back_inserter(text), "{} host.nsrun\n", net.gateway);
    }
    return text;
}

}  // namespace nsrun
