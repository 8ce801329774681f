#pragma once
#include <nsrun/diagnostic.h>
#include <nsrun/host.h>
#include <nsrun/plan.h>
#include <nsrun/profile.h>

#include <vector>

/// What the sandbox has of a network: from [network] to steps.
namespace nsrun {

/// Brings up what the network mode promises.
std::vector<Planned<ParentStep>> plan_network(const Profile& profile, const Clone& clone, Diagnostics& diagnostics);

}  // namespace nsrun
