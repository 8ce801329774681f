#include <nsrun/nsrun.h>

#include "plan/environment.h"
#include "plan/ids.h"
#include "plan/landlock.h"
#include "plan/mounts.h"
#include "plan/namespaces.h"
#include "plan/network.h"
#include "plan/order.h"
#include "plan/pod.h"
#include "plan/process.h"
#include "plan/publish.h"
#include "plan/registry.h"
#include "plan/restrict.h"
#include "plan/uplink.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <utility>

namespace nsrun {
namespace {

/// Reads "6.7"; more parts, as in "6.7.2", are ignored.
std::optional<Version> version(std::string_view text) {
    Version read;
    const char* const end = text.data() + text.size();
    const auto major = std::from_chars(text.data(), end, read.major);
    if (major.ec != std::errc{}) return std::nullopt;
    if (major.ptr == end) return read;
    if (*major.ptr != '.') return std::nullopt;
    const auto minor = std::from_chars(major.ptr + 1, end, read.minor);
    if (minor.ec != std::errc{} || (minor.ptr != end && *minor.ptr != '.')) return std::nullopt;
    return read;
}

void check_version(const Located<std::string>& wish, const Version& present, std::string_view what,
                   Diagnostics& diagnostics) {
    if (wish->empty()) return;
    const auto least = version(*wish);
    if (!least) {
        diagnostics.error(Code::wrong_type, wish.at, fmt::format("'{}' is not a version", printable(*wish)),
                          "write a version such as \"6.7\"");
    } else if (present < *least) {
        diagnostics.error(Code::needs_version, wish.at,
                          fmt::format("this profile requires {} {}, this is {}.{}", what, printable(*wish),
                                      present.major, present.minor),
                          fmt::format("install a newer {}", what));
    }
}

template <class T>
void append(std::vector<T>& list, std::vector<T> more) {
    list.insert(list.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

bool makes_root_read_only(const std::vector<Planned<ChildStep>>& steps) {
    return std::ranges::any_of(steps, [](const auto& planned) {
        const auto* step = std::get_if<SetReadOnly>(&planned.step);
        return step && step->target == "/";
    });
}

bool has_own_session(const std::vector<Planned<ChildStep>>& steps) {
    return std::ranges::any_of(steps,
                               [](const auto& planned) { return std::holds_alternative<NewSession>(planned.step); });
}

Located<std::string>& wish(Join& join, Namespace kind) {
    switch (kind) {
        case Namespace::user:
            return join.user;
        case Namespace::pid:
            return join.pid;
        case Namespace::ipc:
            return join.ipc;
        case Namespace::uts:
            return join.uts;
        case Namespace::cgroup:
            return join.cgroup;
        case Namespace::time:
            return join.time;
        case Namespace::mount:  // not joined
        case Namespace::net:
            break;
    }
    return join.net;
}

/// The profile as its namespaces came out, when not all of them did: what reads the list must not see one that is shared
/// or left out, and every join is a path. A profile is large: it is not copied without need.
std::optional<Profile> narrowed(const Profile& profile, const Clone& clone) {
    const auto is_lost = [&](const auto& entry) { return !makes(clone, *entry) && !in_pod(clone, *entry); };
    const bool named = std::ranges::any_of(clone.joins, [](const auto& join) { return !join.sandbox.empty(); });
    if (!named && std::ranges::none_of(profile.namespaces, is_lost)) return std::nullopt;
    Profile narrow = profile;
    for (const auto& join : clone.joins) {
        if (join.pod.empty()) wish(narrow.join, join.kind) = {join.path, join.why};
    }
    std::erase_if(narrow.namespaces, is_lost);
    return narrow;
}

/// The profile with loopback only, when it asks for more than the host has and can do without.
std::optional<Profile> without_uplink(const Profile& profile, const HostFacts& facts, Diagnostics& diagnostics) {
    if (!loses_uplink(profile, facts, diagnostics)) return std::nullopt;
    Profile offline = profile;
    if (*profile.network.mode == NetworkMode::user) offline.network.mode.value = NetworkMode::loopback;
    offline.network.pod.uplink.value = PodUplink::none;
    return offline;
}

}  // namespace

Wanted wanted(const Profile& profile, const Command& command, const Context& context) {
    Wanted want;
    want_ids(profile, context, want);
    want_landlock(profile, want);
    want_registry(profile, want);
    want_network(profile, want);
    want_pod(profile, context, want);
    want_mounts(profile, command, context, want);
    want_environment(profile, context, want);
    want_process(profile, command, context, want);
    for (auto* list : {&want.globs, &want.texts, &want.users, &want.groups}) {
        std::ranges::sort(*list);
        const auto doubles = std::ranges::unique(*list);
        list->erase(doubles.begin(), doubles.end());
    }
    return want;
}

Plan resolve(const Profile& written, const HostFacts& facts, const Command& command, Diagnostics& diagnostics) {
    check_version(written.needs.kernel, facts.context.kernel, "kernel", diagnostics);
    check_version(written.needs.nsrun, version(NSRUN_VERSION).value_or(Version{}), "nsrun", diagnostics);

    Plan plan;
    const auto offline = without_uplink(written, facts, diagnostics);
    const Profile& wished = offline ? *offline : written;
    plan.clone = plan_namespaces(wished, facts, diagnostics);
    const auto narrow = narrowed(wished, plan.clone);
    const Profile& profile = narrow ? *narrow : wished;
    auto network = plan_network(wished, facts, plan.clone, diagnostics);
    append(plan.prepare, std::move(network.prepare));
    append(plan.attach, std::move(network.attach));
    auto ports = plan_publish(wished, plan.clone, diagnostics);
    append(plan.prepare, std::move(ports.prepare));
    append(plan.attach, std::move(ports.attach));
    append(plan.setup, plan_hostname(profile, facts.context, plan.clone, diagnostics));

    auto ids = plan_ids(profile, facts, plan.clone, diagnostics);
    auto pod = plan_pod(wished, facts, plan.clone, ids.attach, diagnostics);
    append(plan.prepare, std::move(pod.prepare));
    append(plan.attach, std::move(pod.attach));
    append(plan.attach, std::move(ids.attach));
    append(plan.setup, std::move(ids.steps));
    append(plan.setup, plan_sysctls(wished, facts, plan.clone, ids.identity));

    auto mounts = plan_mounts(profile, facts, ids.identity, command, diagnostics);
    Surroundings around{.read_only_root = makes_root_read_only(mounts.steps)};
    append(plan.prepare, std::move(mounts.prepare));
    append(plan.attach, std::move(mounts.attach));
    append(plan.prepare, plan_registration(profile, facts, plan.clone, plan.prepare));
    // The few steps so far go to the many, which have room for what follows, too.
    append(mounts.steps, std::move(plan.setup));
    plan.setup = std::move(mounts.steps);
    const View view(plan.setup);

    auto environment = plan_environment(profile, facts, ids.identity, view, diagnostics);
    auto process = plan_process(profile, facts, ids.identity, plan.clone, view, std::move(environment), command,
                                diagnostics);
    around.own_session = has_own_session(process.steps);
    append(plan.setup, std::move(process.steps));
    plan.exec = std::move(process.exec);
    plan.supervise = std::move(process.supervise);

    append(plan.setup, plan_landlock(written, facts, diagnostics));
    append(plan.setup, plan_restrictions(profile, facts, ids.identity, plan.clone, around, diagnostics));
    if (diagnostics.has_errors()) return {};
    put_in_order(plan.prepare);
    put_in_order(plan.attach);
    put_in_order(plan.setup);
    return plan;
}

}  // namespace nsrun
