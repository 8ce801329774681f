#include "plan/namespaces.h"
#include "plan/network.h"
#include "plan/uplink.h"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace nsrun {
namespace {

/// There where the kernel knows IPv6.
constexpr const char* ipv6_settings = "/proc/sys/net/ipv6";

}  // namespace

void want_network_settings(const Profile& profile, Wanted& want) {
    if (!*profile.network.ipv6) want.paths.emplace(ipv6_settings);
    want.network = want.network || goes_out(profile);
    if (reaches_others(*profile.network.mode) || goes_out(profile)) want.texts.emplace_back(resolver_file);
}

std::vector<Planned<ChildStep>> plan_sysctls(const Profile& profile, const HostFacts& facts, const Clone& clone,
                                             const Identity& identity) {
    std::vector<Planned<ChildStep>> steps;
    const NetworkRules& rules = profile.network;
    if (!makes(clone, Namespace::net)) return steps;
    const auto set = [&](const char* path, std::string value, const Span& why) {
        steps.push_back({SetSysctl{path, std::move(value)}, why});
    };
    if (!*rules.ipv6) {
        const PathFact* known = facts.path(ipv6_settings);
        const bool absent = known && known->kind == PathKind::absent;
        if (!absent) set("ipv6/conf/all/disable_ipv6", "1", rules.ipv6.at);
    }
    const bool out = reaches_others(*rules.mode) || *rules.mode == NetworkMode::pod;
    if (*rules.unprivileged_ports >= 0) {
        set("ipv4/ip_unprivileged_port_start", fmt::format("{}", *rules.unprivileged_ports),
            rules.unprivileged_ports.at);
    } else if (out) {
        set("ipv4/ip_unprivileged_port_start", "0", rules.mode.at);
    }
    // On loopback nobody pings: that is set up only for who says so.
    if (*rules.ping && (out || rules.ping.written())) {
        set("ipv4/ping_group_range", fmt::format("{0} {0}", identity.gid),
            rules.ping.written() ? rules.ping.at : rules.mode.at);
    }
    return steps;
}

}  // namespace nsrun
