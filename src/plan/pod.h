#pragma once
#include <nsrun/diagnostic.h>
#include <nsrun/host.h>
#include <nsrun/plan.h>
#include <nsrun/profile.h>

#include <string>
#include <vector>

/// Pods: sandboxes of one user that share a network.
namespace nsrun {

/// The pod's name.
std::string pod_name(const Profile& profile, const Context& context);
/// The directory that the pod is found in.
std::string pod_directory(const Profile& profile, const Context& context);
/// The sandbox's /etc/hosts, which tells of the pod's members: a file of the host, there once the sandbox is one of them.
std::string pod_hosts(const Profile& profile, const Context& context);

struct PodPlan {
    std::vector<Planned<ParentStep>> prepare, attach;
};

/// Adds what planning a pod must know of the machine.
void want_pod(const Profile& profile, const Context& context, Wanted& wanted);

/// Joins the pod, in the plan's words, where the profile has one. `maps`: the steps that would map a user namespace of the
/// sandbox's own; of a pod they are the pod's, and taken from here.
PodPlan plan_pod(const Profile& profile, const HostFacts& facts, const Clone& clone, std::vector<Planned<ParentStep>>& maps,
                 Diagnostics& diagnostics);

}  // namespace nsrun
