#include "plan/publish.h"

#include "plan/namespaces.h"

namespace nsrun {

PublishPlan plan_publish(const Profile& profile, const Clone& clone, Diagnostics& diagnostics) {
    const auto& ports = profile.network.publish;
    PublishPlan plan;
    if (ports.empty()) return plan;
    if (!makes(clone, Namespace::net) && !in_pod(clone, Namespace::net)) {
        // That the profile asks for such a namespace is checked before planning: this kernel has none to give.
        diagnostics.warning(Code::dropped, ports.front().at,
                            "running without published ports: without a net namespace the sandbox has the host's own");
        return plan;
    }
    for (const auto& port : ports) {
        plan.prepare.push_back({Publish{port->protocol, port->address, port->outside, port->inside}, port.at});
    }
    plan.attach.push_back({StartRelay{}, ports.front().at});
    return plan;
}

}  // namespace nsrun
