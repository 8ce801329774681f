#include "plan/filter.h"
#include "support/bpf.h"

#include <doctest/doctest.h>
#include <linux/audit.h>
#include <linux/sched.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <initializer_list>

using nsrun::filter;
using nsrun::FilterKind;

namespace {

#if defined(__x86_64__)
constexpr std::uint32_t native = AUDIT_ARCH_X86_64;
constexpr std::uint32_t foreign = AUDIT_ARCH_I386;
#else
constexpr std::uint32_t native = AUDIT_ARCH_AARCH64;
constexpr std::uint32_t foreign = AUDIT_ARCH_ARM;
#endif

constexpr auto every_kind = {FilterKind::strict, FilterKind::mounts, FilterKind::nested};
constexpr std::uint32_t allow = SECCOMP_RET_ALLOW;
constexpr std::uint32_t refused(int error) {
    return SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error);
}

std::uint32_t verdict(FilterKind kind, int call, std::initializer_list<std::uint64_t> arguments = {},
                      std::uint32_t architecture = native, bool keys = false) {
    seccomp_data data{};
    data.nr = call;
    data.arch = architecture;
    std::size_t at = 0;
    for (const auto argument : arguments) data.args[at++] = argument;
    const auto result = nsrun::testing::evaluate(filter(kind, keys), data);
    REQUIRE(result);
    return result->action;
}

}  // namespace

TEST_CASE("input cannot be pushed into a terminal, whatever the upper half of the register says") {
    for (const auto kind : every_kind) {
        for (const std::uint64_t request : {std::uint64_t{TIOCSTI}, std::uint64_t{TIOCLINUX}}) {
            CHECK(verdict(kind, SYS_ioctl, {0, request, 0}) == refused(EPERM));
            CHECK(verdict(kind, SYS_ioctl, {0, request | 1ULL << 32, 0}) == refused(EPERM));
            CHECK(verdict(kind, SYS_ioctl, {0, request | 0xffffffffULL << 32, 0}) == refused(EPERM));
        }
        CHECK(verdict(kind, SYS_ioctl, {0, TCGETS, 0}) == allow);
        CHECK(verdict(kind, SYS_ioctl, {TIOCSTI, TIOCGWINSZ, TIOCSTI}) == allow);
        CHECK(verdict(kind, SYS_ioctl, {0, TIOCSTI | 0x10000, 0}) == allow);
    }
}

TEST_CASE("the system calls of another architecture kill") {
    for (const auto kind : every_kind) {
        CHECK(verdict(kind, SYS_read, {}, foreign) == SECCOMP_RET_KILL_PROCESS);
        CHECK(verdict(kind, 54, {0, TIOCSTI, 0}, foreign) == SECCOMP_RET_KILL_PROCESS);
        CHECK(verdict(kind, SYS_read, {}, 0) == SECCOMP_RET_KILL_PROCESS);
    }
}

#if defined(__x86_64__)
TEST_CASE("the calls of x32 kill") {
    for (const auto kind : every_kind) {
        for (const int call : {0x40000000, 0x40000000 | SYS_read, 0x40000000 | 514, 0x7fffffff}) {
            CHECK(verdict(kind, call, {0, TIOCSTI}) == SECCOMP_RET_KILL_PROCESS);
        }
    }
}
#endif

TEST_CASE("user namespaces are refused unless the profile asks for them") {
    for (const auto kind : {FilterKind::strict, FilterKind::mounts}) {
        for (const std::uint64_t flags : {std::uint64_t{CLONE_NEWUSER}, std::uint64_t{CLONE_NEWUSER | CLONE_NEWNS | 17},
                                          std::uint64_t{CLONE_NEWUSER | 1ULL << 40}}) {
            CHECK(verdict(kind, SYS_clone, {flags}) == refused(EPERM));
            CHECK(verdict(kind, SYS_unshare, {flags}) == refused(EPERM));
        }
        CHECK(verdict(kind, SYS_clone3) == refused(ENOSYS));
        CHECK(verdict(kind, SYS_setns) == refused(EPERM));
        CHECK(verdict(kind, SYS_clone, {CLONE_VM | CLONE_THREAD | CLONE_SIGHAND}) == allow);
        CHECK(verdict(kind, SYS_unshare, {CLONE_FILES}) == allow);
    }
    CHECK(verdict(FilterKind::nested, SYS_clone, {CLONE_NEWUSER}) == allow);
    CHECK(verdict(FilterKind::nested, SYS_unshare, {CLONE_NEWUSER}) == allow);
    CHECK(verdict(FilterKind::nested, SYS_clone3) == allow);
    CHECK(verdict(FilterKind::nested, SYS_setns) == allow);
}

TEST_CASE("the mount calls are refused in the strict filter only") {
    for (const int call : {SYS_mount, SYS_umount2, SYS_pivot_root, SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_fspick,
                           SYS_open_tree, SYS_move_mount, SYS_mount_setattr, 467}) {
        CAPTURE(call);
        CHECK(verdict(FilterKind::strict, call) == refused(EPERM));
        CHECK(verdict(FilterKind::mounts, call) == allow);
        CHECK(verdict(FilterKind::nested, call) == allow);
    }
}

TEST_CASE("keys are refused unless the profile shares them") {
    for (const auto kind : every_kind) {
        for (const int call : {SYS_add_key, SYS_request_key, SYS_keyctl}) {
            CHECK(verdict(kind, call) == refused(EPERM));
            CHECK(verdict(kind, call, {}, native, true) == allow);
        }
        for (int call = 0; call < 600; ++call) {
            if (call == SYS_add_key || call == SYS_request_key || call == SYS_keyctl) continue;
            CHECK(verdict(kind, call) == verdict(kind, call, {}, native, true));
        }
    }
}

TEST_CASE("everything else passes") {
    for (const auto kind : every_kind) {
        for (int call = 0; call < 600; ++call) {
            if (call == SYS_ioctl || call == SYS_clone || call == SYS_unshare) continue;
            const auto action = verdict(kind, call);
            if (action != allow) CHECK(verdict(FilterKind::strict, call) == action);
        }
        for (const int call : {SYS_read, SYS_execve, SYS_openat, SYS_prctl, SYS_capset, SYS_exit_group, SYS_ptrace}) {
            CHECK(verdict(kind, call) == allow);
        }
    }
}
