#include "plan/pod.h"

#include "plan/namespaces.h"
#include "plan/uplink.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

namespace nsrun {
namespace {

constexpr std::uint32_t first_host = 2;  // 10.88.0.1 is the bridge's
constexpr std::uint32_t last_host = 65534;
constexpr const char* ipv6_settings = "/proc/sys/net/ipv6";  // there where the kernel knows IPv6

bool is_in_pod(const Profile& profile) {
    return *profile.network.mode == NetworkMode::pod;
}

/// A text as a name of the sort that profiles have.
std::string as_name(std::string text) {
    constexpr std::size_t longest = 64;
    const auto alphanumeric = [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9');
    };
    for (char& letter : text) {
        if (!alphanumeric(letter) && std::string_view("._@-").find(letter) == std::string_view::npos) letter = '-';
    }
    if (text.empty() || !alphanumeric(text.front())) text.insert(0, "x");
    text.resize(std::min(text.size(), longest));
    return text;
}

const std::string& profile_name(const Profile& profile, const Context& context) {
    return profile.name->empty() ? context.name : *profile.name;
}

std::string member_name(const Profile& profile, const Context& context) {
    const std::string& name = profile_name(profile, context);
    return as_name(context.instance.empty() ? name : fmt::format("{}@{}", name, context.instance));
}

/// Where the caller's pods are; in it no sandbox's name is found.
std::string pods_directory(const Context& context) {
    return context.caller.uid == 0 ? "/run/nsrun/.pods" : context.runtime_dir + "/nsrun/.pods";
}

std::string address4(std::uint32_t host) {
    return fmt::format("10.88.{}.{}", host >> 8, host & 255);
}

/// The last 16 bits of an address of the pod's network.
std::optional<std::uint32_t> host_part(std::string_view address) {
    constexpr std::string_view network = "10.88.";
    if (!address.starts_with(network)) return std::nullopt;
    address.remove_prefix(network.size());
    const std::size_t dot = std::min(address.find('.'), address.size());
    std::uint8_t high = 0, low = 0;
    const auto read = [](std::string_view digits, std::uint8_t& number) {
        const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        return error == std::errc{} && rest == digits.data() + digits.size();
    };
    if (!read(address.substr(0, dot), high) || !read(address.substr(std::min(dot + 1, address.size())), low)) return std::nullopt;
    return std::uint32_t{high} << 8 | low;
}

/// The addresses of the pod's other members: lines "NAME ADDRESS ...", as the holder writes them.
std::vector<std::uint32_t> taken_hosts(std::string_view members, std::string_view own_name) {
    std::vector<std::uint32_t> hosts;
    while (!members.empty()) {
        const std::size_t end = std::min(members.find('\n'), members.size());
        std::string_view line = members.substr(0, end);
        members.remove_prefix(std::min(end + 1, members.size()));
        const std::size_t space = std::min(line.find(' '), line.size());
        const std::string_view name = line.substr(0, space);
        line.remove_prefix(std::min(space + 1, line.size()));
        const auto host = host_part(line.substr(0, line.find(' ')));
        if (host && name != own_name) hosts.push_back(*host);
    }
    return hosts;
}

/// Chosen by the sandbox's name, so that it stays the same from run to run; the next one when another member has it.
std::uint32_t chosen_host(const std::string& name, const std::vector<std::uint32_t>& taken) {
    std::uint32_t hash = 0x811c9dc5;  // FNV-1a
    for (const char letter : name) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x01000193;
    constexpr std::uint32_t count = last_host - first_host + 1;
    std::uint32_t host = first_host + hash % count;
    for (std::size_t tried = 0; tried < taken.size() && std::ranges::find(taken, host) != taken.end(); ++tried) {
        host = host == last_host ? first_host : host + 1;
    }
    return host;
}

/// What /etc/hosts says besides the members. A name of the sandbox's own is among those.
std::string own_hosts(const Profile& profile) {
    std::string text;
    for (const Entry& entry : profile.network.hosts) {
        fmt::format_to(std::back_inserter(text), "{} {}\n", *entry.value, *entry.key);
    }
    text += "127.0.0.1 localhost\n";
    if (*profile.network.ipv6) text += "::1 localhost ip6-localhost ip6-loopback\n";
    return text;
}

void take_maps(std::vector<Planned<ParentStep>>& maps, JoinPod& step) {
    std::erase_if(maps, [&](auto& planned) {
        if (std::holds_alternative<DenySetgroups>(planned.step)) return step.deny_setgroups = true;
        auto* map = std::get_if<MapIds>(&planned.step);
        if (map == nullptr) return false;
        const bool users = map->map == IdKind::uid;
        (users ? step.uids : step.gids) = std::move(map->ranges);
        (users ? step.uid_helper : step.gid_helper) = std::move(map->helper);
        return true;
    });
}

/// The ids inside whose groups outside are the first and the last: ping_group_range takes them so.
std::string ping_groups(const std::vector<IdRange>& gids) {
    if (gids.empty()) return "1 0";
    const auto first = std::ranges::min_element(gids, {}, &IdRange::outside);
    const auto last = std::ranges::max_element(gids, {}, &IdRange::outside);
    return fmt::format("{} {}", first->inside, last->inside + (last->count - 1));
}

/// The largest packet: both helpers of a way out take as much, and it costs the same whatever its size.
constexpr std::uint32_t mtu = 65520;

/// The network that the members share, as who makes it makes it.
void furnish(const Profile& profile, const HostFacts& facts, const Clone& clone, JoinPod& pod, bool ipv6, const Span& why,
             std::vector<Planned<ParentStep>>& steps) {
    const auto add = [&](ParentStep step) { steps.push_back({std::move(step), why}); };
    const bool out = pod.uplink == PodUplink::user;
    add(SetLink{.link = "lo", .place = Place::pod});
    if (out) {
        // Whoever is first makes it for all: what each says of IPv6 and of names is about himself.
        Profile any = profile;
        any.network.ipv6 = {true, {}};
        any.network.dns = {};
        plan_uplink(any, facts, clone, steps);
    }
    if (pod.share == PodShare::net) {
        pod.settings = {"ipv4/ip_unprivileged_port_start=0", fmt::format("ipv4/ping_group_range={}", ping_groups(pod.gids))};
        return;
    }
    // With an address of its own: a bridge's otherwise changes as its ports come and go.
    add(AddLink{.type = LinkType::bridge, .link = "pod0", .place = Place::pod, .mac = "02:00:0a:58:00:01", .mtu = out ? mtu : 0});
    add(AddAddress{.link = "pod0", .address = "10.88.0.1/16", .place = Place::pod});
    if (ipv6) add(AddAddress{.link = "pod0", .address = "fd88::1/64", .place = Place::pod});
    add(SetLink{.link = "pod0", .place = Place::pod});
    if (!out) return;
    pod.settings = {"ipv4/ip_forward=1"};
    Masquerade masquerade{.table = "nsrun-pod", .sources = {"10.88.0.0/16"}};
    if (ipv6) {
        pod.settings.emplace_back("ipv6/conf/all/forwarding=1");
        masquerade.sources.emplace_back("fd88::/64");
    }
    add(std::move(masquerade));
}

/// The interface of a member that has an address of its own.
void add_interface(const PodRules& rules, const NetworkFacts& network, std::uint32_t host, const std::vector<std::string>& addresses,
                   const Span& why, std::vector<Planned<ParentStep>>& attach) {
    const Span& at = rules.address.written() ? rules.address.at : why;
    const bool out = *rules.uplink == PodUplink::user;
    attach.push_back({AddLink{.type = LinkType::veth,
                              .link = "eth0",
                              .index = 2,
                              .peer = fmt::format("v{}.{}", host >> 8, host & 255),
                              .bridge = "pod0",
                              .place = Place::pod,
                              // The others may remember that of an earlier sandbox with this address.
                              .mac = fmt::format("02:00:0a:58:{:02x}:{:02x}", host >> 8, host & 255),
                              .mtu = out ? mtu : 0},
                      why});
    for (const auto& address : addresses) {
        const bool six = address.contains(':');
        attach.push_back({AddAddress{.link = "eth0", .address = address + (six ? "/64" : "/16")}, at});
        if (six ? network.default_route6 && out : network.default_route && out) {
            attach.push_back({AddRoute{.to = six ? "::/0" : "0.0.0.0/0", .via = six ? "fd88::1" : "10.88.0.1", .link = "eth0"},
                              rules.uplink.at});
        }
    }
    attach.push_back({SetLink{.link = "eth0"}, why});
}

}  // namespace

std::string pod_name(const Profile& profile, const Context& context) {
    const auto& name = profile.network.pod.name;
    return name->empty() ? as_name(profile_name(profile, context)) : *name;
}

std::string pod_directory(const Profile& profile, const Context& context) {
    return fmt::format("{}/{}", pods_directory(context), pod_name(profile, context));
}

std::string pod_hosts(const Profile& profile, const Context& context) {
    return fmt::format("{}/hosts-{}", pod_directory(profile, context), member_name(profile, context));
}

void want_pod(const Profile& profile, const Context& context, Wanted& wanted) {
    if (!is_in_pod(profile)) return;
    wanted.paths.emplace(ipv6_settings);
    wanted.texts.push_back(pod_directory(profile, context) + "/members");
    if (context.caller.uid != 0) wanted.paths.emplace(context.runtime_dir);
}

PodPlan plan_pod(const Profile& profile, const HostFacts& facts, const Clone& clone, std::vector<Planned<ParentStep>>& maps,
                 Diagnostics& diagnostics) {
    PodPlan plan;
    if (!is_in_pod(profile) || !in_pod(clone, Namespace::user)) return plan;
    const Context& context = facts.context;
    const PodRules& rules = profile.network.pod;
    const Span& mode = profile.network.mode.at;
    const PathFact* runtime = facts.path(context.runtime_dir);
    if (context.caller.uid != 0 && runtime && runtime->kind != PathKind::directory) {
        diagnostics.error(Code::missing_source, mode,
                          fmt::format("a pod is found below {}, which does not exist", printable(context.runtime_dir)),
                          "log in as a session, which makes it, or set XDG_RUNTIME_DIR to a directory of your own");
    }

    JoinPod step{.pod = pod_name(profile, context), .share = *rules.share, .uplink = *rules.uplink, .member = member_name(profile, context)};
    step.directory = pod_directory(profile, context);
    step.hosts = own_hosts(profile);
    if (goes_out(profile)) step.hosts += uplink_hosts(profile, facts.network);
    take_maps(maps, step);
    for (const auto& planned : plan_hostname(profile, context, clone, diagnostics)) {
        const auto* host = std::get_if<SetHostname>(&planned.step);
        if (host != nullptr && host->hostname != step.member && host->hostname != "localhost") step.alias = host->hostname;
    }
    const PathFact* known = facts.path(ipv6_settings);
    const bool has_ipv6 = !(known && known->kind == PathKind::absent), ipv6 = *profile.network.ipv6 && has_ipv6;
    if (*rules.share == PodShare::net) {
        step.addresses = {"127.0.0.1"};
        if (ipv6) step.addresses.emplace_back("::1");
    } else {
        const auto members = facts.texts.find(step.directory + "/members");
        const auto taken = members == facts.texts.end() ? std::vector<std::uint32_t>{} : taken_hosts(members->second, step.member);
        const std::uint32_t host = host_part(*rules.address).value_or(chosen_host(step.member, taken));
        step.addresses = {address4(host)};
        if (ipv6) step.addresses.push_back(fmt::format("fd88::{:x}", host));
        add_interface(rules, facts.network, host, step.addresses, mode, plan.attach);
    }
    furnish(profile, facts, clone, step, has_ipv6, mode, plan.prepare);
    plan.prepare.push_back({MakeHostDirectory{.path = pods_directory(context),
                                              .beneath = context.caller.uid == 0 ? "/run" : context.runtime_dir,
                                              .uid = context.caller.uid,
                                              .gid = context.caller.gid},
                            mode});
    plan.prepare.push_back({std::move(step), rules.name.written() ? rules.name.at : mode});
    return plan;
}

}  // namespace nsrun
