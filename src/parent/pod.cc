#include "parent/parent.h"

#include <fcntl.h>
#include <linux/netlink.h>

#include <cerrno>

namespace nsrun::parent {
namespace {

Result<Fd> open_process(pid_t pid) {
    const std::string name = fmt::format("/proc/{}", pid);
    Fd proc(open(name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!proc) return fail(errno, "open {}", name);
    return proc;
}

/// Maps the user namespace of a pod, whose process waits for that.
Result<> map_pod(pid_t pid, const JoinPod& step) {
    const Fd proc = NSRUN_TRY(open_process(pid));
    if (step.deny_setgroups) NSRUN_TRY(deny_setgroups(proc.get()));
    NSRUN_TRY(map_ids(proc.get(), pid, {IdKind::uid, step.uids, step.uid_helper}));
    return map_ids(proc.get(), pid, {IdKind::gid, step.gids, step.gid_helper});
}

/// Starts the helper of a pod's way out.
Result<pod::Uplink> start_pod_uplink(pid_t pid, const StartUplink& step) {
    const Fd proc = NSRUN_TRY(open_process(pid));
    Helper helper = NSRUN_TRY(start_uplink(proc.get(), step));
    return pod::Uplink{std::move(helper.process), std::move(helper.errors)};
}

/// Closes multicast to the pod, in whose network this process is.
Result<> close_multicast(network::Places& places, const CloseMulticast& step) {
    auto tables = network::Socket::open(NETLINK_NETFILTER);
    if (!tables) return std::unexpected(network::without_multicast_closed(std::move(tables).error()));
    places.open_tables(*std::move(tables));
    return run(places, step);
}

/// Does in the pod's network what the plan prepares of one.
Result<> furnish(const Plan& plan, network::Places& places, int helper) {
    for (const auto& planned : plan.prepare) {
        NSRUN_TRY(std::visit(
            [&]<class Step>(const Step& step) -> Result<> {
                if constexpr (std::is_same_v<Step, CloseMulticast>) return close_multicast(places, step);
                else if constexpr (network::NetworkStep<Step>) return run(places, step);
                if constexpr (std::is_same_v<Step, StartUplink>) return network::await_link(places, step.link, helper);
                return {};
            },
            planned.step));
    }
    return {};
}

}  // namespace

Result<pod::Seat> join_pod(const Plan& plan, const JoinPod& step) {
    pod::Hands hands{.map = map_pod, .uplink = {}, .last_words = {}, .watch = {}, .furnish = {}, .wait = wait_small};
    hands.furnish = [&plan](network::Places& places, int helper) { return furnish(plan, places, helper); };
    for (const auto& planned : plan.prepare) {
        const auto* start = std::get_if<StartUplink>(&planned.step);
        if (start == nullptr) continue;
        hands.uplink = [start](pid_t pid) { return start_pod_uplink(pid, *start); };
        hands.last_words = [start](pod::Uplink& uplink) {
            Helper helper{start->helper, {}, std::move(uplink.errors)};
            return why_useless(helper, {ECHILD, {}, {}}).what;
        };
    }
    for (const auto& planned : plan.prepare) {
        const auto* watch = std::get_if<WatchAddresses>(&planned.step);
        if (watch == nullptr) continue;
        hands.watch = [watch](std::shared_ptr<network::Places> places) { return network::AddressWatch::start(std::move(places), *watch); };
    }
    return pod::join(step, hands);
}

}  // namespace nsrun::parent
