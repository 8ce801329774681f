#include "child/steps.h"

#include <linux/netlink.h>
#include <linux/wait.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <cerrno>

/// From the clone to the end of the setup.
namespace nsrun::child {
namespace {

[[noreturn]] void leave(int status) noexcept {
    for (;;) call(SYS_exit_group, status);
}

/// Says what failed, and ends.
[[noreturn]] void give_up(int channel, const Outcome& outcome) noexcept {
    (void)tell(channel, {Message::Kind::failed, outcome.call, outcome.step, outcome.error});  // nobody left: just end
    leave(125);
}

/// Ties this process's life to the launcher's. A launcher that died before is seen by its end of the channel, as
/// getppid() says nothing in a new pid namespace.
Outcome tie_to_launcher(const Given& given) noexcept {
    if (!given.plan.supervise.die_with_parent) return done();
    if (const long answer = call(SYS_prctl, PR_SET_PDEATHSIG, 9); answer < 0) return refused(Call::prctl, answer);
    if (alone(given.channel)) leave(125);
    return done();
}

/// Waits until the launcher says `kind`; mounts that it hands over meanwhile are put where their steps find them.
Outcome await(const Given& given, Message::Kind kind) noexcept {
    for (;;) {
        Message message;
        int descriptor = -1;
        const long answer = hear(given.channel, message, descriptor);
        if (answer <= 0) return refused(Call::read_message, answer == 0 ? -EPIPE : answer);
        if (message.kind == kind) return done();
        if (message.kind != Message::Kind::handed || descriptor < 0) return {Call::read_message, EPROTO};
        given.opened[static_cast<std::size_t>(message.step)].mount = descriptor;
    }
}

/// Opens a netlink socket of the new network namespace and passes it out: the launcher configures the links.
Outcome pass_netlink(const Given& given, int protocol) noexcept {
    const Held socket{call(SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)};
    if (socket.get() < 0) return refused(Call::socket, socket.get());
    const long answer = tell(given.channel, {Message::Kind::netlink, Call::none, at_entry, 0}, socket.get());
    return answer < 0 ? refused(Call::send_message, answer) : done();
}

/// Meets the launcher: hands netlink sockets out, waits for the id maps.
Outcome meet_launcher(const Given& given) noexcept {
    if (given.opens_netlink) {
        if (const Outcome outcome = pass_netlink(given, NETLINK_ROUTE); outcome.failed()) return outcome;
    }
    if (given.awaits_map) {
        if (const Outcome outcome = await(given, Message::Kind::mapped); outcome.failed()) return outcome;
    }
    // Not before: some kernels have none, and of a child that has ended no ids can be mapped, which would be what is told.
    if (given.opens_tables) {
        if (const Outcome outcome = pass_netlink(given, NETLINK_NETFILTER); outcome.failed()) return outcome;
    }
    // Not before: the id maps of a process that cannot be dumped are not writable by an ordinary user.
    const long answer = call(SYS_prctl, PR_SET_DUMPABLE, 0);
    return answer < 0 ? refused(Call::prctl, answer) : done();
}

/// Runs the plan's steps in order.
Outcome set_up(const Given& given) noexcept {
    Setup setup{given};
    setup.uid = static_cast<std::uint32_t>(call(SYS_geteuid));
    setup.gid = static_cast<std::uint32_t>(call(SYS_getegid));
    setup.root = static_cast<int>(openat2(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0));
    if (setup.root < 0) return refused(Call::open_target, setup.root);
    call(SYS_umask, 0);
    // A source each needs a descriptor; the command gets the caller's limit back.
    const rlimit64 most{given.descriptor_limit.rlim_max, given.descriptor_limit.rlim_max};
    const bool raises = given.opened.size() + 64 > given.descriptor_limit.rlim_cur;
    if (raises) call(SYS_prlimit64, 0, RLIMIT_NOFILE, &most, nullptr);
    if (const Outcome outcome = open_sources(setup); outcome.failed()) return outcome;

    for (setup.step = 0; setup.step < given.plan.setup.size(); ++setup.step) {
        Outcome outcome =
            std::visit([&](const auto& step) noexcept { return run(setup, step); }, given.plan.setup[setup.step].step);
        if (!outcome.failed()) continue;
        if (outcome.step == at_entry) outcome.step = static_cast<std::int32_t>(setup.step);
        return outcome;
    }
    if (!setup.umask_set) call(SYS_umask, given.umask);
    if (raises) {
        const long answer = call(SYS_prlimit64, 0, RLIMIT_NOFILE, &given.descriptor_limit, nullptr);
        if (answer < 0) return refused(Call::setrlimit, answer);
    }
    return done();
}

/// Everything from the first instruction to the last before exec.
Outcome become_sandbox(const Given& given) noexcept {
    if (const Outcome outcome = meet_launcher(given); outcome.failed()) return outcome;
    if (const Outcome outcome = set_up(given); outcome.failed()) return outcome;
    if (given.awaits_attach) {
        if (const Outcome outcome = await(given, Message::Kind::attached); outcome.failed()) return outcome;
    }
    // A change of ids resets both of these: prctl(2).
    const long answer = call(SYS_prctl, PR_SET_DUMPABLE, 0);
    return answer < 0 ? refused(Call::prctl, answer) : done();
}

}  // namespace

void live(const Given& given) noexcept {
    call(SYS_close, given.launcher_end);
    Outcome outcome = tie_to_launcher(given);
    if (!outcome.failed()) outcome = become_sandbox(given);
    if (!outcome.failed()) outcome = tie_to_launcher(given);
    if (!outcome.failed()) outcome = given.plan.exec.init ? reap(given) : execute(given);
    give_up(given.channel, outcome);
}

void go_between(const Given& given) noexcept {
    call(SYS_close, given.launcher_end);
    const auto bear = [&](const Message& message) noexcept {
        call(SYS_write, given.birth, &message, sizeof message);
    };
    Outcome outcome = tie_to_launcher(given);
    for (std::size_t index = 0; index < given.joins.size() && !outcome.failed(); ++index) {
        const long answer = call(SYS_setns, given.joins[index], 0);
        if (answer < 0) outcome = {Call::setns, static_cast<int>(-answer), static_cast<std::int32_t>(index)};
    }
    if (outcome.failed()) {
        bear({Message::Kind::failed, outcome.call, outcome.step, outcome.error});
        leave(0);
    }
    // CLONE_PARENT: the launcher itself is the parent, so that it can wait, and this process can go.
    clone_args arguments{};
    arguments.flags = given.clone_flags | CLONE_PARENT;
    const long pid = call(SYS_clone3, &arguments, sizeof arguments);
    if (pid == 0) live(given);
    const auto kind = pid < 0 ? Message::Kind::failed : Message::Kind::born;
    bear({kind, Call::clone3, at_entry, static_cast<std::int32_t>(pid < 0 ? -pid : pid)});
    leave(0);
}

Outcome enter_in_place(const Given& given) noexcept {
    for (std::size_t index = 0; index < given.joins.size(); ++index) {
        const long answer = call(SYS_setns, given.joins[index], 0);
        if (answer < 0) return {Call::setns, static_cast<int>(-answer), static_cast<std::int32_t>(index)};
    }
    if (given.clone_flags == 0) return done();
    const long answer = call(SYS_unshare, given.clone_flags);
    return answer < 0 ? refused(Call::unshare, answer) : done();
}

Outcome live_in_place(const Given& given) noexcept {
    if (const Outcome outcome = become_sandbox(given); outcome.failed()) return outcome;
    // Nothing of nsrun remains, not even a child to wait for.
    if (given.attacher > 0) call(SYS_wait4, given.attacher, nullptr, __WALL, nullptr);
    return execute(given);
}

Outcome run(Setup&, const NewSession&) noexcept {
    const long answer = call(SYS_setsid);
    // Who leads a session already, a service run in place, has what the plan asks for.
    if (answer == -EPERM && call(SYS_getsid, 0) == call(SYS_getpid)) return done();
    return answer < 0 ? refused(Call::setsid, answer) : done();
}

Outcome run(Setup& setup, const BecomeBuilder& step) noexcept {
    if (setup.gid != step.gid) {
        const long answer = call(SYS_setresgid, step.gid, step.gid, step.gid);
        if (answer < 0) return refused(Call::setresgid, answer);
    }
    if (setup.uid != step.uid) {
        const long answer = call(SYS_setresuid, step.uid, step.uid, step.uid);
        if (answer < 0) return refused(Call::setresuid, answer);
    }
    setup.uid = step.uid;
    setup.gid = step.gid;
    return done();
}

}  // namespace nsrun::child
