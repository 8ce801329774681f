#pragma once
#include <nsrun/enums.h>
#include <nsrun/result.h>

#include "base/fd.h"
#include "base/process.h"

#include <netinet/in.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// Carries connections and datagrams from sockets of one network namespace to addresses of another: one process of its
/// own, which holds the sockets, has no privilege, and touches next to no memory.
namespace nsrun::relay {

/// An address and a port, of IPv4 or IPv6: see ip(7), ipv6(7).
union Endpoint {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
};

/// The endpoint of an address in text and a port; nothing when the address is none.
std::optional<Endpoint> endpoint(const std::string& address, std::uint32_t port);

/// The addresses by which a service is reached from within its namespace, also one that listens to loopback alone.
std::vector<Endpoint> loopback(std::uint32_t port);

/// A socket that listens (TCP) or is bound (UDP), and where what comes in is carried to.
struct Listener {
    Fd socket;
    Protocol protocol = Protocol::tcp;
    std::vector<Endpoint> targets;  ///< one or two; the second is tried where the first refuses
};

/// Opens the socket of a listener in the network namespace of the caller, for an address in text. Errors: EADDRINUSE,
/// EADDRNOTAVAIL, EACCES, each with what to do about it.
Result<Fd> listen(Protocol protocol, const std::string& address, std::uint32_t port);

/// Where the relay lives. The descriptors stay the caller's.
struct Location {
    int user = -1;                ///< the user namespace to enter; -1: the caller's
    int net = -1;                 ///< the network namespace that it connects in; -1: the caller's
    int life = -1;                ///< a pidfd: the relay ends with that process; -1: it is killed
    bool die_with_parent = true;  ///< it ends with the caller
};

/// A relay that was forked and is on its way.
struct Starting {
    Process process;
    Fd report;
};

/// Forks the relay. It shares the listeners' sockets: the caller closes its own, so that they are gone with the relay.
/// All signals should be blocked: the relay hears of none.
Result<Starting> start(std::span<const Listener> listeners, const Location& location);

/// Waits until the relay serves, or says why it does not.
Result<> await(const Fd& report);

}  // namespace nsrun::relay
