#include "plan/network.h"

#include "plan/namespaces.h"

#include <fmt/format.h>

namespace nsrun {

std::vector<Planned<ParentStep>> plan_network(const Profile& profile, const Clone& clone, Diagnostics& diagnostics) {
    std::vector<Planned<ParentStep>> steps;
    const auto& mode = profile.network.mode;
    if (enters(clone, Namespace::net)) return steps;
    if (*mode == NetworkMode::host) return steps;
    if (!makes(clone, Namespace::net)) {
        // A kernel without net namespaces was diagnosed already, or the profile can do without one. That the list has
        // "net" is checked before planning; it is checked again here, as the host's network would be shared in silence.
        if (!lists(profile, Namespace::net)) {
            diagnostics.error(Code::needs_namespace, mode.written() ? mode.at : profile.namespaces_at,
                              fmt::format("network.mode = \"{}\" needs its own net namespace", spelling(*mode)),
                              "add \"net\" to namespaces, or write network.mode = \"host\"");
        }
        return steps;
    }
    if (*mode == NetworkMode::loopback) steps.push_back({SetLink{.link = "lo", .up = true}, mode.at});
    return steps;
}

}  // namespace nsrun
