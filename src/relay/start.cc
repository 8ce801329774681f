#include "relay/resident.h"

#include "base/descriptors.h"

#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/rseq.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

/// From the fork to the loop: the relay enters its place and gives up all that it does not need.
namespace nsrun::relay {
namespace {
#include "relay_filter.inc"

const char* words_of(Stage stage) {
    switch (stage) {
        case Stage::serves:
            return "serve published ports";
        case Stage::life:
            return "tie the relay of published ports to nsrun";
        case Stage::memory:
            return "map the memory of the relay of published ports";
        case Stage::watch:
            return "watch the sockets of published ports";
        case Stage::user:
            return "enter the sandbox's user namespace to serve published ports";
        case Stage::net:
            return "enter the sandbox's network namespace to serve published ports";
        case Stage::privileges:
            return "give up the privileges of the relay of published ports";
        case Stage::filter:
            return "filter the system calls of the relay of published ports";
    }
    return "serve published ports";
}

[[noreturn]] void leave() {
    for (;;) call(SYS_exit_group, 1);
}

/// Says what failed, and ends.
[[noreturn]] void give_up(int report, Stage stage, int code) {
    const Report said{stage, code};
    call(SYS_sendto, report, &said, sizeof said, MSG_NOSIGNAL, 0, 0);
    leave();
}

extern "C" {
extern const char __start_nsrun_relay[], __stop_nsrun_relay[];  // NOLINT: the linker's names for the section
}

/// Ends the kernel's writing into memory that will be gone, rseq(2). Answers false when it goes on.
bool forget_rseq() {
    constexpr unsigned unregister = 1, signature = 0x53053053;
    if (__rseq_size == 0) return true;
    char* const area = static_cast<char*>(__builtin_thread_pointer()) + __rseq_offset;
    return call(SYS_rseq, area, 32, unregister, signature) == 0 ||
           call(SYS_rseq, area, __rseq_size, unregister, signature) == 0;
}

/// The state in a mapping of its own.
State* new_state(std::span<const Listener> listeners, std::size_t& size) {
    const std::size_t page = getauxval(AT_PAGESZ);
    size = (sizeof(State) + listeners.size() * sizeof(Port) + page - 1) / page * page;
    void* const place = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (place == MAP_FAILED) return nullptr;
    auto* const state = static_cast<State*>(place);  // zero is what most of it begins with
    state->connection_free = state->queue_first = state->queue_last = none;
    state->spare = -1;
    state->flow_free = state->oldest = state->newest = none;
    state->port_count = static_cast<std::uint32_t>(listeners.size());
    for (std::size_t index = 0; index < listeners.size(); ++index) {
        const Listener& listener = listeners[index];
        Port& port = state->ports[index];
        port.fd = listener.socket.get();
        port.protocol = listener.protocol;
        port.target_count =
            static_cast<std::uint8_t>(std::min<std::size_t>(listener.targets.size(), std::size(port.targets)));
        std::copy_n(listener.targets.begin(), port.target_count, port.targets);
        sockaddr_in6 own{};
        socklen_t length = sizeof own;
        (void)getsockname(port.fd, reinterpret_cast<sockaddr*>(&own), &length);  // of a socket it cannot fail
        port.family = own.sin6_family;
        state->has_datagrams = state->has_datagrams || port.protocol == Protocol::udp;
    }
    (void)getrandom(&state->seed, sizeof state->seed, GRND_NONBLOCK);  // early in a boot there is none: a worse table
    return state;
}

/// Raises the limit of descriptors as far as that goes; answers it.
std::uint64_t raise_descriptors() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);  // up to the hard limit there is nothing to refuse
    return limit.rlim_max;
}

int watch_ports(State& state, int life) {
    state.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (state.epoll < 0) return errno;
    for (std::uint32_t index = 0; index < state.port_count; ++index) {
        epoll_event event{EPOLLIN, {.u64 = tag(Kind::port, index, 0)}};
        if (epoll_ctl(state.epoll, EPOLL_CTL_ADD, state.ports[index].fd, &event) != 0) return errno;
    }
    if (life < 0) return 0;
    epoll_event event{EPOLLIN, {.u64 = tag(Kind::life, 0, 0)}};
    return epoll_ctl(state.epoll, EPOLL_CTL_ADD, life, &event) == 0 ? 0 : errno;
}

