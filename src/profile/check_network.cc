#include "profile/check.h"

#include <fmt/format.h>

namespace nsrun {

void check_network(const Profile& profile, Diagnostics& diagnostics) {
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
