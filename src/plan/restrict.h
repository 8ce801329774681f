#pragma once
#include "plan/identity.h"

#include <nsrun/diagnostic.h>
#include <nsrun/host.h>
#include <nsrun/plan.h>
#include <nsrun/profile.h>

#include <vector>

/// What is taken away before the command starts: privileges, keyring, nested namespaces, system calls.
namespace nsrun {

/// What the self-check is told of the rest of the plan.
struct Surroundings {
    bool read_only_root = false;
    bool own_session = false;
};

/// Decides the restrictions, from forbid_user_namespaces to check_self.
std::vector<Planned<ChildStep>> plan_restrictions(const Profile& profile, const HostFacts& facts,
                                                  const Identity& identity, const Clone& clone,
                                                  const Surroundings& around, Diagnostics& diagnostics);

}  // namespace nsrun
