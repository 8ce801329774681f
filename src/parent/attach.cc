#include "parent/parent.h"

#include "child/calls.h"
#include "child/steps.h"
#include "base/fd.h"
#include "network/network.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <sys/stat.h>

#include <cerrno>

namespace nsrun::parent {
namespace {

Result<> send(int channel, const Message& message, int descriptor = -1) {
    const long answer = child::tell(channel, message, descriptor);
    if (answer < 0) return fail(static_cast<int>(-answer), "tell the sandbox to go on");
    return {};
}

/// Lets the child go on. One that died meanwhile is noticed where its report is read; one that did not hear waits for
/// ever, and so would we.
Launched go_on(const Plan& plan, int channel, Message::Kind kind) {
    const auto sent = send(channel, {kind, Call::none, at_entry, 0});
    if (sent || sent.error().code == EPIPE) return {};
    return std::unexpected(LaunchFailure{sent.error(), plan.clone.why, {}});
}

/// The bind_mount that takes a mount which is handed over: its index among the steps; their number when there is none.
std::size_t taker(const Plan& plan, const IdmapMount& step) {
    for (std::size_t index = 0; index < plan.setup.size(); ++index) {
        const auto* bind = std::get_if<BindMount>(&plan.setup[index].step);
        if (bind != nullptr && bind->handed && bind->target == step.target) return index;
    }
    return plan.setup.size();
}

/// Clones the mount at the source, maps its owners through the sandbox's user namespace and hands it over.
Result<> idmap_mount(const Plan& plan, int proc, int channel, const IdmapMount& step) {
    const std::size_t index = taker(plan, step);
    if (index == plan.setup.size()) return fail(0, "no bind_mount at {} takes the mount", step.target);
    const Fd ids(openat(proc, "ns/user", O_RDONLY | O_CLOEXEC));
    if (!ids) return fail(errno, "open the sandbox's user namespace");
    // What lies where a sandbox can write is opened through no link: the plan names where it is.
    const bool writable = !std::get<BindMount>(plan.setup[index].step).beneath.empty();
    const long place = child::openat2(AT_FDCWD, step.source.c_str(), O_PATH, writable ? RESOLVE_NO_SYMLINKS : 0);
    if (place < 0) return fail(static_cast<int>(-place), "open {}", step.source);
    const Fd source(static_cast<int>(place));
    const unsigned all = step.recursive ? child::at_recursive : 0;
    const long clone = child::open_tree(source.get(), "", AT_EMPTY_PATH | OPEN_TREE_CLONE | all);
    if (clone < 0) return fail(static_cast<int>(-clone), "clone the mount at {}", step.source);
    const Fd mount(static_cast<int>(clone));
    mount_attr attributes{.attr_set = MOUNT_ATTR_IDMAP, .attr_clr = 0, .propagation = MS_PRIVATE,
                          .userns_fd = static_cast<std::uint64_t>(ids.get())};
    const long answer = child::call(SYS_mount_setattr, mount.get(), "", AT_EMPTY_PATH | all, &attributes, sizeof attributes);
    if (answer < 0) return fail(static_cast<int>(-answer), "map the owners of {}", step.source);
    return send(channel, {Message::Kind::handed, Call::none, static_cast<std::int32_t>(index), 0}, mount.get());
}

/// Receives a netlink socket that the child opened in its network namespace.
std::expected<network::Socket, LaunchFailure> receive_netlink(const Plan& plan, int channel, int protocol) {
    Message message;
    int descriptor = -1;
    const long answer = child::hear(channel, message, descriptor);
    Fd passed(descriptor);
    if (answer > 0 && message.kind == Message::Kind::failed) return std::unexpected(explain(plan, message));
    if (answer <= 0 || message.kind != Message::Kind::netlink || !passed) {
        return std::unexpected(LaunchFailure{Error{0, "the sandbox ended before it was set up", {}}, plan.clone.why, {}});
    }
    auto socket = network::Socket::adopt(std::move(passed), protocol);
    if (!socket) return std::unexpected(LaunchFailure{socket.error(), plan.clone.why, {}});
    return *std::move(socket);
}

/// Receives the socket of nf_tables that a step needs, which is the one for whom the child opens it.
Launched receive_tables(const Plan& plan, int channel, network::Places& places) {
    for (const auto& planned : plan.attach) {
        if (!std::holds_alternative<CloseMulticast>(planned.step)) continue;
        auto tables = receive_netlink(plan, channel, NETLINK_NETFILTER);
        if (!tables) return std::unexpected(explain(planned, network::without_multicast_closed(std::move(tables).error().error)));
        places.open_tables(*std::move(tables));
        return {};
    }
    return {};
}

/// Runs one attach step; those of the network have a pass of their own.
struct Run {
    const Plan& plan;
    int proc;
    pid_t child;
    int channel;
    Doors& doors;
    Kept& kept;

