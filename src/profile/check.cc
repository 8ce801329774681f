#include "profile/check.h"

#include "profile/keys.h"

#include <fmt/format.h>
#include <nsrun/names.h>

#include <algorithm>

namespace nsrun {
namespace {

void check_joins(const Profile& profile, Diagnostics& diagnostics) {
    for (const auto& word : words<Namespace>) {
        const auto* join = joined(profile, word.value);
        const auto* own = listed(profile, word.value);
        if (!join || !own || !said_together(join->at, own->at)) continue;
        diagnostics.error(
            Code::conflict, join->at,
            fmt::format("join.{0} and \"{0}\" in namespaces (line {1}) contradict each other", word.name, own->at.line),
            fmt::format("remove \"{}\" from namespaces to join, or remove the join", word.name));
    }
}

void check_names_of_host(const Profile& profile, Diagnostics& diagnostics) {
    if (makes(profile, Namespace::uts)) return;
    const char* help = joined(profile, Namespace::uts) ? "remove it, or join.uts" : "add \"uts\" to namespaces";
    if (profile.hostname.written()) {
        diagnostics.error(Code::needs_namespace, profile.hostname.at, "a hostname needs its own uts namespace", help);
    }
    if (profile.domainname.written()) {
        diagnostics.error(Code::needs_namespace, profile.domainname.at, "a domainname needs its own uts namespace",
                          help);
    }
}

}  // namespace

const Located<Namespace>* listed(const Profile& profile, Namespace kind) {
    const auto found = std::ranges::find(profile.namespaces, kind, &Located<Namespace>::value);
    return found == profile.namespaces.end() ? nullptr : &*found;
}

bool said_together(const Span& one, const Span& other) {
    return one && other && one.source == other.source;
}

const Located<std::string>* joined(const Profile& profile, Namespace kind) {
    const Join& join = profile.join;
    const Located<std::string>* path = nullptr;
    switch (kind) {
        case Namespace::user:
            path = &join.user;
            break;
        case Namespace::mount:
            break;
        case Namespace::pid:
            path = &join.pid;
            break;
        case Namespace::net:
            path = &join.net;
            break;
        case Namespace::ipc:
            path = &join.ipc;
            break;
        case Namespace::uts:
            path = &join.uts;
            break;
        case Namespace::cgroup:
            path = &join.cgroup;
            break;
        case Namespace::time:
            path = &join.time;
            break;
    }
    return path && !(*path)->empty() ? path : nullptr;
}

bool makes(const Profile& profile, Namespace kind) {
    if (kind == Namespace::net && *profile.network.mode == NetworkMode::host) return false;
    return listed(profile, kind) && !joined(profile, kind);
}

void check_namespaces(const Profile& profile, Diagnostics& diagnostics) {
    check_joins(profile, diagnostics);
    check_names_of_host(profile, diagnostics);
    check_network(profile, diagnostics);
    check_interfaces(profile, diagnostics);
}

void check_process(const Profile& profile, Diagnostics& diagnostics) {
    const ProcessRules& process = profile.process;
    const bool pids = makes(profile, Namespace::pid) || joined(profile, Namespace::pid);
    const auto needs_init = [&](bool written, const Span& at, const char* what) {
        if (!written) return;
        diagnostics.error(Code::needs_init, at,
                          fmt::format("{} needs a process of nsrun that watches the command", what),
                          "remove init = false, or add \"pid\" to namespaces");
    };
    if (!*process.init && !pids) {
        if (const auto& ports = profile.network.publish; !ports.empty()) needs_init(true, ports.front().at, "network.publish");
        needs_init(profile.limits.time->length.count() > 0, profile.limits.time.at, "limits.time");
        needs_init(process.signals.written(), process.signals.at, "process.signals");
        needs_init(process.stop_signal.written(), process.stop_signal.at, "process.stop-signal");
        needs_init(process.stop_timeout.written(), process.stop_timeout.at, "process.stop-timeout");
        needs_init(*profile.network.mode == NetworkMode::pod, profile.network.mode.at, "network.mode = \"pod\"");
        needs_init(process.on_exit.written(), process.on_exit.at, "process.on-exit");
    } else if (!*process.init && *process.on_exit == OnExit::wait) {
        diagnostics.error(
            Code::needs_init, process.on_exit.at,
            "on-exit = \"wait\" needs nsrun's init: the kernel ends a pid namespace with its first process",
            "remove init = false");
    }
    if (*process.init && !makes(profile, Namespace::pid) && process.on_exit.written() && *process.on_exit == OnExit::kill) {
        diagnostics.error(Code::needs_namespace, process.on_exit.at,
                          "on-exit = \"kill\" needs its own pid namespace: the kernel ends one as a whole",
                          "add \"pid\" to namespaces, or write on-exit = \"wait\"");
    }
    if (profile.command.umask->bits > 0777) {
        diagnostics.error(Code::out_of_range, profile.command.umask.at, "a umask has no bits above 0777",
                          "write umask = \"0027\"");
    }
    if (!profile.command.args.empty() && profile.command.exec->empty()) {
        diagnostics.warning(Code::conflict, profile.command.args.front().at,
                            "args without exec has no effect: a command line brings its own arguments",
                            "write exec as well");
    }
}

void check(const Profile& profile, Diagnostics& diagnostics) {
    check_namespaces(profile, diagnostics);
    check_ids(profile, diagnostics);
    check_filesystem(profile, diagnostics);
    check_mounts(profile, diagnostics);
    check_publish(profile, diagnostics);
    check_process(profile, diagnostics);
}

}  // namespace nsrun
