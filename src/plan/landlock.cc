#include "plan/landlock.h"

#include <fmt/format.h>

#include <algorithm>

namespace nsrun {
namespace {

/// The first ABI of Landlock that has scopes: Linux 6.12.
constexpr std::uint32_t scope_abi = 6;

bool shares_abstract_sockets(const Profile& profile) {
    return *profile.network.mode == NetworkMode::host && profile.join.net->empty();
}

/// True when the profile can do without the scope: on-unsupported names it.
bool may_lack_scope(const Profile& profile) {
    const auto& rule = *profile.on_unsupported;
    return rule.listed && std::ranges::any_of(rule.names, [](const auto& name) { return *name == "landlock.scope"; });
}

}  // namespace

void want_landlock(const Profile& profile, Wanted& wanted) {
    wanted.landlock = shares_abstract_sockets(profile) && *profile.landlock.scope;
}

std::vector<Planned<ChildStep>> plan_landlock(const Profile& profile, const HostFacts& facts,
                                              Diagnostics& diagnostics) {
    std::vector<Planned<ChildStep>> steps;
    if (!shares_abstract_sockets(profile)) return steps;
    const auto& mode = profile.network.mode;
    const auto& scope = profile.landlock.scope;
    if (!*scope) {
        diagnostics.warning(Code::shared_abstract_sockets, mode.at,
                            "network.mode = \"host\" with landlock.scope = false shares the host's abstract sockets",
                            "remove landlock.scope = false where they are not needed");
    } else if (facts.landlock_abi >= scope_abi) {
        steps.push_back({RestrictAbstractSockets{}, scope.written() ? scope.at : mode.at});
    } else if (scope.written() && !may_lack_scope(profile)) {
        const auto has = facts.landlock_abi == 0 ? std::string("has none, or not switched on")
                                                 : fmt::format("has ABI {}", facts.landlock_abi);
        diagnostics.error(Code::needs_kernel, scope.at,
                          fmt::format("landlock.scope needs Landlock of ABI {}, this kernel {}", scope_abi, has),
                          "use a kernel from 6.12 on, or write on-unsupported = [\"landlock.scope\"] to run without it");
    } else {
        diagnostics.warning(Code::shared_abstract_sockets, mode.at,
                            "network.mode = \"host\" shares the host's abstract sockets: this kernel cannot keep them out",
                            "use a kernel from 6.12 on, or write network.mode = \"loopback\" where no network is needed");
    }
    return steps;
}

}  // namespace nsrun
