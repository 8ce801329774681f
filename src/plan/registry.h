#pragma once
#include <nsrun/diagnostic.h>
#include <nsrun/host.h>
#include <nsrun/plan.h>
#include <nsrun/profile.h>

#include <string>
#include <vector>

/// The list of running sandboxes: how this one enters it, and how others of it are joined by name.
namespace nsrun {

/// Adds what must be known of the running sandboxes.
void want_registry(const Profile& profile, Wanted& wanted);

/// What a sandbox is listed as: the profile's name and instance, in letters that a file name can have.
std::string listed_name(const Profile& profile, const Context& context);

/// Makes the directory that the list is.
MakeHostDirectory make_registry(const Context& context);

/// Enters the sandbox into the list, where there is a place for it and a launcher that stays.
std::vector<Planned<ParentStep>> plan_registration(const Profile& profile, const HostFacts& facts, const Clone& clone,
                                                   const std::vector<Planned<ParentStep>>& prepare);

/// The namespaces to join: those that are written, the user namespace first, paths as they are and names as the running
/// sandbox they stand for. Without privilege a namespace comes with the user namespace that owns it.
std::vector<JoinNamespace> plan_joins(const Profile& profile, const HostFacts& facts, Diagnostics& diagnostics);

}  // namespace nsrun
