#include "host/trial.h"
#include "host/capabilities.h"

#include <base/fd.h>
#include <base/file.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/mount.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace nsrun {
namespace {

constexpr int patience = 10'000;  // milliseconds

[[noreturn]] void run_child(const std::function<Outcome()>& trial, const Fd& report) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const Outcome outcome = trial();
    // A string of the program has the same address in the parent: the pointer may travel.
    (void)::write(report.get(), &outcome, sizeof outcome);
    ::_exit(0);
}

Result<> write_map(const char* path, const std::string& text) {
    const Fd file(::open(path, O_WRONLY | O_CLOEXEC));
    if (!file) return fail(errno, "open {}", path);
    return write_all(file, text, path);
}

}  // namespace

Outcome refused(const char* call) {
    return {errno, 0, call, 0};
}

Outcome attempt(const std::function<Outcome()>& trial) {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return refused("pipe2");
    const Fd input(ends[0]);
    Fd report(ends[1]);
    const pid_t child = ::fork();
    if (child < 0) return refused("fork");
    if (child == 0) run_child(trial, report);
    report.reset();

    Outcome outcome{ETIMEDOUT, 0, "wait", 0};
    pollfd wait{input.get(), POLLIN, 0};
    const bool ended = ::poll(&wait, 1, patience) > 0;
    const bool told = ended && ::read(input.get(), &outcome, sizeof outcome) == ssize_t{sizeof outcome};
    if (!ended) ::kill(child, SIGKILL);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (ended && !told) outcome = {0, WIFSIGNALED(status) ? WTERMSIG(status) : SIGKILL, "", 0};
    return outcome;
}

Outcome enter(int namespaces) {
    const auto uid = ::geteuid();
    const auto gid = ::getegid();
    if (!has_sys_admin()) namespaces |= CLONE_NEWUSER;
    if (::unshare(namespaces) != 0) return refused("unshare");
    if ((namespaces & CLONE_NEWUSER) == 0) return {};
    if (const auto wrote = write_map("/proc/self/setgroups", "deny"); !wrote)
        return {wrote.error().code, 0, "setgroups", 0};
    if (const auto wrote = write_map("/proc/self/uid_map", fmt::format("0 {} 1\n", uid)); !wrote) {
        return {wrote.error().code, 0, "uid_map", 0};
    }
    if (const auto wrote = write_map("/proc/self/gid_map", fmt::format("0 {} 1\n", gid)); !wrote) {
        return {wrote.error().code, 0, "gid_map", 0};
    }
    return {};
}

Outcome make_file_system(const char* type, const char* const* options) {
    const Fd context(static_cast<int>(::syscall(SYS_fsopen, type, FSOPEN_CLOEXEC)));
    if (!context) return refused("fsopen");
    for (; options != nullptr && *options != nullptr; options += 2) {
        if (::syscall(SYS_fsconfig, context.get(), FSCONFIG_SET_STRING, options[0], options[1], 0) != 0) {
            return refused("fsconfig");
        }
    }
    if (::syscall(SYS_fsconfig, context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0)
        return refused("fsconfig");
    const auto mount = ::syscall(SYS_fsmount, context.get(), FSMOUNT_CLOEXEC, 0);
    if (mount < 0) return refused("fsmount");
    return {0, 0, "", mount};
}

}  // namespace nsrun
