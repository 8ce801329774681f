#pragma once
#include "plan/identity.h"

#include <nsrun/diagnostic.h>
#include <nsrun/host.h>
#include <nsrun/plan.h>
#include <nsrun/profile.h>

#include <vector>

/// What the network mode promises, as steps.
namespace nsrun {

/// Adds what of the machine planning wants to know for the network.
void want_network(const Profile& profile, Wanted& want);

/// Brings up the interfaces.
std::vector<Planned<ParentStep>> plan_network(const Profile& profile, const Clone& clone, Diagnostics& diagnostics);

/// Sets what the sandbox's own network namespace has of its own besides.
std::vector<Planned<ChildStep>> plan_sysctls(const Profile& profile, const HostFacts& facts, const Clone& clone,
                                             const Identity& identity);

}  // namespace nsrun
