#include "plan/namespaces.h"

#include "plan/pod.h"
#include "plan/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace nsrun {
namespace {

/// True when the profile can do without that namespace: on-unsupported names it.
bool may_lack(const Profile& profile, Namespace kind) {
    const auto& rule = *profile.on_unsupported;
    const std::string key = fmt::format("namespaces.{}", spelling(kind));
    return rule.listed && std::ranges::any_of(rule.names, [&](const auto& name) { return *name == key; });
}

bool has_kind(const HostFacts& facts, Namespace kind) {
    return std::ranges::find(facts.namespaces, kind) != facts.namespaces.end();
}

const Located<Namespace>* listed(const Profile& profile, Namespace kind) {
    for (const auto& entry : profile.namespaces) {
        if (*entry == kind) return &entry;
    }
    return nullptr;
}

/// Where the profile asks for that namespace: the entry, else the list.
Span place_of(const Profile& profile, Namespace kind) {
    const auto* entry = listed(profile, kind);
    return entry && entry->written() ? entry->at : profile.namespaces_at;
}

void lack(const Profile& profile, Namespace kind, Diagnostics& diagnostics) {
    const Span at = place_of(profile, kind);
    // Without a mount namespace no rule about files would hold: that is never left out.
    if (kind != Namespace::mount && may_lack(profile, kind)) {
        diagnostics.warning(Code::dropped, at,
                            fmt::format("running without a {} namespace: this kernel has none", spelling(kind)));
        return;
    }
    diagnostics.error(Code::needs_kernel, at, fmt::format("this kernel has no {} namespaces", spelling(kind)),
                      kind == Namespace::mount
                          ? "use a kernel with CONFIG_NAMESPACES"
                          : fmt::format("remove \"{0}\" from namespaces, or write on-unsupported = "
                                        "[\"namespaces.{0}\"] to run without it",
                                        spelling(kind)));
}

void check_joins(const Clone& clone, const HostFacts& facts, Diagnostics& diagnostics) {
    for (const auto& join : clone.joins) {
        if (has_kind(facts, join.kind)) continue;
        diagnostics.error(Code::needs_kernel, join.why,
                          fmt::format("this kernel has no {} namespaces to join", spelling(join.kind)));
    }
}

/// Of a pod are the user namespace and, where all share one network, that of the network.
void join_pod(const Profile& profile, const Context& context, Clone& clone) {
    const auto& mode = profile.network.mode;
    if (*mode != NetworkMode::pod || !lists(profile, Namespace::user) || !lists(profile, Namespace::net)) return;
    if (enters(clone, Namespace::user) || enters(clone, Namespace::net)) return;
    const std::string pod = pod_name(profile, context);
    const bool shares = *profile.network.pod.share == PodShare::net;
    // Whatever else is joined, the user namespace gives the privilege for it.
    if (shares) clone.joins.insert(clone.joins.begin(), {.kind = Namespace::net, .why = mode.at, .pod = pod});
    clone.joins.insert(clone.joins.begin(), {.kind = Namespace::user, .why = mode.at, .pod = pod});
}

/// Without a user namespace every other one takes CAP_SYS_ADMIN.
void check_privilege(const Profile& profile, const HostFacts& facts, const Clone& clone, Diagnostics& diagnostics) {
    if (facts.context.caller.has_sys_admin || makes(clone, Namespace::user) || enters(clone, Namespace::user)) return;
    if (!clone.namespaces.empty()) {
        const Namespace kind = clone.namespaces.front();
        const Span at = profile.namespaces_at ? profile.namespaces_at : place_of(profile, kind);
        diagnostics.error(Code::needs_privilege, at,
                          fmt::format("a {} namespace needs a user namespace, or root", spelling(kind)),
                          "add \"user\" to namespaces");
    } else if (!clone.joins.empty()) {
        const auto& join = clone.joins.front();
        diagnostics.error(
            Code::needs_privilege, join.why,
            fmt::format("joining a {} namespace needs the user namespace that owns it, or root", spelling(join.kind)),
            "write join.user as well");
    }
}

}  // namespace

bool lists(const Profile& profile, Namespace kind) {
    return listed(profile, kind) != nullptr;
}

bool makes(const Clone& clone, Namespace kind) {
    return std::ranges::find(clone.namespaces, kind) != clone.namespaces.end();
}

bool enters(const Clone& clone, Namespace kind) {
    return std::ranges::find(clone.joins, kind, &JoinNamespace::kind) != clone.joins.end();
}

bool in_pod(const Clone& clone, Namespace kind) {
    return std::ranges::any_of(clone.joins, [&](const auto& join) { return join.kind == kind && !join.pod.empty(); });
}

std::vector<JoinNamespace> joins(const Profile& profile) {
    const Join& wish = profile.join;
    const std::pair<Namespace, const Located<std::string>*> all[] = {
        {Namespace::user, &wish.user}, {Namespace::pid, &wish.pid}, {Namespace::net, &wish.net},
        {Namespace::ipc, &wish.ipc},   {Namespace::uts, &wish.uts}, {Namespace::cgroup, &wish.cgroup},
        {Namespace::time, &wish.time},
    };
    std::vector<JoinNamespace> written;
    for (const auto& [kind, path] : all) {
        if (!(*path)->empty()) written.push_back({kind, **path, path->at});
    }
    return written;
}

Clone plan_namespaces(const Profile& profile, const HostFacts& facts, Diagnostics& diagnostics) {
    Clone clone;
    clone.why = profile.namespaces_at;
    clone.joins = plan_joins(profile, facts, diagnostics);
    join_pod(profile, facts.context, clone);
    check_joins(clone, facts, diagnostics);
    for (const auto& word : words<Namespace>) {
        const Namespace kind = word.value;
        if (!lists(profile, kind) || enters(clone, kind)) continue;
        if (kind == Namespace::net && *profile.network.mode == NetworkMode::host) continue;
        if (!has_kind(facts, kind)) {
            lack(profile, kind, diagnostics);
            continue;
        }
        clone.namespaces.push_back(kind);
    }
    check_privilege(profile, facts, clone, diagnostics);

    const bool pids = makes(clone, Namespace::pid) || enters(clone, Namespace::pid);
    clone.in_place = !*profile.process.init && !pids;
    return clone;
}

std::vector<Planned<ChildStep>> plan_hostname(const Profile& profile, const Context& context, const Clone& clone,
                                              Diagnostics& diagnostics) {
    std::vector<Planned<ChildStep>> steps;
    if (!makes(clone, Namespace::uts)) return steps;
    constexpr std::size_t longest = 64;  // __NEW_UTS_LEN
    if (!profile.hostname->empty()) {
        steps.push_back({SetHostname{*profile.hostname}, profile.hostname.at});
    } else {
        // The profile's name, reduced to what a host name may hold: hostname(7).
        std::string name = profile.name->empty() ? context.name : *profile.name;
        for (char& letter : name) {
            const bool plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                               (letter >= '0' && letter <= '9') || letter == '.';
            if (!plain) letter = '-';
        }
        name.resize(std::min(name.size(), longest));
        steps.push_back({SetHostname{name.empty() ? "nsrun" : std::move(name)}, profile.name.at});
    }
    if (!profile.domainname->empty()) steps.push_back({SetDomainname{*profile.domainname}, profile.domainname.at});
    for (const auto* name : {&profile.hostname, &profile.domainname}) {
        if ((*name)->size() <= longest) continue;
        diagnostics.error(Code::out_of_range, name->at,
                          fmt::format("this name has {} bytes, the kernel takes {}", (*name)->size(), longest),
                          "shorten it");
    }
    return steps;
}

}  // namespace nsrun
