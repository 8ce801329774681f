#include "parent/parent.h"

#include "child/steps.h"

#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>

namespace nsrun::parent {
namespace {

using Clock = std::chrono::steady_clock;

/// Signals that the terminal sends to the command itself when it shares the session.
bool from_shared_terminal(const signalfd_siginfo& signal, bool shares_session) {
    return shares_session && signal.ssi_code == SI_KERNEL;
}

sigset_t heard_signals(const Supervision& rules) {
    sigset_t heard;
    sigemptyset(&heard);
    for (const int signal : rules.forward) sigaddset(&heard, signal);
    for (const int signal : {SIGCHLD, SIGCONT, SIGTSTP}) sigaddset(&heard, signal);
    for (const int signal : {SIGKILL, SIGSTOP}) sigdelset(&heard, signal);
    return heard;
}

/// A running command, and what has become of it.
class Supervisor {
  public:
    Supervisor(const Supervision& rules, bool init, bool shares_session, Sandbox sandbox, Fd signals)
        : rules_(rules), init_(init), shares_session_(shares_session), sandbox_(std::move(sandbox)), signals_(std::move(signals)) {}

    std::optional<LaunchFailure> await_start(const Plan& plan);
    void begin();
    Exit wait(Kept& kept);
    int command() const { return command_ ? command_.get() : sandbox_.process(); }

  private:
    void signal_command(int signal) { syscall(SYS_pidfd_send_signal, command(), signal, nullptr, 0); }
    void kill_sandbox() { syscall(SYS_pidfd_send_signal, sandbox_.process(), SIGKILL, nullptr, 0); }
    void hear_signals();
    void hear_child();
    void follow_stop(int signal);
    void keep_time();
    int patience() const;

    Supervision rules_;  ///< a copy: the plan's memory may be gone while we wait
    bool init_;
    bool shares_session_;
    Sandbox sandbox_;
    Fd command_;  ///< a pidfd of the command when an init stands between
    Fd signals_;
    std::optional<int> status_;
    std::optional<Clock::time_point> deadline_;
    bool timed_out_ = false;
    bool channel_open_ = true;
    bool watches_ = false;  ///< the host's addresses
};

std::optional<LaunchFailure> Supervisor::await_start(const Plan& plan) {
    for (;;) {
        Message message;
        int descriptor = -1;
        const long answer = child::hear(sandbox_.channel(), message, descriptor);
        Fd received(descriptor);
        if (answer == -EINTR) continue;
        if (answer > 0 && message.kind == Message::Kind::failed) return explain(plan, message);
        if (answer > 0 && message.kind == Message::Kind::running) {
            command_ = std::move(received);
            return std::nullopt;
        }
        if (answer > 0) continue;
        channel_open_ = false;
        if (!init_) return std::nullopt;  // the exec closed it
        const int status = sandbox_.reap();
        const auto signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        return LaunchFailure{fail(0, "the sandbox ended before the command began (signal {})", signal).error(), plan.clone.why, {}};
    }
}

void Supervisor::begin() {
    // What is not forwarded has its usual effect on nsrun, and so on the sandbox.
    const sigset_t heard = heard_signals(rules_);
    sigprocmask(SIG_SETMASK, &heard, nullptr);
    if (rules_.time_limit.length.count() > 0) deadline_ = Clock::now() + rules_.time_limit.length;
}

/// Stops like the command did, so that the shell that waits for nsrun sees it; SIGCONT lets both go on. What nsrun has to
/// do while the rest of the sandbox runs on, a command cannot keep it from: that command goes on at once.
void Supervisor::follow_stop(int signal) {
    if (!shares_session_) return;
    if (deadline_ || watches_) return signal_command(SIGCONT);
    sigset_t only, before;
    sigemptyset(&only);
    sigaddset(&only, signal);
    sigprocmask(SIG_UNBLOCK, &only, &before);
    kill(getpid(), signal);
    sigprocmask(SIG_SETMASK, &before, nullptr);
    signal_command(SIGCONT);
}

void Supervisor::hear_signals() {
    signalfd_siginfo signal;
    while (read(signals_.get(), &signal, sizeof signal) == sizeof signal) {
        const int number = static_cast<int>(signal.ssi_signo);
        if (number == SIGCHLD) {
            siginfo_t child{};
            if (!init_ && waitid(P_PIDFD, static_cast<id_t>(sandbox_.process()), &child, WSTOPPED | WNOHANG) == 0 && child.si_pid != 0) {
                follow_stop(child.si_status);
            }
            continue;
        }
        if (!from_shared_terminal(signal, shares_session_)) signal_command(number);
    }
}

void Supervisor::hear_child() {
    Message message;
    int descriptor = -1;
    const long answer = child::hear(sandbox_.channel(), message, descriptor);
    const Fd unexpected(descriptor);
    if (answer == 0) channel_open_ = false;
    if (answer <= 0) return;
    if (message.kind == Message::Kind::exited) status_ = message.value;
    if (message.kind == Message::Kind::stopped) follow_stop(message.value);
}

void Supervisor::keep_time() {
    if (!deadline_ || Clock::now() < *deadline_) return;
    if (timed_out_ || rules_.stop_timeout.length.count() == 0) {
        kill_sandbox();
        deadline_.reset();
    } else {
        signal_command(rules_.stop_signal);
        signal_command(SIGCONT);
        deadline_ = Clock::now() + rules_.stop_timeout.length;
    }
    timed_out_ = true;
}

/// Milliseconds until the time limit asks for something; -1: never.
int Supervisor::patience() const {
    if (!deadline_) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline_ - Clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 1 << 30));
}

