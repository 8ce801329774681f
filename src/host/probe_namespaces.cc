#include "host/accounts.h"
#include "host/causes.h"
#include "host/helpers.h"
#include "host/probes.h"
#include "host/tool.h"

#include <base/fd.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

namespace nsrun::probe {
namespace {

struct Kind {
    Facility facility;
    Namespace kind;
    int flag;
};
constexpr auto kinds = std::to_array<Kind>({
    {Facility::user_namespaces, Namespace::user, CLONE_NEWUSER},
    {Facility::mount_namespaces, Namespace::mount, CLONE_NEWNS},
    {Facility::pid_namespaces, Namespace::pid, CLONE_NEWPID},
    {Facility::net_namespaces, Namespace::net, CLONE_NEWNET},
    {Facility::ipc_namespaces, Namespace::ipc, CLONE_NEWIPC},
    {Facility::uts_namespaces, Namespace::uts, CLONE_NEWUTS},
    {Facility::cgroup_namespaces, Namespace::cgroup, CLONE_NEWCGROUP},
    {Facility::time_namespaces, Namespace::time, CLONE_NEWTIME},
});

/// Maps 0 to the caller and 1 on to its subordinate ids, for a process that waits in a user namespace of its own.
Outcome map_range(const std::string& helper, const SubordinateRange& range, std::uint32_t own) {
    std::array<int, 2> ready{-1, -1};
    std::array<int, 2> over{-1, -1};
    if (::pipe2(ready.data(), O_CLOEXEC) != 0 || ::pipe2(over.data(), O_CLOEXEC) != 0) return refused("pipe2");
    const pid_t waiting = ::fork();
    if (waiting < 0) return refused("fork");
    char byte = 0;
    if (waiting == 0) {
        ::close(over[1]);
        if (::unshare(CLONE_NEWUSER) != 0) ::_exit(1);
        (void)::write(ready[1], &byte, 1);
        (void)::read(over[0], &byte, 1);  // ends with the trial
        ::_exit(0);
    }
    ::close(ready[1]);
    if (::read(ready[0], &byte, 1) != 1) return {EPERM, 0, "unshare", 0};
    const auto text = [](auto number) { return fmt::format_int(number).str(); };
    const auto asked =
        ask_tool({helper, text(waiting), "0", text(own), "1", "1", text(range.first), text(range.count)});
    ::close(over[1]);
    ::waitpid(waiting, nullptr, 0);
    if (!asked) return {asked.error().code, 0, "map", 0};
    return {};
}

std::string ranges_text(const std::vector<SubordinateRange>& uids) {
    std::uint64_t total = 0;
    for (const auto& range : uids) total += range.count;
    return fmt::format("{} ids from {}", total, uids.front().first);
}

Cause no_range(const HostIds& ids, const std::string& user) {
    if (ids.subuid.empty() || ids.subgid.empty()) {
        return {fmt::format("{} has no ids in {}", user, ids.subuid.empty() ? "/etc/subuid" : "/etc/subgid"),
                fmt::format("as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {}", user)};
    }
    if (ids.newuidmap.empty() || ids.newgidmap.empty()) {
        return {fmt::format("{} is not installed, or not set-user-ID root",
                            ids.newuidmap.empty() ? "newuidmap" : "newgidmap"),
                "as root: apt install uidmap (Debian, Ubuntu) or dnf install shadow-utils (Fedora)"};
    }
    if (::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1) {
        return {"no_new_privs is set, so newuidmap gains no privilege",
                "start nsrun outside of what set it; of a systemd service: NoNewPrivileges=no"};
    }
    return {};
}

}  // namespace

Finding namespaces(Facility facility) {
    Finding finding{.facility = facility};
    for (const auto& [of, kind, flag] : kinds) {
        if (of != facility) continue;
        const auto outcome = attempt([&] { return enter(flag); });
        finding.present = static_cast<bool>(outcome);
        if (outcome) continue;
        auto [cause, remedy] = why_no_namespace(kind, outcome);
        finding.cause = std::move(cause);
        finding.remedy = std::move(remedy);
    }
    return finding;
}

Finding subordinate_ids(Facility facility) {
    Finding finding{.facility = facility};
    const std::uint32_t uid = ::geteuid();
    const auto account = Accounts(Accounts::Kind::users).with_id(uid);
    const std::string user = account ? account->name : fmt::format_int(uid).str();
    const HostIds ids = host_ids(user, uid);
    if (!ids.subuid.empty()) finding.detail = ranges_text(ids.subuid);
    auto [cause, remedy] = no_range(ids, user);
    if (cause.empty()) {
        const auto alone = attempt([] { return enter(CLONE_NEWUSER); });
        const auto mapped = attempt([&] {
            const auto uids = map_range(ids.newuidmap, ids.subuid.front(), uid);
            return uids ? map_range(ids.newgidmap, ids.subgid.front(), ::getegid()) : uids;
        });
        finding.present = static_cast<bool>(mapped);
        if (!alone) {
            auto why = why_no_namespace(Namespace::user, alone);
            cause = std::move(why.cause);
            remedy = std::move(why.remedy);
        } else if (!mapped) {
            cause = fmt::format("{} and {} are refused the map", ids.newuidmap, ids.newgidmap);
            remedy =
                fmt::format("try it: unshare --user --map-auto true; /etc/subuid must give {} ids of its own", user);
        }
    }
    finding.cause = std::move(cause);
    finding.remedy = std::move(remedy);
    return finding;
}

}  // namespace nsrun::probe
