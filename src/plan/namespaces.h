#pragma once
#include <nsrun/diagnostic.h>
#include <nsrun/host.h>
#include <nsrun/plan.h>
#include <nsrun/profile.h>

#include <vector>

/// Which namespaces are made and which are joined.
namespace nsrun {

/// True when the profile lists the namespace.
bool lists(const Profile& profile, Namespace kind);

/// True when that namespace is the pod's: made for the sandbox, and shared with the pod's other members.
bool in_pod(const Clone& clone, Namespace kind);

/// The joins of a profile: those that are written, in the order of the enumeration, user first.
std::vector<JoinNamespace> joins(const Profile& profile);

/// True when the sandbox gets a namespace of that kind of its own.
bool makes(const Clone& clone, Namespace kind);
/// True when the sandbox enters somebody else's.
bool enters(const Clone& clone, Namespace kind);

/// Decides the namespaces: the list, less what is joined, what network mode host shares, and what this kernel lacks and
/// the profile can do without. Diagnoses what cannot work without privilege.
Clone plan_namespaces(const Profile& profile, const HostFacts& facts, Diagnostics& diagnostics);

/// Names the sandbox: set_hostname and set_domainname, in a uts namespace of its own.
std::vector<Planned<ChildStep>> plan_hostname(const Profile& profile, const Context& context, const Clone& clone,
                                              Diagnostics& diagnostics);

}  // namespace nsrun
