#pragma once
#include <nsrun/diagnostic.h>
#include <nsrun/host.h>
#include <nsrun/plan.h>
#include <nsrun/profile.h>

#include <vector>

/// What Landlock adds where a namespace is shared.
namespace nsrun {

/// Asks for the ABI of Landlock where planning depends on it.
void want_landlock(const Profile& profile, Wanted& wanted);

/// Keeps the host's abstract sockets from a sandbox that shares its network; warns where that cannot be had.
std::vector<Planned<ChildStep>> plan_landlock(const Profile& profile, const HostFacts& facts, Diagnostics& diagnostics);

}  // namespace nsrun
