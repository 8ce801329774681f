#include "parent/parent.h"

#include "child/calls.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>

namespace nsrun::parent {
namespace {

/// Hears from the process that joins namespaces.
std::expected<pid_t, LaunchFailure> born(const Plan& plan, int birth) {
    Message message;
    const auto length = read(birth, &message, sizeof message);
    if (length == sizeof message && message.kind == Message::Kind::born) return message.value;
    if (length != sizeof message) {
        return std::unexpected(LaunchFailure{Error{0, "the process that joins namespaces ended early", {}}, plan.clone.why, {}});
    }
    if (message.call != Call::setns) return std::unexpected(explain_clone(plan, message.call, message.value));
    return std::unexpected(explain_join(plan, static_cast<std::size_t>(message.step), message.value));
}

}  // namespace

Sandbox::Sandbox(Sandbox&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)), process_(std::move(other.process_)), channel_(std::move(other.channel_)) {}

Sandbox::~Sandbox() {
    if (pid_ == 0) return;
    syscall(SYS_pidfd_send_signal, process_.get(), SIGKILL, nullptr, 0);
    (void)reap();  // it was killed: its status says nothing
}

int Sandbox::reap() {
    int status = 0;
    while (waitpid(pid_, &status, __WALL) < 0 && errno == EINTR) {
    }
    pid_ = 0;
    return status;
}

std::expected<Sandbox, LaunchFailure> make_sandbox(Ready& ready) {
    const Plan& plan = ready.given.plan;
    const bool joins = !ready.join_numbers.empty();
    Fd birth, bearer;
    if (int ends[2]; joins) {
        if (pipe2(ends, O_CLOEXEC) != 0) return std::unexpected(explain_clone(plan, Call::read_message, errno));
        birth = Fd(ends[0]);
        bearer = Fd(ends[1]);
        ready.given.birth = bearer.get();
    }
    int pidfd = -1;
    clone_args arguments{};
    arguments.flags = CLONE_PIDFD | (joins ? 0 : ready.given.clone_flags);
    arguments.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
    arguments.exit_signal = SIGCHLD;
    const long pid = child::call(SYS_clone3, &arguments, sizeof arguments);
    if (pid == 0) joins ? child::go_between(ready.given) : child::live(ready.given);
    if (pid < 0) return std::unexpected(explain_clone(plan, Call::clone3, static_cast<int>(-pid)));
    ready.child_end.reset();
    if (!joins) return Sandbox(static_cast<pid_t>(pid), Fd(pidfd), std::move(ready.launcher_end));

    Sandbox go_between(static_cast<pid_t>(pid), Fd(pidfd), {});
    bearer.reset();
    const auto first = born(plan, birth.get());
    (void)go_between.reap();  // it has said what there is to say
    if (!first) return std::unexpected(first.error());
    Fd process(static_cast<int>(syscall(SYS_pidfd_open, *first, 0)));
    const int code = errno;
    Sandbox sandbox(*first, std::move(process), std::move(ready.launcher_end));
    if (sandbox.process() < 0) {
        kill(*first, SIGKILL);
        return std::unexpected(explain_clone(plan, Call::pidfd_open, code));
    }
    return sandbox;
}

}  // namespace nsrun::parent
