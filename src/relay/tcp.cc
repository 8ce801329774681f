#include "relay/resident.h"

#include <netinet/tcp.h>
#include <time.h>

#include <cerrno>

/// Connections: each has a client outside and a socket inside. Nothing is kept in between: what cannot be sent yet
/// stays in the socket that it came from, whose peer then has to wait.
namespace nsrun::relay {
namespace {

constexpr std::uint32_t edges = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | EPOLLET;
constexpr int accepts_a_turn = 32;
constexpr int reads_a_turn = 4;

enum class Carried : std::uint8_t { waits, more, broken };

/// Carries what one side has for the other: it is looked at, sent, and only then taken out as far as it was sent.
NSRUN_RESIDENT Carried carry(State& state, Side& source, Side& target) noexcept {
    for (int turn = 0; turn < reads_a_turn; ++turn) {
        if (!source.readable || !target.writable || source.finished) return Carried::waits;
        const long got = call(SYS_recvfrom, source.fd, state.buffer, buffer_size, MSG_PEEK, 0, 0);
        if (got == -EAGAIN) {
            source.readable = false;
            return Carried::waits;
        }
        if (got < 0) return Carried::broken;
        if (got == 0) {
            source.finished = true;
            call(SYS_shutdown, target.fd, SHUT_WR);
            return Carried::waits;
        }
        state.dirty = true;
        const long sent = call(SYS_sendto, target.fd, state.buffer, got, MSG_NOSIGNAL, 0, 0);
        if (sent == -EAGAIN) {
            target.writable = false;
            return Carried::waits;
        }
        if (sent < 0) return Carried::broken;
        call(SYS_recvfrom, source.fd, state.buffer, sent, MSG_TRUNC, 0, 0);  // tcp(7): discards without a copy
        if (sent < got)
            target.writable = false;
        else if (got < static_cast<long>(buffer_size) && !source.to_the_end)
            source.readable = false;
    }
    return Carried::more;
}

/// Closes a socket so that its peer sees a reset, not an end.
NSRUN_RESIDENT void reset(int fd) noexcept {
    const linger at_once{1, 0};
    call(SYS_setsockopt, fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once, 0);
    call(SYS_close, fd);
}

NSRUN_RESIDENT void end(State& state, std::uint32_t index, bool broken) noexcept {
    Connection& connection = state.connections[index];
    for (Side& side : connection.sides) {
        if (side.fd < 0) continue;
        broken ? reset(side.fd) : static_cast<void>(call(SYS_close, side.fd));
        side.fd = -1;
    }
    connection.used = false;
    ++connection.generation;
    --state.connection_count;
    state.again = 0;
    if (connection.queued) return;  // the queue gives it back
    connection.next = state.connection_free;
    state.connection_free = index;
}

NSRUN_RESIDENT void enqueue(State& state, std::uint32_t index) noexcept {
    Connection& connection = state.connections[index];
    if (connection.queued) return;
    connection.queued = true;
    connection.next = none;
    if (state.queue_last == none)
        state.queue_first = index;
    else
        state.connections[state.queue_last].next = index;
    state.queue_last = index;
}

/// Carries in both directions, as far as it goes in one turn.
NSRUN_RESIDENT void go_on(State& state, std::uint32_t index) noexcept {
    Connection& connection = state.connections[index];
    Side& outer = connection.sides[client];
    Side& inner = connection.sides[inside];
    // Both, also when one is broken: what the other side had said before is still passed on.
    const Carried in = carry(state, outer, inner);
    const Carried out = carry(state, inner, outer);
    if (in == Carried::broken || out == Carried::broken)
        end(state, index, true);
    else if (outer.finished && inner.finished)
        end(state, index, false);
    else if (in == Carried::more || out == Carried::more)
        enqueue(state, index);
}

/// A socket to connect with, or the negated errno.
NSRUN_RESIDENT long new_socket(State& state, std::uint16_t family) noexcept {
    if (state.spare >= 0 && state.spare_family == family) {
        const int spare = state.spare;
        state.spare = -1;
        return spare;
    }
    return call(SYS_socket, family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/// Makes sure that whoever is accepted can be carried on: a client outside waits better than it is sent away.
NSRUN_RESIDENT long make_spare(State& state, std::uint16_t family) noexcept {
    if (state.spare >= 0 && state.spare_family == family) return 0;
    if (state.spare >= 0) call(SYS_close, state.spare);
    state.spare = -1;
    const long made = new_socket(state, family);
    if (made < 0) return made;
    state.spare = static_cast<int>(made);
    state.spare_family = family;
    return 0;
}

/// Tries the targets that are left; false when none is.
NSRUN_RESIDENT bool connect_next(State& state, std::uint32_t index) noexcept {
    Connection& connection = state.connections[index];
    const Port& port = state.ports[connection.port];
    for (; connection.target < port.target_count; ++connection.target) {
        const Endpoint& target = port.targets[connection.target];
        const bool v6 = target.any.sa_family == AF_INET6;
        const int fd = static_cast<int>(new_socket(state, target.any.sa_family));
        if (fd < 0) continue;
        const int one = 1;
        call(SYS_setsockopt, fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one, 0);
        const long answer = call(SYS_connect, fd, &target, v6 ? sizeof target.v6 : sizeof target.v4);
        epoll_event event{edges, {.u64 = tag(Kind::inside_side, index, connection.generation)}};
        if ((answer == 0 || answer == -EINPROGRESS) &&
            call(SYS_epoll_ctl, state.epoll, EPOLL_CTL_ADD, fd, &event) == 0) {
            connection.sides[inside] = {fd, false, false, false, false};
            return true;
        }
        call(SYS_close, fd);
    }
    return false;
}

NSRUN_RESIDENT void begin(State& state, std::uint32_t port, int fd) noexcept {
    std::uint32_t index = state.connection_free;
    if (index != none)
        state.connection_free = state.connections[index].next;
    else
        index = state.connection_fresh++;
    Connection& connection = state.connections[index];
    connection.sides[client] = {fd, true, true, false, false};
    connection.sides[inside].fd = -1;
    connection.port = port;
    connection.target = 0;
    connection.used = true;
    connection.connected = false;
    ++state.connection_count;
    epoll_event event{edges, {.u64 = tag(Kind::client_side, index, connection.generation)}};
    const bool watched = call(SYS_epoll_ctl, state.epoll, EPOLL_CTL_ADD, fd, &event) == 0;
    if (!watched || !connect_next(state, index)) end(state, index, true);
}

NSRUN_RESIDENT std::uint64_t milliseconds() noexcept {
    timespec time{};
    call(SYS_clock_gettime, CLOCK_MONOTONIC_COARSE, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1000 + static_cast<std::uint64_t>(time.tv_nsec) / 1'000'000;
}

NSRUN_RESIDENT bool is_shortage(long answer) noexcept {
    return answer == -EMFILE || answer == -ENFILE || answer == -ENOBUFS || answer == -ENOMEM;
}

/// Stops or starts to hear of new connections at all ports.
NSRUN_RESIDENT void set_paused(State& state, bool paused) noexcept {
    state.paused = paused;
    for (std::uint32_t index = 0; index < state.port_count; ++index) {
        if (state.ports[index].protocol != Protocol::tcp) continue;
        epoll_event event{paused ? 0U : std::uint32_t{EPOLLIN}, {.u64 = tag(Kind::port, index, 0)}};
        call(SYS_epoll_ctl, state.epoll, EPOLL_CTL_MOD, state.ports[index].fd, &event);
    }
}

}  // namespace

NSRUN_RESIDENT void accept_some(State& state, std::uint32_t port) noexcept {
    const std::uint16_t family = state.ports[port].targets[0].any.sa_family;
    for (int turn = 0; turn < accepts_a_turn; ++turn) {
        if (state.paused) return;
        if (state.connection_count >= state.connection_limit) return set_paused(state, true);
        long fd = make_spare(state, family);
        if (!is_shortage(fd)) fd = call(SYS_accept4, state.ports[port].fd, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd == -EAGAIN) return;
        if (is_shortage(fd)) {
            state.short_of_means = true;
            state.again = milliseconds() + patience_when_short;
            return set_paused(state, true);
        }
        if (fd >= 0) begin(state, port, static_cast<int>(fd));  // else a client that went before it was met
    }
}

NSRUN_RESIDENT void resume(State& state) noexcept {
    // Not at the first free place: stopping and starting asks every port.
    if (!state.paused || state.connection_count > state.connection_limit - state.connection_limit / 16 - 1) return;
    if (state.short_of_means && milliseconds() < state.again) return;
    state.short_of_means = false;
    set_paused(state, false);
}

NSRUN_RESIDENT void hear_side(State& state, std::uint32_t index, std::uint32_t generation, unsigned side,
                              std::uint32_t events) noexcept {
    Connection& connection = state.connections[index];
    if (!connection.used || connection.generation != generation) return;
    Side& heard = connection.sides[side];
    if (side == inside && !connection.connected) {
        if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
            call(SYS_close, heard.fd);
            heard.fd = -1;
            ++connection.target;
            if (!connect_next(state, index)) end(state, index, true);
            return;
        }
        if ((events & EPOLLOUT) == 0) return;
        connection.connected = true;
    }
    if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLERR | EPOLLHUP)) != 0) heard.readable = true;
    if ((events & (EPOLLRDHUP | EPOLLPRI | EPOLLERR | EPOLLHUP)) != 0) heard.to_the_end = true;
    if ((events & EPOLLOUT) != 0) heard.writable = true;
    if (!connection.connected) return;
    // A side that said its last word and is gone since: nothing will be read of it that tells so.
    if ((events & EPOLLERR) != 0 && heard.finished) return end(state, index, true);
    if (!connection.queued) go_on(state, index);
}

NSRUN_RESIDENT void take_turns(State& state) noexcept {
    const std::uint32_t last =
        state.queue_last;  // those that are queued meanwhile have their turn after the others' events
    while (state.queue_first != none) {
        const std::uint32_t index = state.queue_first;
        Connection& connection = state.connections[index];
        state.queue_first = connection.next;
        if (state.queue_first == none) state.queue_last = none;
        connection.queued = false;
        if (connection.used) {
            go_on(state, index);
        } else {
            connection.next = state.connection_free;
            state.connection_free = index;
        }
        if (index == last) return;
    }
}

}  // namespace nsrun::relay
