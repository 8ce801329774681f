#include "support/bpf.h"

#include <doctest/doctest.h>
#include <linux/audit.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <array>
#include <initializer_list>
#include <set>

namespace {
#include <relay_filter.inc>

#if defined(__x86_64__)
constexpr std::uint32_t native = AUDIT_ARCH_X86_64;
#else
constexpr std::uint32_t native = AUDIT_ARCH_AARCH64;
#endif

bool allows(int call, std::initializer_list<std::uint64_t> arguments = {}, std::uint32_t architecture = native) {
    seccomp_data data{};
    data.nr = call;
    data.arch = architecture;
    std::size_t at = 0;
    for (const auto argument : arguments) data.args[at++] = argument;
    const auto verdict = nsrun::testing::evaluate(relay_filter, data);
    REQUIRE(verdict);
    const bool kills = verdict->action == SECCOMP_RET_KILL_PROCESS;
    CHECK((kills || verdict->action == SECCOMP_RET_ALLOW));
    return !kills;
}

}  // namespace

TEST_CASE("a relay may call what its loop calls, and everything else kills it") {
    const std::set<int> always = {SYS_epoll_pwait, SYS_epoll_ctl, SYS_recvfrom,      SYS_sendto,
                                  SYS_recvmsg,     SYS_sendmsg,   SYS_accept4,       SYS_connect,
                                  SYS_shutdown,    SYS_close,     SYS_clock_gettime, SYS_exit_group};
    for (int call = 0; call < 600; ++call) {
        CAPTURE(call);
        CHECK(allows(call) == always.contains(call));
        CHECK(!allows(call, {}, AUDIT_ARCH_I386));
        CHECK(!allows(call | 0x40000000));
    }
}

TEST_CASE("a relay makes sockets of the internet alone, and sets no options but its own") {
    constexpr std::uint64_t flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
    for (const std::uint64_t family : {AF_INET, AF_INET6}) {
        CHECK(allows(SYS_socket, {family, SOCK_STREAM | flags, 0}));
        CHECK(allows(SYS_socket, {family, SOCK_DGRAM | flags, 0}));
        CHECK(!allows(SYS_socket, {family, SOCK_RAW | flags, 0}));
        CHECK(!allows(SYS_socket, {family, SOCK_STREAM | flags, IPPROTO_SCTP}));
    }
    for (const std::uint64_t family : {AF_UNIX, AF_NETLINK, AF_PACKET, AF_VSOCK}) {
        CHECK(!allows(SYS_socket, {family, SOCK_STREAM | flags, 0}));
        CHECK(!allows(SYS_socket, {family, SOCK_DGRAM | flags, 0}));
    }
    CHECK(allows(SYS_setsockopt, {7, IPPROTO_TCP, TCP_NODELAY}));
    CHECK(allows(SYS_setsockopt, {7, SOL_SOCKET, SO_LINGER}));
    CHECK(!allows(SYS_setsockopt, {7, SOL_SOCKET, SO_ATTACH_FILTER}));
    CHECK(!allows(SYS_setsockopt, {7, IPPROTO_TCP, TCP_ULP}));
    CHECK(allows(SYS_getsockopt, {7, SOL_SOCKET, SO_ERROR}));
    CHECK(!allows(SYS_getsockopt, {7, SOL_SOCKET, SO_PEERCRED}));
    CHECK(allows(SYS_madvise, {0, 0, MADV_DONTNEED}));
    CHECK(!allows(SYS_madvise, {0, 0, MADV_REMOVE}));
}
