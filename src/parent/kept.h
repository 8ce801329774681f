#pragma once
#include "base/fd.h"
#include "base/process.h"
#include "network/network.h"

#include <optional>
#include <vector>

namespace nsrun::parent {

/// What lives as long as the sandbox, and ends after it was reaped: helpers are killed, and what the kernel keeps only
/// while a descriptor is open goes. What was made first ends last.
struct Kept {
    std::vector<network::SharedBridge> bridges;
    network::Lasting network;
    std::optional<network::Socket> inside;  ///< of the sandbox's network namespace: what its traffic is asked through
    std::vector<Process> processes;
    std::vector<Fd> descriptors;
};

}  // namespace nsrun::parent
