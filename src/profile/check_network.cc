#include "profile/check.h"

#include <fmt/format.h>
#include <linux/capability.h>
#include <nsrun/names.h>

#include <utility>

/// Rules across the keys of [network], and between them and the namespaces.
namespace nsrun {
namespace {

/// What is set in the network namespace itself is set only in one of the sandbox's own.
void check_settings(const Profile& profile, Diagnostics& diagnostics) {
    const NetworkRules& rules = profile.network;
    const bool pods = *rules.mode == NetworkMode::pod && *rules.pod.share == PodShare::net;
    const bool shares = !joined(profile, Namespace::net) && (*rules.mode == NetworkMode::host || pods);
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
                                      !shares ? "another's" : pods ? "the pod's" : "the host's"),
                          "remove it");
    }
}

/// Who lays out packets himself, or changes routes, reaches through the helper what is closed.
void check_powers(const Profile& profile, Diagnostics& diagnostics) {
    const NetworkRules& rules = profile.network;
    const bool pod = *rules.mode == NetworkMode::pod && *rules.pod.uplink == PodUplink::user;
    if (*rules.host_loopback || (*rules.mode != NetworkMode::user && !pod)) return;
    for (const auto& capability : profile.security.capabilities) {
        const auto number = capability_number(*capability);
        if (number != CAP_NET_RAW && number != CAP_NET_ADMIN) continue;
        diagnostics.error(Code::conflict, capability.at,
                          fmt::format("with {} the command reaches the host's own services through the helper of the network",
                                      printable(*capability)),
                          "remove it, or write network.host-loopback = true");
    }
}

/// What only a way out makes sense of.
void check_way_out(const Profile& profile, Diagnostics& diagnostics) {
    const NetworkRules& rules = profile.network;
    const auto& mode = rules.mode;
    if (*mode == NetworkMode::user) {
        const bool pids = makes(profile, Namespace::pid) || joined(profile, Namespace::pid);
        if (*profile.process.init || pids) return;
        diagnostics.error(Code::needs_init, mode.at,
                          "network.mode = \"user\" needs a process of nsrun that ends the helper with the command",
                          "remove init = false, or add \"pid\" to namespaces");
        return;
    }
    const bool closed = *mode == NetworkMode::none || *mode == NetworkMode::loopback;
    const auto in_vain = [&](const char* name, const Span& at) {
        if (!at || !mode.written() || !said_together(mode.at, at)) return;
        diagnostics.error(Code::conflict, at,
                          fmt::format("network.{} has no effect with mode = \"{}\"", name, spelling(*mode)),
                          "remove it, or write mode = \"user\"");
    };
    if (closed) in_vain("dns", rules.dns.at);
    const bool pod_goes_out = *mode == NetworkMode::pod && *rules.pod.uplink == PodUplink::user;
    if (pod_goes_out) return;
    if (*rules.host_loopback) in_vain("host-loopback", rules.host_loopback.at);
    in_vain("helper", rules.helper.at);
}

/// What [network.pod] says is for a pod, and a pod needs the namespaces that its members share.
void check_pod(const Profile& profile, Diagnostics& diagnostics) {
    const auto& mode = profile.network.mode;
    const PodRules& pod = profile.network.pod;
    const std::pair<const char*, Span> keys[] = {
        {"name", pod.name.at}, {"share", pod.share.at}, {"address", pod.address.at}, {"uplink", pod.uplink.at}};
    if (*mode != NetworkMode::pod) {
        for (const auto& [name, at] : keys) {
            if (!at || (mode.written() && !said_together(mode.at, at))) continue;
            diagnostics.error(Code::conflict, at,
                              fmt::format("network.pod.{} has no meaning with network.mode = \"{}\"", name, spelling(*mode)),
                              "write mode = \"pod\", or remove it");
        }
        return;
    }
    if (const auto* user = joined(profile, Namespace::user)) {
        diagnostics.error(Code::conflict, user->at, "join.user and network.mode = \"pod\" contradict each other: a pod has its own",
                          "remove one of the two");
    } else if (!listed(profile, Namespace::user)) {
        diagnostics.error(Code::needs_namespace, mode.at, "network.mode = \"pod\" needs a user namespace, the pod's",
                          "add \"user\" to namespaces");
    }
    if (*pod.share == PodShare::net && pod.address.written() && said_together(pod.share.at, pod.address.at)) {
        diagnostics.error(Code::conflict, pod.address.at, "with share = \"net\" no sandbox of a pod has an address of its own",
                          "remove it, or write share = \"addresses\"");
    }
}

}  // namespace

void check_network(const Profile& profile, Diagnostics& diagnostics) {
    check_settings(profile, diagnostics);
    check_way_out(profile, diagnostics);
    check_powers(profile, diagnostics);
    check_pod(profile, diagnostics);
    const auto& mode = profile.network.mode;
    const auto* own = listed(profile, Namespace::net);
    if (joined(profile, Namespace::net)) {
        if (!mode.written() || *mode == NetworkMode::join) return;
        diagnostics.error(Code::conflict, mode.at,
                          fmt::format("network.mode = \"{}\" and join.net contradict each other", spelling(*mode)),
                          "remove one of the two");
    } else if (*mode == NetworkMode::join) {
        diagnostics.error(Code::missing_key, mode.at, "network.mode = \"join\" without join.net",
                          "write join.net = \"NAME\" for a running sandbox, or a path such as \"/run/netns/NAME\"");
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
