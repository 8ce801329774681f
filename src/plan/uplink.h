#pragma once
#include <nsrun/diagnostic.h>
#include <nsrun/host.h>
#include <nsrun/plan.h>
#include <nsrun/profile.h>

#include <string>
#include <string_view>
#include <vector>

/// The way out of mode "user": a helper that speaks to the network for the sandbox, with the caller's own rights.
namespace nsrun {

/// True when the profile asks for a way out: by its mode, or by that of its pod.
bool goes_out(const Profile& profile);

/// True when the profile asks for a way out that this host has not, and can do without: that is a warning then. One that
/// it cannot do without is an error.
bool loses_uplink(const Profile& profile, const HostFacts& facts, Diagnostics& diagnostics);

/// Starts the helper, and gives its interface addresses and routes.
void plan_uplink(const Profile& profile, const HostFacts& facts, const Clone& clone,
                 std::vector<Planned<ParentStep>>& steps);

/// The resolv.conf(5) of a sandbox that goes out so. `host`: the host's own.
std::string uplink_resolver(const Profile& profile, const NetworkFacts& network, std::string_view host);

/// The resolv.conf(5) of a sandbox with interfaces of its own: whom the host asks, but for who listens on its loopback.
std::string direct_resolver(const Profile& profile, std::string_view host);

/// Lines of hosts(5) that name the host itself, where it can be reached.
std::string uplink_hosts(const Profile& profile, const NetworkFacts& network);

}  // namespace nsrun