    Result<> operator()(const MakeHostDirectory& step) const { return make_host_directory(step); }
    Result<> operator()(const Register&) const { return {}; }  // of prepare
    Result<> operator()(const JoinPod&) const { return {}; }  // of prepare
    Result<> operator()(const DenySetgroups&) const { return deny_setgroups(proc); }
    Result<> operator()(const MapIds& step) const { return map_ids(proc, child, step); }
    Result<> operator()(const IdmapMount& step) const { return idmap_mount(plan, proc, channel, step); }
    Result<> operator()(const Publish&) const { return {}; }  // before the clone
    Result<> operator()(const StartRelay&) const {
        doors = NSRUN_TRY(open_doors(proc, child));
        return {};
    }
    Result<> operator()(const ShareBridge&) const { return fail(0, "a bridge is made before the sandbox"); }
    Result<> operator()(const StartUplink& step) const {
        kept.helpers.push_back(NSRUN_TRY(start_uplink(proc, step)));
        return {};
    }
    Result<> operator()(const WatchAddresses&) const { return {}; }
    template <network::NetworkStep Step>
    Result<> operator()(const Step&) const {
        return {};
    }
};

/// Waits for what a helper makes; it was started when the sandbox's ids were mapped.
Result<> await_uplink(network::Places& places, const StartUplink& step, Kept& kept) {
    Helper& helper = kept.helpers.back();
    auto seen = network::await_link(places, step.link, helper.process.pidfd());
    if (!seen) return std::unexpected(why_useless(helper, seen.error()));
    return {};
}

/// The network, while the child mounts. `space`: the sandbox's network namespace, -1 where no step names it.
Launched attach_network(const Plan& plan, int channel, Fd space, Kept& kept) {
    auto socket = receive_netlink(plan, channel, NETLINK_ROUTE);
    if (!socket) return std::unexpected(socket.error());
    const auto places = std::make_shared<network::Places>(*std::move(socket), std::move(space));
    if (auto received = receive_tables(plan, channel, *places); !received) return received;
    if (kept.pod) {
        auto shared = network::Socket::adopt(std::move(kept.pod), NETLINK_ROUTE);
        if (!shared) return std::unexpected(LaunchFailure{shared.error(), plan.clone.why, {}});
        places->open(Place::pod, *std::move(shared));
    }
    for (const auto& planned : plan.attach) {
        auto done = std::visit(
            [&]<class Step>(const Step& step) -> Result<> {
                if constexpr (network::NetworkStep<Step>) return run(*places, step);
                if constexpr (std::is_same_v<Step, StartUplink>) return await_uplink(*places, step, kept);
                if constexpr (std::is_same_v<Step, WatchAddresses>) {
                    kept.watch = NSRUN_TRY(network::AddressWatch::start(places, step));
                }
                return {};
            },
            planned.step);
        if (!done) return std::unexpected(explain(planned, done.error()));
    }
    kept.network = std::move(places->lasting);
    kept.inside = places;
    return {};
}

}  // namespace

bool names_space(const ParentStep& step) {
    const auto* link = std::get_if<AddLink>(&step);
    return (link != nullptr && link->place != Place::sandbox) || std::holds_alternative<MoveLink>(step);
}

bool is_network(const ParentStep& step) {
    return std::visit([]<class Step>(const Step&) { return network::NetworkStep<Step>; }, step);
}

Launched attach(const Plan& plan, pid_t child, int channel, bool awaits_map, std::vector<relay::Listener>& ports, Kept& kept) {
    bool maps = false, network = false, named = false;
    const Planned<ParentStep>* relays = nullptr;
    for (const auto& planned : plan.attach) {
        if (std::holds_alternative<StartRelay>(planned.step)) relays = &planned;
        (is_network(planned.step) ? network : maps) = true;
        named = named || names_space(planned.step);
    }
    Fd space;
    Doors doors;
    if (maps || named) {
        const std::string name = fmt::format("/proc/{}", child);
        const Fd proc(open(name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        if (!proc) return std::unexpected(LaunchFailure{fail(errno, "open {}", name).error(), plan.clone.why, {}});
        for (const auto& planned : plan.attach) {
            auto done = std::visit(Run{plan, proc.get(), child, channel, doors, kept}, planned.step);
            if (!done) return std::unexpected(explain(planned, done.error()));
        }
        // While the child waits: later its files below /proc are closed.
        if (named) space = Fd(openat(proc.get(), "ns/net", O_RDONLY | O_CLOEXEC));
        if (named && !space) {
            return std::unexpected(LaunchFailure{fail(errno, "open the sandbox's network namespace").error(), plan.clone.why, {}});
        }
    }
    if (awaits_map) {
        if (auto told = go_on(plan, channel, Message::Kind::mapped); !told) return told;
    }
    // The relay finds its way while the network is made.
    Fd report;
    if (relays != nullptr) {
        auto starting = start_relay(ports, doors, plan.supervise.die_with_parent);
        if (!starting) return std::unexpected(explain(*relays, starting.error()));
        kept.processes.push_back(std::move(starting->process));
        report = std::move(starting->report);
    }
    if (!network && !report) return {};
    if (network) {
        if (auto attached = attach_network(plan, channel, std::move(space), kept); !attached) return attached;
    }
    if (report) {
        if (auto serves = relay::await(report); !serves) return std::unexpected(explain(*relays, serves.error()));
    }
    return go_on(plan, channel, Message::Kind::attached);
}

}  // namespace nsrun::parent
