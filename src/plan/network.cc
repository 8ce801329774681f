#include "plan/network.h"

#include "plan/namespaces.h"
#include "plan/uplink.h"

#include <fmt/format.h>

namespace nsrun {

void want_network(const Profile& profile, Wanted& wanted) {
    want_network_settings(profile, wanted);
    if (*profile.network.mode == NetworkMode::private_) want_interfaces(profile, wanted);
}

NetworkPlan plan_network(const Profile& profile, const HostFacts& facts, const Clone& clone, Diagnostics& diagnostics) {
    NetworkPlan plan;
    const auto& mode = profile.network.mode;
    if (enters(clone, Namespace::net)) return plan;
    if (*mode == NetworkMode::host) return plan;
    if (!makes(clone, Namespace::net)) {
        // A kernel without net namespaces was diagnosed already, or the profile can do without one. That the list has
        // "net" is checked before planning; it is checked again here, as the host's network would be shared in silence.
        if (!lists(profile, Namespace::net)) {
            diagnostics.error(Code::needs_namespace, mode.written() ? mode.at : profile.namespaces_at,
                              fmt::format("network.mode = \"{}\" needs its own net namespace", spelling(*mode)),
                              "add \"net\" to namespaces, or write network.mode = \"host\"");
        }
        return plan;
    }
    if (*mode == NetworkMode::none) return plan;
    plan.attach.push_back({SetLink{.link = "lo", .up = true}, mode.at});
    if (*mode == NetworkMode::user) plan_uplink(profile, facts, clone, plan.attach);
    if (*mode == NetworkMode::private_) plan_interfaces(profile, facts, clone, plan, diagnostics);
    return plan;
}

}  // namespace nsrun
