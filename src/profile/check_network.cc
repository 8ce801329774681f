#include "profile/check.h"

#include <fmt/format.h>

#include <utility>

/// Rules across the keys of [network], and between them and the namespaces.
namespace nsrun {
namespace {

/// What is set in the network namespace itself is set only in one of the sandbox's own.
void check_settings(const Profile& profile, Diagnostics& diagnostics) {
    const NetworkRules& rules = profile.network;
    const bool shares = !joined(profile, Namespace::net) && *rules.mode == NetworkMode::host;
    if (!shares && !joined(profile, Namespace::net)) return;
    const std::pair<const char*, Span> all[] = {
        {"ipv6", rules.ipv6.at}, {"unprivileged-ports", rules.unprivileged_ports.at}, {"ping", rules.ping.at}};
    for (const auto& [name, at] : all) {
        if (!at) continue;
        // What a lower layer says for a network of the sandbox's own is given up with that network.
        const Span& sharing = shares ? rules.mode.at : joined(profile, Namespace::net)->at;
        if (!said_together(sharing, at)) continue;
        diagnostics.error(Code::conflict, at,
                          fmt::format("network.{} is about a network of the sandbox's own, and this one is {}", name,
                                      shares ? "the host's" : "another's"),
                          "remove it");
    }
}

}  // namespace

void check_network(const Profile& profile, Diagnostics& diagnostics) {
    check_settings(profile, diagnostics);
    const auto& mode = profile.network.mode;
    const auto* own = listed(profile, Namespace::net);
    if (joined(profile, Namespace::net)) {
        if (!mode.written()) return;
        diagnostics.error(Code::conflict, mode.at,
                          fmt::format("network.mode = \"{}\" and join.net contradict each other", spelling(*mode)),
                          "remove one of the two");
    } else if (*mode == NetworkMode::host) {
        if (!own || !said_together(mode.at, own->at)) return;
        diagnostics.error(
            Code::conflict, mode.at,
            fmt::format("network.mode = \"host\" and \"net\" in namespaces (line {}) contradict each other",
                        own->at.line),
            "remove \"net\" from namespaces to share the host's network");
    } else if (!own) {
        diagnostics.error(Code::needs_namespace, mode.written() ? mode.at : profile.namespaces_at,
                          fmt::format("network.mode = \"{}\" needs its own net namespace", spelling(*mode)),
                          "add \"net\" to namespaces, or write network.mode = \"host\"");
    }
}

}  // namespace nsrun
