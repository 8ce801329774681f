#pragma once
#include "plan/identity.h"

#include <nsrun/diagnostic.h>
#include <nsrun/host.h>
#include <nsrun/plan.h>
#include <nsrun/profile.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What is visible where: from the filesystem rules and [[mount]] to steps.
namespace nsrun {

/// What is visible where in the sandbox, after the mounts. Answers questions of the command's path and working directory.
class View {
  public:
    /// The view that these steps make. They outlive it.
    explicit View(const std::vector<Planned<ChildStep>>& steps) : steps_(steps) {}

    struct Place {
        /// absent: nothing is there; host: the host's `host_path` shows; own: nsrun makes it, or it cannot be known.
        enum class Kind : std::uint8_t { absent, host, own } kind = Kind::absent;
        std::string host_path;
        Access access = Access::read_only;
        bool operator==(const Place&) const = default;
    };

    /// What a path of the sandbox shows. `sandbox_path`: absolute, without "." and "..".
    Place at(std::string_view sandbox_path) const;

  private:
    const std::vector<Planned<ChildStep>>& steps_;
};

struct MountPlan {
    std::vector<Planned<ParentStep>> prepare;
    std::vector<Planned<ParentStep>> attach;
    std::vector<Planned<ChildStep>> steps;
};

/// Adds what planning the mounts must know of the machine; some of it more than once.
void want_mounts(const Profile& profile, const Command& command, const Context& context, Wanted& wanted);

/// Plans the sandbox's file tree: set_propagation, mount_root, pivot_root, the mounts parents first, and the final
/// set_read_only of the root and of protected places.
MountPlan plan_mounts(const Profile& profile, const HostFacts& facts, const Identity& identity, const Command& command,
                      Diagnostics& diagnostics);

}  // namespace nsrun
