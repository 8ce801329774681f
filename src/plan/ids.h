#pragma once
#include "plan/identity.h"

#include <nsrun/diagnostic.h>
#include <nsrun/host.h>
#include <nsrun/plan.h>
#include <nsrun/profile.h>

#include <cstdint>
#include <optional>
#include <vector>

/// Who the sandbox is: id maps, the command's user and groups.
namespace nsrun {

struct IdPlan {
    Identity identity;
    std::vector<Planned<ParentStep>> attach;
    std::vector<Planned<ChildStep>> steps;
};

/// Adds what planning the ids must know of the machine.
void want_ids(const Profile& profile, const Context& context, Wanted& wanted);

/// Decides the id maps and the command's ids. `clone` says whether a user namespace is made or joined.
IdPlan plan_ids(const Profile& profile, const HostFacts& facts, const Clone& clone, Diagnostics& diagnostics);

/// The id of the host behind an id inside; no map maps every id to itself.
std::optional<std::uint32_t> outside(const std::vector<IdRange>& map, std::uint32_t inside);
/// The id inside that stands for an id of the host.
std::optional<std::uint32_t> inside(const std::vector<IdRange>& map, std::uint32_t outside);

}  // namespace nsrun