/// Closes the addresses that the host was given. Where one stays open, the way to it is cut: that of all.
void hear_addresses(Kept& kept) {
    if (kept.watch->hear()) return;
    for (const Helper& helper : kept.helpers) syscall(SYS_pidfd_send_signal, helper.process.pidfd(), SIGKILL, nullptr, 0);
    kept.watch.reset();
}

Exit Supervisor::wait(Kept& kept) {
    watches_ = kept.watch.has_value();
    for (bool over = false; !over;) {
        pollfd watched[4] = {{signals_.get(), POLLIN, 0},
                             {sandbox_.process(), POLLIN, 0},
                             {channel_open_ ? sandbox_.channel() : -1, POLLIN, 0},
                             {kept.watch ? kept.watch->descriptor() : -1, POLLIN, 0}};
        const long count = wait_small(watched, patience());
        keep_time();
        if (count <= 0) continue;
        if (watched[0].revents != 0) hear_signals();
        if (watched[3].revents != 0) hear_addresses(kept);
        // Before the end is believed: the last message may say how the command ended.
        if (watched[2].revents != 0) hear_child();
        over = watched[1].revents != 0 && watched[2].revents == 0;
    }
    const int last = sandbox_.reap();
    const int status = status_.value_or(last);
    Exit exit;
    exit.signalled = WIFSIGNALED(status);
    exit.timed_out = timed_out_;
    exit.status = exit.signalled ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    if (timed_out_) exit.status = 124;
    return exit;
}

}  // namespace

std::expected<Fd, LaunchFailure> listen(const Plan& plan) {
    const sigset_t heard = heard_signals(plan.supervise);
    Fd signals(signalfd(-1, &heard, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signals) return std::unexpected(LaunchFailure{fail(errno, "listen to signals").error(), plan.exec.why, {}});
    return signals;
}

std::expected<Exit, LaunchFailure> supervise(const Plan& plan, Sandbox sandbox, Fd signals, const LaunchEvents& events,
                                             const Table& started, Kept& kept) {
    bool shares_session = true;
    for (const auto& planned : plan.setup) {
        if (std::holds_alternative<NewSession>(planned.step)) shares_session = false;
    }
    Supervisor supervisor(plan.supervise, plan.exec.init, shares_session, std::move(sandbox), std::move(signals));
    if (auto failure = supervisor.await_start(plan)) return std::unexpected(*std::move(failure));
    supervisor.begin();
    tell_started(events.status_fd, started);
    Exit exit = supervisor.wait(kept);
    if (kept.inside) exit.network = network::traffic(*kept.inside);
    tell_exited(events.status_fd, exit);
    return exit;
}

}  // namespace nsrun::parent
