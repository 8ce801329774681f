#include "relay/resident.h"

#include <netinet/in.h>

#include <cerrno>

/// Datagrams: each client has a connected socket of its own inside, so that answers find back.
namespace nsrun::relay {
namespace {

constexpr int datagrams_a_turn = 32;

/// A datagram's envelope: who sent it, and beside it the address that it was sent to.
struct Letter {
    Endpoint name;
    iovec content;
    alignas(cmsghdr) char control[64];
    msghdr header;
};

NSRUN_RESIDENT void prepare(Letter& letter, char* buffer, std::size_t size, std::size_t control) noexcept {
    letter.content = {buffer, size};
    letter.header.msg_name = &letter.name;
    letter.header.msg_namelen = sizeof letter.name;
    letter.header.msg_iov = &letter.content;
    letter.header.msg_iovlen = 1;
    letter.header.msg_control = control == 0 ? nullptr : letter.control;
    letter.header.msg_controllen = control;
    letter.header.msg_flags = 0;
}

NSRUN_RESIDENT void split(const in6_addr& address, std::uint64_t (&words)[2]) noexcept {
    words[0] = address.s6_addr32[0] | std::uint64_t{address.s6_addr32[1]} << 32;
    words[1] = address.s6_addr32[2] | std::uint64_t{address.s6_addr32[3]} << 32;
}

NSRUN_RESIDENT void join(const std::uint64_t (&words)[2], in6_addr& address) noexcept {
    address.s6_addr32[0] = static_cast<std::uint32_t>(words[0]);
    address.s6_addr32[1] = static_cast<std::uint32_t>(words[0] >> 32);
    address.s6_addr32[2] = static_cast<std::uint32_t>(words[1]);
    address.s6_addr32[3] = static_cast<std::uint32_t>(words[1] >> 32);
}

NSRUN_RESIDENT void read_letter(const Letter& letter, Peer& peer) noexcept {
    peer.address[1] = peer.local[0] = peer.local[1] = peer.scope = 0;
    if (letter.name.any.sa_family == AF_INET6) {
        split(letter.name.v6.sin6_addr, peer.address);
        peer.scope = letter.name.v6.sin6_scope_id;
        peer.port = letter.name.v6.sin6_port;
    } else {
        peer.address[0] = letter.name.v4.sin_addr.s_addr;
        peer.port = letter.name.v4.sin_port;
    }
    const auto* beside = reinterpret_cast<const cmsghdr*>(letter.control);
    const void* const content = letter.control + CMSG_LEN(0);
    if (letter.header.msg_controllen < CMSG_LEN(sizeof(in_pktinfo))) return;
    if (beside->cmsg_level == IPPROTO_IP && beside->cmsg_type == IP_PKTINFO) {
        peer.local[0] = static_cast<const in_pktinfo*>(content)->ipi_spec_dst.s_addr;
    } else if (beside->cmsg_level == IPPROTO_IPV6 && beside->cmsg_type == IPV6_PKTINFO) {
        split(static_cast<const in6_pktinfo*>(content)->ipi6_addr, peer.local);
    }
}

/// Addresses an answer: to the client, from the address that the client had written to.
NSRUN_RESIDENT void address_letter(Letter& letter, const Peer& peer, bool v6) noexcept {
    auto* beside = reinterpret_cast<cmsghdr*>(letter.control);
    void* const content = letter.control + CMSG_LEN(0);
    if (v6) {
        letter.name.v6.sin6_family = AF_INET6;
        letter.name.v6.sin6_port = static_cast<in_port_t>(peer.port);
        letter.name.v6.sin6_flowinfo = 0;
        letter.name.v6.sin6_scope_id = peer.scope;
        join(peer.address, letter.name.v6.sin6_addr);
        letter.header.msg_namelen = sizeof letter.name.v6;
        beside->cmsg_level = IPPROTO_IPV6;
        beside->cmsg_type = IPV6_PKTINFO;
        beside->cmsg_len = CMSG_LEN(sizeof(in6_pktinfo));
        auto* const source = static_cast<in6_pktinfo*>(content);
        join(peer.local, source->ipi6_addr);
        source->ipi6_ifindex = 0;
    } else {
        letter.name.v4.sin_family = AF_INET;
        letter.name.v4.sin_port = static_cast<in_port_t>(peer.port);
        letter.name.v4.sin_addr.s_addr = static_cast<in_addr_t>(peer.address[0]);
        letter.header.msg_namelen = sizeof letter.name.v4;
        beside->cmsg_level = IPPROTO_IP;
        beside->cmsg_type = IP_PKTINFO;
        beside->cmsg_len = CMSG_LEN(sizeof(in_pktinfo));
        auto* const source = static_cast<in_pktinfo*>(content);
        source->ipi_ifindex = 0;
        source->ipi_spec_dst.s_addr = static_cast<in_addr_t>(peer.local[0]);
        source->ipi_addr.s_addr = 0;
    }
}

NSRUN_RESIDENT bool same(const Peer& one, const Peer& other) noexcept {
    return one.address[0] == other.address[0] && one.address[1] == other.address[1] && one.local[0] == other.local[0] &&
           one.local[1] == other.local[1] && one.scope == other.scope && one.port == other.port;
}

/// The bucket of a client. The seed keeps clients from choosing ports that meet in one.
NSRUN_RESIDENT std::uint32_t bucket(const State& state, const Peer& peer, std::uint32_t port) noexcept {
    std::uint64_t mixed = state.seed;
    const auto mix = [&](std::uint64_t word) __attribute__((always_inline)) {
        mixed = (mixed ^ word) * 0x9e3779b97f4a7c15ULL;
        mixed ^= mixed >> 32;
    };
    mix(peer.address[0]);
    mix(peer.address[1]);
    mix(peer.local[0] ^ peer.local[1]);
    mix(std::uint64_t{peer.port} << 32 | port);
    mix(peer.scope);
    return static_cast<std::uint32_t>(mixed) & (buckets - 1);
}

/// Takes a flow out of the list by age.
NSRUN_RESIDENT void unlink(State& state, const Flow& flow) noexcept {
    (flow.older == none ? state.oldest : state.flows[flow.older].newer) = flow.newer;
    (flow.newer == none ? state.newest : state.flows[flow.newer].older) = flow.older;
}

NSRUN_RESIDENT void append(State& state, std::uint32_t index) noexcept {
    Flow& flow = state.flows[index];
    flow.older = state.newest;
    flow.newer = none;
    (state.newest == none ? state.oldest : state.flows[state.newest].newer) = index;
    state.newest = index;
}

NSRUN_RESIDENT void touch(State& state, std::uint32_t index) noexcept {
    Flow& flow = state.flows[index];
    flow.last = state.now;
    if (state.newest == index) return;
    unlink(state, flow);
    append(state, index);
}

NSRUN_RESIDENT void end(State& state, std::uint32_t index) noexcept {
    Flow& flow = state.flows[index];
    std::uint32_t* place = &state.heads[bucket(state, flow.peer, flow.port)];
    while (*place != index + 1) place = &state.flows[*place - 1].chain;
    *place = flow.chain;
    unlink(state, flow);
    if (flow.fd >= 0) call(SYS_close, flow.fd);
    flow.used = false;
    ++flow.generation;
    flow.chain = state.flow_free;
    state.flow_free = index;
    --state.flow_count;
}

/// Gives a flow its socket inside: of the first target from `flow.target` on that there can be one for.
NSRUN_RESIDENT bool connect(State& state, std::uint32_t index) noexcept {
    Flow& flow = state.flows[index];
    const Port& port = state.ports[flow.port];
    flow.fd = -1;
    for (; flow.target < port.target_count; ++flow.target) {
        const Endpoint& target = port.targets[flow.target];
        const bool v6 = target.any.sa_family == AF_INET6;
        const int fd =
            static_cast<int>(call(SYS_socket, v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (fd < 0) continue;
        epoll_event event{EPOLLIN, {.u64 = tag(Kind::flow, index, flow.generation)}};
        if (call(SYS_connect, fd, &target, v6 ? sizeof target.v6 : sizeof target.v4) == 0 &&
            call(SYS_epoll_ctl, state.epoll, EPOLL_CTL_ADD, fd, &event) == 0) {
            flow.fd = fd;
            return true;
        }
        call(SYS_close, fd);
    }
    return false;
}

/// The flow of a client; none when there can be none now.
NSRUN_RESIDENT std::uint32_t flow_of(State& state, std::uint32_t port, const Peer& peer) noexcept {
    const std::uint32_t head = bucket(state, peer, port);
    for (std::uint32_t at = state.heads[head]; at != 0; at = state.flows[at - 1].chain) {
        if (state.flows[at - 1].port == port && same(state.flows[at - 1].peer, peer)) return at - 1;
    }
    if (state.flow_count >= state.flow_limit) end(state, state.oldest);
    std::uint32_t index = state.flow_free;
    if (index != none)
        state.flow_free = state.flows[index].chain;
    else
        index = state.flow_fresh++;
    Flow& flow = state.flows[index];
    flow.peer = peer;
    flow.port = port;
    flow.last = state.now;
    flow.target = 0;
    flow.used = true;
    flow.answered = false;
    flow.chain = state.heads[head];
    state.heads[head] = index + 1;
    append(state, index);
    ++state.flow_count;
    if (connect(state, index)) return index;
    end(state, index);
    return none;
}

/// True when the service refused what was sent last. On loopback that is known at once.
NSRUN_RESIDENT bool refused(const Flow& flow) noexcept {
    int error = 0;
    socklen_t size = sizeof error;
    call(SYS_getsockopt, flow.fd, SOL_SOCKET, SO_ERROR, &error, &size, 0);
    return error == ECONNREFUSED;
}

/// Sends a datagram in, to the first target that does not refuse it.
NSRUN_RESIDENT void send_in(State& state, std::uint32_t index, long size) noexcept {
    Flow& flow = state.flows[index];
    touch(state, index);
    for (;;) {
        const long sent = call(SYS_sendto, flow.fd, state.buffer, size, MSG_NOSIGNAL, 0, 0);
        // A service that answered once is there; one that is not, may come: later datagrams are sent all the same.
        const bool last = flow.answered || flow.target + 1 >= state.ports[flow.port].target_count;
        if (last && sent != -ECONNREFUSED) return;
        if (last) {
            call(SYS_sendto, flow.fd, state.buffer, size, MSG_NOSIGNAL, 0, 0);  // the refusal was of an earlier one
            return;
        }
        if (sent != -ECONNREFUSED && !refused(flow)) return;
        call(SYS_close, flow.fd);
        ++flow.generation;
        ++flow.target;
        if (!connect(state, index)) return end(state, index);
    }
}

}  // namespace

NSRUN_RESIDENT void receive_some(State& state, std::uint32_t port) noexcept {
    Letter letter;
    for (int turn = 0; turn < datagrams_a_turn; ++turn) {
        prepare(letter, state.buffer, buffer_size, sizeof letter.control);
        const long size = call(SYS_recvmsg, state.ports[port].fd, &letter.header, 0);
        if (size == -EAGAIN) return;
        if (size < 0) continue;  // an answer that its client refused
        state.dirty = true;
        Peer peer;
        read_letter(letter, peer);
        if (const std::uint32_t flow = flow_of(state, port, peer); flow != none) send_in(state, flow, size);
    }
}

NSRUN_RESIDENT void answer_some(State& state, std::uint32_t index, std::uint32_t generation) noexcept {
    Flow& flow = state.flows[index];
    if (!flow.used || flow.generation != generation) return;
    const Port& port = state.ports[flow.port];
    Letter letter;
    for (int turn = 0; turn < datagrams_a_turn; ++turn) {
        const long size = call(SYS_recvfrom, flow.fd, state.buffer, buffer_size, 0, 0, 0);
        if (size == -EAGAIN) return;
        if (size < 0) continue;  // a refusal: the service may still come
        state.dirty = true;
        flow.answered = true;
        touch(state, index);
        const bool local = flow.peer.local[0] != 0 || flow.peer.local[1] != 0;
        const bool v6 = port.family == AF_INET6;
        prepare(letter, state.buffer, static_cast<std::size_t>(size),
                !local ? 0
                : v6   ? CMSG_SPACE(sizeof(in6_pktinfo))
                       : CMSG_SPACE(sizeof(in_pktinfo)));
        address_letter(letter, flow.peer, v6);
        call(SYS_sendmsg, port.fd, &letter.header, MSG_NOSIGNAL);  // what does not go is lost, as datagrams are
    }
}

NSRUN_RESIDENT void expire(State& state) noexcept {
    while (state.oldest != none && state.now - state.flows[state.oldest].last >= flow_idle) end(state, state.oldest);
}

}  // namespace nsrun::relay
