#include "relay/resident.h"

#include <linux/seccomp.h>
#include <sys/mman.h>
#include <time.h>

#include <cerrno>

/// The loop of a serving relay, and the step into it.
namespace nsrun::relay {
namespace {

constexpr int events_a_turn = 64;
constexpr int second = 1000;

NSRUN_RESIDENT void look_at_clock(State& state) noexcept {
    timespec time{};
    call(SYS_clock_gettime, CLOCK_MONOTONIC_COARSE, &time);
    state.now = static_cast<std::uint32_t>(time.tv_sec);
}

/// How long to wait for events at most, in milliseconds.
NSRUN_RESIDENT int patience(const State& state) noexcept {
    if (state.queue_first != none) return 0;
    if (state.short_of_means) return patience_when_short;
    if (state.dirty) return second;
    if (state.flow_count == 0) return -1;
    const std::uint32_t idle = state.now - state.flows[state.oldest].last;
    return idle >= flow_idle ? second : static_cast<int>(flow_idle - idle) * second;
}

NSRUN_RESIDENT void hear(State& state, const epoll_event& event) noexcept {
    const auto kind = static_cast<Kind>(event.data.u64 & 7);
    const auto index = static_cast<std::uint32_t>(event.data.u64 >> 3 & 0x1fffffff);
    const auto generation = static_cast<std::uint32_t>(event.data.u64 >> 32);
    if (kind == Kind::client_side) return hear_side(state, index, generation, client, event.events);
    if (kind == Kind::inside_side) return hear_side(state, index, generation, inside, event.events);
    if (kind == Kind::flow) return answer_some(state, index, generation);
    if (kind == Kind::life) call(SYS_exit_group, 0);
    if (state.ports[index].protocol == Protocol::tcp) return accept_some(state, index);
    receive_some(state, index);
}

[[noreturn]] NSRUN_RESIDENT void serve(State& state) noexcept {
    epoll_event events[events_a_turn];
    for (;;) {
        const long count = call(SYS_epoll_pwait, state.epoll, events, events_a_turn, patience(state), 0, 8);
        if (count == 0 && state.dirty && state.queue_first == none) {
            call(SYS_madvise, state.buffer, buffer_size, MADV_DONTNEED);
            state.dirty = false;
        }
        if (state.has_datagrams) look_at_clock(state);
        for (long index = 0; index < count; ++index) hear(state, events[index]);
        take_turns(state);
        if (state.flow_count != 0) expire(state);
        if (state.paused) resume(state);
    }
}

}  // namespace

NSRUN_RESIDENT void settle(State& state, const Farewell& farewell) noexcept {
    if (farewell.stack != 0) {
        constexpr std::uintptr_t lowest = 0x10000;
        // A mapping that may not go costs memory, nothing else.
        call(SYS_munmap, lowest, farewell.kept[0].begin - lowest);
        call(SYS_munmap, farewell.kept[0].end, farewell.kept[1].begin - farewell.kept[0].end);
        call(SYS_munmap, farewell.kept[1].end, farewell.stack - farewell.kept[1].end);
    }
    const long answer = call(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &farewell.filter);
    const bool filtered = answer >= 0;
    const Report said{filtered ? Stage::serves : Stage::filter, static_cast<std::int32_t>(filtered ? 0 : -answer)};
    call(SYS_sendto, farewell.report, &said, sizeof said, MSG_NOSIGNAL, 0, 0);
    while (!filtered) call(SYS_exit_group, 1);
    call(SYS_close, farewell.report);
    serve(state);
}

}  // namespace nsrun::relay
