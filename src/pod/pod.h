#pragma once
#include <nsrun/plan.h>
#include <nsrun/result.h>

#include "base/fd.h"
#include "base/process.h"
#include "network/network.h"
#include "network/watch.h"

#include <poll.h>
#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <span>

/// Pods: a process of nsrun's own that holds a user and a network namespace for the sandboxes of one user, hands them out,
/// and knows who is there. It ends with the last member.
namespace nsrun::pod {

/// What a member is handed. It is one for as long as the connection is open.
struct Seat {
    Fd connection;
    Fd user, net;  ///< namespaces
    Fd netlink;    ///< opened in `net` by who has every privilege there
};

/// The helper that a pod's way out needs.
struct Uplink {
    Process process;
    Fd errors;  ///< what it says; it ends when this is closed
};

/// What the launcher lends for the making of a pod.
struct Hands {
    /// Maps the ids of a process in a user namespace of its own, as the step says.
    std::function<Result<>(pid_t, const JoinPod&)> map;
    /// Starts the helper for the namespaces of a process; empty where the pod has no way out.
    std::function<Result<Uplink>(pid_t)> uplink;
    /// Says why a helper has ended.
    std::function<std::string(Uplink&)> last_words;
    /// Keeps the host's addresses closed to the pod; empty where that is not wanted. `places`: of the pod.
    std::function<Result<network::AddressWatch>(std::shared_ptr<network::Places> places)> watch;
    /// Makes the pod's network from within it. `helper`: readable once the helper has ended; -1 without one.
    std::function<Result<>(network::Places&, int helper)> furnish;
    /// Waits like poll(2), in as little memory as there can be.
    long (*wait)(std::span<pollfd> watched, int milliseconds);
};

/// Becomes a member, and makes the pod first when there is none of that name. Errors: EEXIST and EINVAL, in words, when the
/// pod has no room for this sandbox; ETIMEDOUT when nobody answers.
Result<Seat> join(const JoinPod& step, const Hands& hands);

}  // namespace nsrun::pod
