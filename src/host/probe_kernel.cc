#include "host/causes.h"
#include "host/probes.h"

#include <base/fd.h>

#include <fmt/format.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/rtnetlink.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#ifndef LANDLOCK_CREATE_RULESET_VERSION
#define LANDLOCK_CREATE_RULESET_VERSION (1U << 0)
#endif

namespace nsrun::probe {
namespace {

/// The first ABI of Landlock that confines abstract sockets and signals.
constexpr std::int64_t scope_abi = 6;

Finding by_call(Facility facility, const Outcome& outcome, const char* option, const char* since) {
    Finding finding{.facility = facility, .present = static_cast<bool>(outcome)};
    if (outcome) return finding;
    auto [cause, remedy] = why_no_call(outcome, option, since);
    finding.cause = std::move(cause);
    finding.remedy = std::move(remedy);
    return finding;
}

Outcome try_filter() {
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return refused("prctl(PR_SET_NO_NEW_PRIVS)");
    sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    const sock_fprog program{1, &allow};
    if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) return refused("seccomp");
    return {};
}

/// Brings lo up as rtnetlink(7) does it; loopback is always the first interface of a namespace.
Outcome try_loopback() {
    if (const auto entered = enter(CLONE_NEWNET); !entered) return entered;
    const Fd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    if (!socket) return refused("socket(AF_NETLINK)");
    struct {
        nlmsghdr header;
        ifinfomsg link;
    } request{};
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type = RTM_NEWLINK;
    request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    request.link.ifi_index = 1;
    request.link.ifi_flags = IFF_UP;
    request.link.ifi_change = IFF_UP;
    if (::send(socket.get(), &request, sizeof request, 0) < 0) return refused("send");
    struct {
        nlmsghdr header;
        nlmsgerr answer;
        char rest[512];
    } reply{};
    if (::recv(socket.get(), &reply, sizeof reply, 0) < static_cast<ssize_t>(sizeof(nlmsghdr) + sizeof(int))) {
        return refused("recv");
    }
    if (reply.answer.error != 0) return {-reply.answer.error, 0, "RTM_NEWLINK", 0};
    return {};
}

Outcome landlock_abi() {
    const auto abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 0) return refused("Landlock");
    return {0, 0, "", abi};
}

}  // namespace

Finding kernel(Facility facility) {
    utsname name{};
    ::uname(&name);
    Finding finding{.facility = facility, .detail = fmt::format("{} {}", name.release, name.machine)};
    const char* const end = name.release + sizeof name.release;
    unsigned major = 0, minor = 0;
    const auto first = std::from_chars(name.release, end, major);
    if (*first.ptr == '.') std::from_chars(first.ptr + 1, end, minor);
    finding.present = major > 5 || (major == 5 && minor >= 14);
    if (!finding.present) {
        finding.cause = "nsrun builds sandboxes by system calls that came with 5.14";
        finding.remedy = "install a kernel from 5.14 on";
    }
    return finding;
}

Finding seccomp(Facility facility) {
    return by_call(facility, attempt(try_filter), "CONFIG_SECCOMP_FILTER", "3.17");
}

Finding no_new_privileges(Facility facility) {
    const auto outcome = attempt([] {
        return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? Outcome{} : refused("prctl(PR_SET_NO_NEW_PRIVS)");
    });
    Finding finding = by_call(facility, outcome, "CONFIG_MULTIUSER", "3.5");
    if (::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1) finding.detail = "already set";
    return finding;
}

Finding keyring(Facility facility) {
    const auto outcome = attempt([] {
        const bool joined = ::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr) >= 0;
        return joined ? Outcome{} : refused("keyctl");
    });
    if (!outcome && outcome.error == EDQUOT) {
        return {.facility = facility,
                .cause = "the quota of keys of this user is used up",
                .remedy = "as root: sysctl kernel.keys.maxkeys=2000"};
    }
    return by_call(facility, outcome, "CONFIG_KEYS", "2.6");
}

Finding landlock(Facility facility) {
    const auto outcome = attempt(landlock_abi);
    if (!outcome && outcome.error == EOPNOTSUPP) {
        return {.facility = facility,
                .cause = "Landlock is in this kernel, but was not switched on when it started",
                .remedy = "add landlock to the lsm= parameter of the kernel, as /sys/kernel/security/lsm lists them"};
    }
    if (!outcome) return by_call(facility, outcome, "CONFIG_SECURITY_LANDLOCK", "5.13");
    Finding finding{.facility = facility, .present = true, .detail = fmt::format("ABI {}", outcome.value)};
    if (facility == Facility::landlock_scope && outcome.value < scope_abi) {
        finding.present = false;
        finding.cause = fmt::format("scopes came with ABI {}", scope_abi);
        finding.remedy = "use a kernel from 6.12 on";
    }
    return finding;
}

Finding pidfd(Facility facility) {
    const auto outcome =
        attempt([] { return ::syscall(SYS_pidfd_open, ::getpid(), 0) >= 0 ? Outcome{} : refused("pidfd_open"); });
    return by_call(facility, outcome, "CONFIG_MULTIUSER", "5.3");
}

Finding loopback(Facility facility) {
    const auto outcome = attempt(try_loopback);
    if (!outcome && (std::strcmp(outcome.call, "unshare") == 0 || std::strstr(outcome.call, "_map") != nullptr)) {
        auto [cause, remedy] = why_no_namespace(Namespace::net, outcome);
        return {.facility = facility, .cause = std::move(cause), .remedy = std::move(remedy)};
    }
    return by_call(facility, outcome, "CONFIG_NET", "2.6");
}

Finding tiocsti_closed(Facility facility) {
    const std::string value = setting("/proc/sys/dev/tty/legacy_tiocsti");
    if (value == "0") return {.facility = facility, .present = true};
    Finding finding{.facility = facility};
    finding.detail = "sandboxes are closed by nsrun's own filter";
    finding.cause = value.empty() ? "this kernel has no switch for it" : "dev.tty.legacy_tiocsti is 1";
    finding.remedy = value.empty() ? "use a kernel from 6.2 on" : "as root: sysctl dev.tty.legacy_tiocsti=0";
    return finding;
}

}  // namespace nsrun::probe
