#include "parent/parent.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/rseq.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace nsrun::parent {
namespace {

std::uint64_t clone_flag(Namespace kind) {
    switch (kind) {
        case Namespace::user: return CLONE_NEWUSER;
        case Namespace::mount: return CLONE_NEWNS;
        case Namespace::pid: return CLONE_NEWPID;
        case Namespace::net: return CLONE_NEWNET;
        case Namespace::ipc: return CLONE_NEWIPC;
        case Namespace::uts: return CLONE_NEWUTS;
        case Namespace::cgroup: return CLONE_NEWCGROUP;
        case Namespace::time: return 0x80;  // CLONE_NEWTIME, which glibc 2.36 does not name
    }
    return 0;
}

/// The memory that holds this program's own arguments and environment, to be wiped from pid 1. Source: elf(5), execve(2).
std::span<char> own_words() {
    char* const first = program_invocation_name;
    char* const last = reinterpret_cast<char*>(getauxval(AT_EXECFN));
    if (first == nullptr || last == nullptr || last < first || last - first > 8 << 20) return {};
    return {first, last + std::strlen(last)};
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> list;
    list.reserve(texts.size() + 1);
    for (const auto& text : texts) list.push_back(const_cast<char*>(text.c_str()));
    list.push_back(nullptr);
    return list;
}

LaunchFailure outside(const Plan& plan, std::unexpected<Error> error) { return {std::move(error).error(), plan.exec.why, {}}; }

/// From a directory of the host the command could go on to all the others: the new root would be none.
Launched refuse_directory(const Ready& ready, int descriptor) {
    struct stat about;
    if ((ready.given.clone_flags & CLONE_NEWNS) == 0 || fstat(descriptor, &about) != 0 || !S_ISDIR(about.st_mode)) return {};
    const char* const kind = descriptor < 3 ? "standard" : "inherited";
    return std::unexpected(outside(ready.given.plan,
                                   fail(0, "the {} descriptor {} is a directory of the host, which would let the command out", kind, descriptor)));
}

/// Gives closed standard descriptors /dev/null, before anything else takes their numbers.
Launched open_standard(Ready& ready) {
    const Plan& plan = ready.given.plan;
    for (int descriptor = 0; descriptor < 3; ++descriptor) {
        if (fcntl(descriptor, F_GETFD) < 0 && open("/dev/null", O_RDWR) != descriptor) {
            return std::unexpected(outside(plan, fail(errno, "open /dev/null for the closed descriptor {}", descriptor)));
        }
        if (auto refused = refuse_directory(ready, descriptor); !refused) return refused;
    }
    ready.null = Fd(open("/dev/null", O_RDWR | O_CLOEXEC));
    if (!ready.null) return std::unexpected(outside(plan, fail(errno, "open /dev/null")));
    ready.given.null = ready.null.get();
    return {};
}

/// Makes sure that the descriptors to pass on are the caller's, before any of ours could have taken such a number. One
/// that would not have survived the exec of nsrun is not the caller's.
Launched check_inherited(const Ready& ready) {
    const Plan& plan = ready.given.plan;
    for (const int descriptor : plan.exec.descriptors) {
        if (descriptor < 3) continue;
        if (auto refused = refuse_directory(ready, descriptor); !refused) return refused;
        const int flags = fcntl(descriptor, F_GETFD);
        if (flags >= 0 && (flags & FD_CLOEXEC) == 0) continue;
        auto closed = fail(0, "the descriptor {} is to be passed on, and is not open", descriptor);
        closed.error().help = fmt::format("open it in the shell: nsrun ... {}<FILE; or take it out of process.inherit-fds", descriptor);
        return std::unexpected(outside(plan, std::move(closed)));
    }
    return {};
}

/// The name of a kind below /proc/PID/ns.
std::string_view nsfs_name(Namespace kind) {
    if (kind == Namespace::mount) return "mnt";
    return spelling(kind);
}

/// True unless a running sandbox was planned to be joined, and something else is there now.
bool is_planned(const JoinNamespace& join, int file) {
    struct stat about;
    return join.inode == 0 || (fstat(file, &about) == 0 && about.st_ino == join.inode);
}

}  // namespace

