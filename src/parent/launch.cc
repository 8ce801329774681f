#include "parent/parent.h"

#include <sys/prctl.h>

namespace nsrun {
namespace {

/// What is done before there is a sandbox. `ports`: those that are published, in their order. What goes when the sandbox
/// goes is left to `kept`.
parent::Launched prepare(parent::Ready& ready, std::vector<relay::Listener>& ports, parent::Kept& kept) {
    for (const auto& planned : ready.given.plan.prepare) {
        Result<> done;
        if (const auto* directory = std::get_if<MakeHostDirectory>(&planned.step)) {
            done = parent::make_host_directory(*directory);
        } else if (const auto* entry = std::get_if<Register>(&planned.step)) {
            if (auto entered = parent::register_sandbox(planned, *entry, kept); !entered) return entered;
        } else if (const auto* port = std::get_if<Publish>(&planned.step)) {
            auto opened = parent::publish(*port);
            if (opened) ports.push_back(*std::move(opened));
            else done = std::unexpected(opened.error());
        } else if (const auto* bridge = std::get_if<ShareBridge>(&planned.step)) {
            auto shared = network::SharedBridge::share(*bridge, parent::sleep_without_heap);
            if (shared) kept.bridges.push_back(*std::move(shared));
            else done = std::unexpected(shared.error());
        } else if (const auto* pod = std::get_if<JoinPod>(&planned.step)) {
            auto seat = parent::join_pod(ready.given.plan, *pod);
            if (seat) ready.pod = *std::move(seat);
            else done = std::unexpected(seat.error());
        }
        if (!done) return std::unexpected(parent::explain(planned, done.error()));
    }
    return parent::open_joins(ready);
}

/// Clones, attaches, waits. Whatever fails, the sandbox is gone when this returns.
std::expected<Exit, LaunchFailure> launch_child(parent::Ready& ready, std::vector<relay::Listener>& ports, parent::Kept& kept,
                                                const LaunchEvents& events) {
    const Plan& plan = ready.given.plan;
    auto signals = parent::listen(plan);
    if (!signals) return std::unexpected(signals.error());
    auto sandbox = parent::make_sandbox(ready);
    if (!sandbox) return std::unexpected(sandbox.error());
    prctl(PR_SET_DUMPABLE, 0);
    const Table started = events.status_fd >= 0 ? parent::started_event(sandbox->pid()) : Table{};
    if (auto told = parent::tell_registry(plan, sandbox->pid(), true, kept); !told) return std::unexpected(told.error());
    kept.pod = std::move(ready.pod.netlink);
    if (auto attached = parent::attach(plan, sandbox->pid(), sandbox->channel(), ready.given.awaits_map, ports, kept); !attached) {
        return std::unexpected(attached.error());
    }
    if (!events.traffic) kept.inside.reset();
    // While the sandbox sets itself up: it is not waited for.
    if (auto told = parent::tell_registry(plan, sandbox->pid(), false, kept); !told) return std::unexpected(told.error());
    auto exit = parent::supervise(plan, *std::move(sandbox), *std::move(signals), events, started, kept);
    if (exit) exit->notes = parent::lost(kept.helpers);
    return exit;
}

}  // namespace

std::expected<Exit, LaunchFailure> launch(const Plan& plan, const LaunchEvents& events) {
    if (auto checked = parent::check(plan); !checked) return std::unexpected(checked.error());
    parent::Ready ready(plan);
    if (auto made = parent::make_ready(ready); !made) return std::unexpected(made.error());
    parent::Kept kept;  // before the sandbox: what it uses outlives it
    std::vector<relay::Listener> ports;
    if (auto prepared = prepare(ready, ports, kept); !prepared) {
        parent::restore_signals(ready);
        return std::unexpected(prepared.error());
    }
    // The namespaces of a child can be told only while it waits: a command may be gone at once.
    if ((events.status_fd >= 0 || parent::tells_numbers(plan)) && !plan.clone.in_place) ready.given.awaits_map = true;
    // The child inherits it: the id maps of a process that cannot be dumped are closed to an ordinary user.
    prctl(PR_SET_DUMPABLE, 1);
    std::expected<Exit, LaunchFailure> outcome =
        plan.clone.in_place ? std::unexpected(parent::launch_in_place(ready)) : launch_child(ready, ports, kept, events);
    parent::restore_signals(ready);
    return outcome;
}

}  // namespace nsrun
