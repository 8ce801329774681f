#pragma once
#include <nsrun/profile.h>

#include <cstdint>
#include <string>
#include <vector>

namespace nsrun {

/// Who the sandbox is, as ids.cc decides it. Every id is one inside.
struct Identity {
    std::uint32_t uid = 0;  ///< of the command
    std::uint32_t gid = 0;
    std::uint32_t builder_uid = 0;  ///< creates the files of the sandbox during setup
    std::uint32_t builder_gid = 0;
    std::string user;  ///< names and home as the command sees them
    std::string group;
    std::string home;
    std::string shell;
    std::vector<IdRange> uid_map;  ///< empty without a user namespace
    std::vector<IdRange> gid_map;
    bool host_root_inside = false;  ///< the host's uid 0 is reachable in the sandbox

    bool operator==(const Identity&) const = default;
};

}  // namespace nsrun