/// Empties all sets of capabilities, and closes the ways back to them.
int give_up_privileges() {
    for (int capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; ++capability) {
        (void)prctl(PR_CAPBSET_DROP, capability);  // not without CAP_SETPCAP: then there is none to gain either
    }
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    const __user_cap_data_struct nothing[2]{};
    if (const long answer = call(SYS_capset, &header, nothing); answer < 0) return static_cast<int>(-answer);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
    return prctl(PR_SET_DUMPABLE, 0) == 0 ? 0 : errno;
}

/// The relay ends with who started it. After each change of credentials, which may undo it: prctl(2).
bool tie_to(pid_t parent) {
    return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent;
}

/// A relay's life up to its loop. It allocates nothing: the heap is a copy of its parent's. What it hands on at its end
/// must be on the stack, where AddressSanitizer would not leave it.
[[noreturn, gnu::no_sanitize("address")]] void live(std::span<const Listener> listeners, const Location& location, pid_t parent, int report) {
    if (prctl(PR_SET_DUMPABLE, 0) != 0 || (location.die_with_parent && !tie_to(parent)))
        give_up(report, Stage::life, errno);
    (void)prctl(PR_SET_NAME, "nsrun-relay");
    std::size_t size = 0;
    State* const state = new_state(listeners, size);
    if (state == nullptr) give_up(report, Stage::memory, errno);
    const Room room = affordable(raise_descriptors(), state->port_count);
    state->connection_limit = room.connections;
    state->flow_limit = room.flows;
    if (location.user >= 0 && setns(location.user, CLONE_NEWUSER) != 0) give_up(report, Stage::user, errno);
    if (location.net >= 0 && setns(location.net, CLONE_NEWNET) != 0) give_up(report, Stage::net, errno);
    if (const int code = watch_ports(*state, location.life); code != 0) give_up(report, Stage::watch, code);
    (void)chdir("/");  // a directory that is not busy because of us
    if (const int code = give_up_privileges(); code != 0) give_up(report, Stage::privileges, code);
    if (location.die_with_parent && !tie_to(parent)) leave();

    // The descriptors to keep, in the state's buffer until the filter is put there.
    auto* const kept = reinterpret_cast<int*>(state->buffer);
    std::size_t count = 0;
    for (std::uint32_t index = 0; index < state->port_count; ++index) kept[count++] = state->ports[index].fd;
    for (const int descriptor : {state->epoll, report, location.life}) kept[count++] = descriptor;
    close_all_but({kept, count});

    auto* const program = reinterpret_cast<sock_filter*>(state->buffer);
    std::memcpy(program, relay_filter.data(), sizeof relay_filter);
    state->dirty = true;
    const std::uintptr_t page = getauxval(AT_PAGESZ);
    Farewell farewell{};
    farewell.report = report;
    farewell.filter = {static_cast<unsigned short>(relay_filter.size()), program};
    const auto rounded = [&](std::uintptr_t address) { return address & ~(page - 1); };
    farewell.kept[0] = {rounded(reinterpret_cast<std::uintptr_t>(__start_nsrun_relay)),
                        rounded(reinterpret_cast<std::uintptr_t>(__stop_nsrun_relay) + page - 1)};
    farewell.kept[1] = {reinterpret_cast<std::uintptr_t>(state), reinterpret_cast<std::uintptr_t>(state) + size};
    if (farewell.kept[0].begin > farewell.kept[1].begin) std::swap(farewell.kept[0], farewell.kept[1]);
    const auto here = rounded(reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)));
    if (forget_rseq() && here > farewell.kept[1].end) farewell.stack = here - 4 * page;
    settle(*state, farewell);
}

}  // namespace

Result<Starting> start(std::span<const Listener> listeners, const Location& location) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return fail(errno, "make a pair of sockets");
    Fd hearer(ends[0]);
    const Fd teller(ends[1]);
    const pid_t parent = getpid();
    int pidfd = -1;
    clone_args arguments{};
    arguments.flags = CLONE_PIDFD;
    arguments.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
    const long pid = call(SYS_clone3, &arguments, sizeof arguments);
    if (pid == 0) live(listeners, location, parent, teller.get());
    if (pid < 0) return fail(static_cast<int>(-pid), "fork the relay of published ports");
    return Starting{Process(static_cast<pid_t>(pid), Fd(pidfd)), std::move(hearer)};
}

Result<> await(const Fd& report) {
    Report said;
    const ssize_t size = recv(report.get(), &said, sizeof said, 0);
    if (size != sizeof said) return fail(0, "the relay of published ports ended before it served");
    if (said.stage == Stage::serves) return {};
    const char* const attempt = words_of(said.stage);
    return fail(said.code, "{}", attempt);
}

}  // namespace nsrun::relay
