#pragma once
#include "base/fd.h"
#include "base/process.h"
#include "network/network.h"
#include "network/watch.h"
#include "registry/registry.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nsrun::parent {

/// A program of the system that works for the sandbox while it lives.
struct Helper {
    std::string program;
    Process process;
    Fd errors;  ///< what it says to descriptor 2; the kernel kills it when this end closes
};

/// What lives as long as the sandbox, and ends after it was reaped: helpers are killed, and what the kernel keeps only
/// while a descriptor is open goes. What was made first ends last.
struct Kept {
    std::vector<network::SharedBridge> bridges;
    network::Lasting network;
    std::shared_ptr<network::Places> inside;  ///< through which the sandbox's traffic is asked
    std::vector<Process> processes;
    std::vector<Fd> descriptors;
    std::vector<Helper> helpers;
    std::optional<network::AddressWatch> watch;
    registry::Registration entry;  ///< among the running sandboxes
    Fd pod;  ///< a netlink socket of the pod that the sandbox is a member of
};

}  // namespace nsrun::parent