Ready::Ready(const Plan& plan)
    : opened(plan.setup.size()), own_mounts(plan.setup.size()), argv(pointers(plan.exec.argv)),
      environment(pointers(plan.exec.environment)),
      given{.plan = plan, .opened = opened, .own_mounts = own_mounts, .joins = {}, .argv = argv, .environment = environment,
            .words = own_words()} {
    for (std::size_t step = 0; step < plan.setup.size(); ++step) {
        if (const auto* overlay = std::get_if<MountOverlay>(&plan.setup[step].step)) {
            opened[step].layers.assign(overlay->lower.size() + (overlay->upper.empty() ? 0 : 2), -1);
        }
    }
    for (const Namespace kind : plan.clone.namespaces) given.clone_flags |= clone_flag(kind);
    for (const auto& planned : plan.attach) {
        const bool network = is_network(planned.step);
        (network ? given.awaits_attach : given.awaits_map) = true;
        given.awaits_attach = given.awaits_attach || std::holds_alternative<StartRelay>(planned.step);
        given.opens_netlink = given.opens_netlink || network;
        given.opens_tables = given.opens_tables || std::holds_alternative<CloseMulticast>(planned.step);
        given.awaits_map = given.awaits_map || names_space(planned.step);
    }
    given.rseq = static_cast<char*>(__builtin_thread_pointer()) + __rseq_offset;
    given.rseq_size = __rseq_size;
    given.small_pages = getauxval(AT_PAGESZ) == 4096;
    rlimit64 limit{};
    getrlimit64(RLIMIT_NOFILE, &limit);
    given.descriptor_limit = limit;
    given.umask = umask(0);
    umask(given.umask);
}

Launched make_ready(Ready& ready) {
    const Plan& plan = ready.given.plan;
    if (auto checked = check_inherited(ready); !checked) return checked;
    if (auto opened = open_standard(ready); !opened) return opened;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        return std::unexpected(outside(plan, fail(errno, "make a pair of sockets")));
    }
    ready.launcher_end = Fd(ends[0]);
    ready.child_end = Fd(ends[1]);
    ready.given.launcher_end = ends[0];
    ready.given.channel = ends[1];

    // An ignored SIGCHLD would reap the sandbox before its status is read.
    if (struct sigaction child{}; sigaction(SIGCHLD, nullptr, &child) == 0 && child.sa_handler == SIG_IGN) {
        std::signal(SIGCHLD, SIG_DFL);
    }
    const std::uint64_t all = ~std::uint64_t{0};
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &ready.given.signal_mask, sizeof all);
    return {};
}

Launched open_joins(Ready& ready) {
    const auto& joins = ready.given.plan.clone.joins;
    for (const auto& join : joins) {
        if (!join.pod.empty()) {
            ready.join_numbers.push_back(join.kind == Namespace::user ? ready.pod.user.get() : ready.pod.net.get());
            continue;
        }
        Fd file(open(join.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
        const int kind = file ? ioctl(file.get(), NS_GET_NSTYPE) : -1;
        const int code = errno;
        const auto name = spelling(join.kind);
        std::optional<std::unexpected<Error>> wrong;
        if (!file) wrong = fail(code, "open {}, the {} namespace to join", join.path, name);
        else if (kind < 0) wrong = fail(0, "{} is not a namespace", join.path);
        else if (static_cast<std::uint64_t>(kind) != clone_flag(join.kind)) wrong = fail(0, "{} is not a {} namespace", join.path, name);
        else if (!is_planned(join, file.get())) wrong = fail(0, "the sandbox {} has left {}", join.sandbox, join.path);
        if (wrong) {
            Error error = std::move(*wrong).error();
            if (!join.sandbox.empty()) error.help = "it ended meanwhile, or made another namespace: start it, then try again";
            else if (code == ENOENT && !file) error.help = "its process has ended, or nobody made it: ip netns list, lsns";
            else if (code == EACCES && !file) error.help = "the namespaces of a process can be opened by who may trace it";
            else error.help = fmt::format("name a file such as /proc/PID/ns/{} or /run/netns/NAME", nsfs_name(join.kind));
            return std::unexpected(LaunchFailure{std::move(error), join.why, {}});
        }
        ready.join_numbers.push_back(file.get());
        ready.joins.push_back(std::move(file));
    }
    ready.given.joins = ready.join_numbers;
    return {};
}

void restore_signals(const Ready& ready) {
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &ready.given.signal_mask, nullptr, sizeof ready.given.signal_mask);
}

}  // namespace nsrun::parent
