#include "parent/parent.h"

#include "child/calls.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace nsrun::parent {
namespace {

/// The descriptors that a helper begins with, in their order.
struct Standard {
    int user, net, errors;
};

/// Two ways lead to the end of the helper when nsrun ends, however that comes. The first is gone where a security module
/// confines the helper, or where it changes its user; the second then stays: the kernel signals the owner of a socket
/// whose other end closes.
bool tie_to(pid_t nsrun) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != nsrun) return false;
    if (fcntl(STDERR_FILENO, F_SETSIG, SIGKILL) != 0 || fcntl(STDERR_FILENO, F_SETOWN, getpid()) != 0) return false;
    // Not blocking: a helper that has much to say goes on when nobody listens.
    if (fcntl(STDERR_FILENO, F_SETFL, O_RDWR | O_ASYNC | O_NONBLOCK) != 0) return false;
    pollfd end{STDERR_FILENO, 0, 0};
    return poll(&end, 1, 0) == 0;  // an end that closed before was not signalled
}

/// Executes the helper with nothing of nsrun's: no descriptor, no signal that is ignored or blocked, no terminal.
[[noreturn]] void become(const StartUplink& step, char* const* argv, const Standard& standard, pid_t nsrun) {
    (void)setsid();  // a signal from the terminal is for the command
    for (int signal = 1; signal < NSIG; ++signal) std::signal(signal, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    const bool ready = dup2(standard.user, 0) == 0 && dup2(standard.net, 1) == 1 && dup2(standard.errors, 2) == 2 &&
                       close_range(3, ~0U, 0) == 0 && chdir("/") == 0 && tie_to(nsrun);
    if (ready) {
        char locale[] = "LC_ALL=C";
        char search[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
        char* const environment[] = {locale, search, nullptr};
        execve(step.helper.c_str(), argv, environment);
        const char* const words = strerrordesc_np(errno);
        if (words) (void)write(2, words, std::strlen(words));  // the parent says the rest
    }
    _exit(127);
}

/// What a helper has said so far, its last line.
std::string last_words(const Fd& errors) {
    std::string text;
    std::array<char, 1024> piece;
    for (ssize_t length; (length = recv(errors.get(), piece.data(), piece.size(), MSG_DONTWAIT)) > 0;) {
        text.append(piece.data(), static_cast<std::size_t>(length));
        if (text.size() > 16 * piece.size()) break;
    }
    while (text.ends_with('\n')) text.pop_back();
    return text.substr(text.rfind('\n') + 1);
}

}  // namespace

Result<Helper> start_uplink(int proc, const StartUplink& step) {
    const Fd user(openat(proc, "ns/user", O_RDONLY | O_CLOEXEC)), net(openat(proc, "ns/net", O_RDONLY | O_CLOEXEC));
    if (!user || !net) return fail(errno, "open the sandbox's namespaces");
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return fail(errno, "make a pair of sockets");
    Fd ours(ends[0]);
    const Fd theirs(ends[1]);
    std::vector<char*> argv;
    for (const auto& word : step.argv) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);

    const pid_t nsrun = getpid();
    int pidfd = -1;
    clone_args arguments{};
    arguments.flags = CLONE_PIDFD;
    arguments.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
    arguments.exit_signal = SIGCHLD;
    const long pid = child::call(SYS_clone3, &arguments, sizeof arguments);
    if (pid == 0) become(step, argv.data(), {user.get(), net.get(), theirs.get()}, nsrun);
    if (pid < 0) return fail(static_cast<int>(-pid), "start {}", step.helper);
    return Helper{step.helper, Process(static_cast<pid_t>(pid), Fd(pidfd)), std::move(ours)};
}

Error why_useless(Helper& helper, Error error) {
    if (error.code != ECHILD) return error;
    const std::string words = last_words(helper.errors);
    return fail(0, "{} ended at its start: {}", helper.program, words.empty() ? "it does not say why" : words).error();
}

std::vector<std::string> lost(std::vector<Helper>& helpers) {
    std::vector<std::string> notes;
    for (Helper& helper : helpers) {
        siginfo_t end{};
        const int answer = waitid(P_PIDFD, static_cast<id_t>(helper.process.pidfd()), &end, WEXITED | WNOHANG | WNOWAIT);
        if (answer != 0 || end.si_pid == 0) continue;
        const bool exited = end.si_code == CLD_EXITED;
        const std::string words = last_words(helper.errors);
        notes.push_back(fmt::format("{} ended before the command, by {} {}: there was no network from then on{}{}", helper.program,
                                    exited ? "status" : "signal", end.si_status, words.empty() ? "" : ": ", words));
    }
    return notes;
}

}  // namespace nsrun::parent
