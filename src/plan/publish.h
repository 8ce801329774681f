#pragma once
#include <nsrun/diagnostic.h>
#include <nsrun/plan.h>
#include <nsrun/profile.h>

#include <vector>

/// Ports of the host that lead into the sandbox.
namespace nsrun {

struct PublishPlan {
    std::vector<Planned<ParentStep>> prepare, attach;
};

/// Opens the ports before the sandbox exists, and serves them once it does.
PublishPlan plan_publish(const Profile& profile, const Clone& clone, Diagnostics& diagnostics);

}  // namespace nsrun
