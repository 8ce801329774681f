#pragma once
#include "relay/relay.h"

#include "child/calls.h"

#include <linux/filter.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

/// What a serving relay consists of: its state, in one mapping, and its code, in one section of the program. All other
/// memory is given back before it serves: resident code calls nothing else, not even libc, and touches no constant that
/// lies outside of its instructions. The test relay_resident looks at the objects.
namespace nsrun::relay {

/// Puts a function into the section that stays.
#define NSRUN_RESIDENT \
    [[gnu::section("nsrun_relay"), gnu::no_stack_protector, gnu::no_sanitize("address", "undefined")]]

using child::call;

constexpr std::uint32_t most_connections = 4096;
constexpr std::uint32_t most_flows = 1024;
constexpr std::uint32_t buckets = 2048;         // of flows by client; a power of two
constexpr std::uint32_t flow_idle = 60;         // seconds
constexpr int patience_when_short = 100;        // milliseconds until the system may have means again
constexpr std::size_t buffer_size = 256 << 10;  // holds any datagram
constexpr std::uint32_t none = ~std::uint32_t{0};

/// A published port.
struct Port {
    int fd;
    std::uint16_t family;
    Protocol protocol;
    std::uint8_t target_count;
    Endpoint targets[2];
};

/// One end of a connection. What may be done with it is learnt from edges: epoll(7), EPOLLET.
struct Side {
    int fd;
    bool readable;
    bool writable;
    bool to_the_end;  ///< its peer will send no more, or sent urgent data: a short read does not mean that all is read
    bool finished;    ///< the end of its stream was read and passed on
};

constexpr unsigned client = 0, inside = 1;

struct Connection {
    Side sides[2];
    std::uint32_t generation;  ///< changes with each use: an event of a former one is known by it
    std::uint32_t next;        ///< in the queue, or among the free ones
    std::uint32_t port;
    std::uint8_t target;
    bool used, connected, queued;
};

/// Who sent a datagram, and the address that it was sent to, where the socket has many.
struct Peer {
    std::uint64_t address[2], local[2];
    std::uint32_t scope;
    std::uint32_t port;  ///< in the order of the network
};

/// A client of a UDP port, with a socket of its own inside.
struct Flow {
    Peer peer;
    int fd;
    std::uint32_t generation;
    std::uint32_t port;
    std::uint32_t last;          ///< seconds, of the steady clock
    std::uint32_t chain;         ///< the next one of the bucket, or among the free ones
    std::uint32_t older, newer;  ///< by the last datagram
    std::uint8_t target;
    bool used, answered;
};

struct State {
    int epoll;
    std::uint64_t seed;

    std::uint32_t port_count;
    std::uint32_t connection_limit;  ///< what the limit of descriptors leaves room for
    std::uint32_t connection_count, connection_fresh, connection_free;
    std::uint32_t queue_first, queue_last;
    std::uint32_t flow_limit;  ///< the same
    std::uint32_t flow_count, flow_fresh, flow_free;
    std::uint32_t oldest, newest;
    std::uint32_t now;    ///< seconds, while datagrams are carried
    bool paused;          ///< no connection is accepted
    bool short_of_means;  ///< the system had no descriptor or memory: nothing of ours tells when that is over
    std::uint64_t again;  ///< milliseconds of the steady clock: not before then is it asked again
    int spare;            ///< a socket for the next connection; -1: none
    std::uint16_t spare_family;
    bool dirty;          ///< the buffer holds memory
    bool has_datagrams;  ///< a port is one of UDP

    std::uint32_t heads[buckets];  ///< of flows, by bucket; one more than the index
    Connection connections[most_connections];
    Flow flows[most_flows];
    alignas(4096) char buffer[buffer_size];
    Port ports[];  // NOLINT: as many as there are
};

/// How much a relay carries at once.
struct Room {
    std::uint32_t connections, flows;
};

/// What a limit of descriptors leaves room for beside `ports`: a flow takes one, a connection two. Neither takes more than half, so
/// that datagrams leave connections what they need, and the other way round.
constexpr Room affordable(std::uint64_t descriptors, std::uint32_t ports) {
    const std::uint64_t own = std::uint64_t{ports} + 16, room = descriptors > own ? descriptors - own : 0;
    const std::uint64_t flows = std::clamp<std::uint64_t>(room / 2, 1, most_flows);
    const std::uint64_t connections = std::clamp<std::uint64_t>((room - std::min(room, flows)) / 2, 1, most_connections);
    return {static_cast<std::uint32_t>(connections), static_cast<std::uint32_t>(flows)};
}

/// What an event is about: kind, index, generation.
enum class Kind : std::uint8_t { port, client_side, inside_side, flow, life };
constexpr std::uint64_t tag(Kind kind, std::uint32_t index, std::uint32_t generation) {
    return static_cast<std::uint64_t>(kind) | std::uint64_t{index} << 3 | std::uint64_t{generation} << 32;
}

/// Where a relay is on its way.
enum class Stage : std::int32_t { serves, life, memory, watch, user, net, privileges, filter };

/// What it says of itself, once.
struct Report {
    Stage stage = Stage::serves;  ///< else where it failed
    std::int32_t code = 0;        ///< with which errno
};

/// What the relay is to keep of memory, and what it has to do once the rest is gone.
struct Farewell {
    struct Range {
        std::uintptr_t begin, end;
    };
    Range kept[2];         ///< the state and the code, ascending
    std::uintptr_t stack;  ///< kept from here on; 0: nothing is given back
    sock_fprog filter;     ///< lies in the state
    int report;            ///< where it says that it serves
};

// loop.cc

/// Gives the rest of memory back, takes on the filter, and serves for ever.
[[noreturn]] void settle(State& state, const Farewell& farewell) noexcept;

// tcp.cc

/// Accepts what waits at a port.
void accept_some(State& state, std::uint32_t port) noexcept;
/// Goes on with a connection after an event of one of its sides.
void hear_side(State& state, std::uint32_t index, std::uint32_t generation, unsigned side,
               std::uint32_t events) noexcept;
/// Goes on with the connections that had more to do than one turn.
void take_turns(State& state) noexcept;
/// Accepts again, when there is room.
void resume(State& state) noexcept;

// udp.cc

/// Carries datagrams from clients.
void receive_some(State& state, std::uint32_t port) noexcept;
/// Carries answers to a client.
void answer_some(State& state, std::uint32_t index, std::uint32_t generation) noexcept;
/// Ends the flows that have been idle for long.
void expire(State& state) noexcept;

}  // namespace nsrun::relay
