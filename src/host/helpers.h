#pragma once
#include <nsrun/host.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nsrun {

/// What the host gives a user to map beyond its own ids.
struct HostIds {
    std::vector<SubordinateRange> subuid, subgid;
    std::string newuidmap, newgidmap;  ///< absolute paths; empty when not installed, or without the privilege they need
};

/// Reads /etc/subuid and /etc/subgid and looks for the helpers where distributions install them.
HostIds host_ids(std::string_view user, std::uint32_t uid);

}  // namespace nsrun
