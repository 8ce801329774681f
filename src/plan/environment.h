#pragma once
#include "plan/identity.h"
#include "plan/mounts.h"

#include <nsrun/diagnostic.h>
#include <nsrun/host.h>
#include <nsrun/profile.h>

#include <string>
#include <string_view>
#include <vector>

/// What the command finds in its environment.
namespace nsrun {

/// Where programs are searched when nothing else says so, and what `inherit = "safe"` always offers.
inline constexpr std::string_view default_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Adds the environment files.
void want_environment(const Profile& profile, const Context& context, Wanted& wanted);

/// Decides the environment, "NAME=VALUE" sorted by name: what is inherited, then the files, then `set`, less `unset`.
std::vector<std::string> plan_environment(const Profile& profile, const HostFacts& facts, const Identity& identity,
                                          const View& view, Diagnostics& diagnostics);

/// The entries of a PATH that programs are searched in: the absolute ones, once each.
std::vector<std::string_view> path_entries(std::string_view path);

}  // namespace nsrun
