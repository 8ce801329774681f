#pragma once
#include "plan/mounts.h"

#include <nsrun/diagnostic.h>
#include <nsrun/host.h>
#include <nsrun/profile.h>

#include <string>
#include <string_view>
#include <vector>

/// Where the program to run lies inside.
namespace nsrun {

/// Adds a path of the sandbox and every path of the host that may show there.
void want_inside(const Profile& profile, const Context& context, std::string_view path, Wanted& wanted);

/// Adds the places in which the program may lie.
void want_program(const Profile& profile, const Context& context, std::string_view program, Wanted& wanted);

/// Finds the program as a shell would, inside: by its path, from `directory` when that is relative, or in the entries
/// of `path`. What cannot be known while planning is left to the kernel. Empty, with a diagnostic, when it is not
/// there.
std::string find_program(std::string_view program, std::string_view path, std::string_view directory,
                         const HostFacts& facts, const View& view, const Span& at, Diagnostics& diagnostics);

}  // namespace nsrun
