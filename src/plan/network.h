#pragma once
#include "plan/identity.h"

#include <nsrun/diagnostic.h>
#include <nsrun/host.h>
#include <nsrun/plan.h>
#include <nsrun/profile.h>

#include <string>
#include <string_view>
#include <vector>

/// What the network mode promises, as steps.
namespace nsrun {

/// Who the host asks for names: resolv.conf(5).
inline constexpr const char* resolver_file = "/etc/resolv.conf";

struct NetworkPlan {
    std::vector<Planned<ParentStep>> prepare;
    std::vector<Planned<ParentStep>> attach;
};

/// Adds what of the machine planning wants to know for the network.
void want_network(const Profile& profile, Wanted& wanted);

/// Brings up what the network mode promises.
NetworkPlan plan_network(const Profile& profile, const HostFacts& facts, const Clone& clone, Diagnostics& diagnostics);

// interfaces.cc

void want_interfaces(const Profile& profile, Wanted& wanted);
/// Plans the interfaces of mode "private", in the order of the profile.
void plan_interfaces(const Profile& profile, const HostFacts& facts, const Clone& clone, NetworkPlan& plan, Diagnostics& diagnostics);

// network_settings.cc

/// True for a network of the sandbox's own that others are on, too.
constexpr bool reaches_others(NetworkMode mode) {
    return mode == NetworkMode::user || mode == NetworkMode::private_;
}

void want_network_settings(const Profile& profile, Wanted& wanted);
/// Sets what the sandbox's own network namespace has of its own besides.
std::vector<Planned<ChildStep>> plan_sysctls(const Profile& profile, const HostFacts& facts, const Clone& clone,
                                             const Identity& identity);

}  // namespace nsrun
