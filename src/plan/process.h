#pragma once
#include "plan/identity.h"
#include "plan/mounts.h"

#include <nsrun/diagnostic.h>
#include <nsrun/host.h>
#include <nsrun/plan.h>
#include <nsrun/profile.h>

#include <string>
#include <vector>

/// What runs: the program, its words, where, and how nsrun watches over it.
namespace nsrun {

struct ProcessPlan {
    Exec exec;
    Supervision supervise;
    std::vector<Planned<ChildStep>> steps;  ///< session, umask, working directory
};

/// Adds the places in which the program and the working directory may lie.
void want_process(const Profile& profile, const Command& command, const Context& context, Wanted& wanted);

/// Decides what runs. `environment` is the sandbox's: its PATH is searched.
ProcessPlan plan_process(const Profile& profile, const HostFacts& facts, const Identity& identity, const Clone& clone,
                         const View& view, std::vector<std::string> environment, const Command& command,
                         Diagnostics& diagnostics);

}  // namespace nsrun
