#include "probe_reach.h"

#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

void say(const std::string& name, const std::string& value) { std::printf("%s: %s\n", name.c_str(), value.c_str()); }
std::string answer(long result) { return result < 0 ? "errno " + std::to_string(errno) : "ok"; }

/// Does it in a process of its own, which a filter may kill: "ok", "errno N" or "signal N".
template <class Deed>
std::string tried(Deed deed) {
    std::fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        const rlimit none{0, 0};
        setrlimit(RLIMIT_CORE, &none);
        _exit(deed() < 0 ? errno : 0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
    return WEXITSTATUS(status) == 0 ? "ok" : "errno " + std::to_string(WEXITSTATUS(status));
}

void namespaces() {
    for (const char* kind : {"user", "mnt", "pid", "net", "ipc", "uts", "cgroup", "time"}) {
        char target[64] = {};
        const std::string name = std::string("/proc/self/ns/") + kind;
        say(std::string("ns ") + kind, readlink(name.c_str(), target, sizeof target - 1) > 0 ? target : "(absent)");
    }
}

void clocks() {
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    say("boottime", std::to_string(now.tv_sec));
}

/// Makes user namespaces in every way that there is, and acts in one.
void nested() {
    constexpr long user = CLONE_NEWUSER;
    say("nested unshare", tried([] { return unshare(CLONE_NEWUSER); }));
    say("nested clone", tried([] {
            const long child = syscall(SYS_clone, user | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
            if (child == 0) _exit(0);
            return child;
        }));
    say("nested clone3", tried([] {
            unsigned long arguments[8] = {user, 0, 0, 0, SIGCHLD, 0, 0, 0};
            const long child = syscall(SYS_clone3, arguments, sizeof arguments);
            if (child == 0) _exit(0);
            return child;
        }));
    say("nested mount", tried([] {
            if (const int made = unshare(CLONE_NEWUSER | CLONE_NEWNS); made < 0) return made;
            return mount("none", "/", "tmpfs", 0, nullptr);
        }));
    say("nested setns", tried([] {
            if (const int made = unshare(CLONE_NEWUSER | CLONE_NEWNET); made < 0) return made;
            return setns(open("/proc/self/ns/net", O_RDONLY), CLONE_NEWNET);
        }));
    // Changes nothing where it is allowed: this is asked outside as well.
    say("mount here", tried([] { return syscall(SYS_fsopen, "tmpfs", 1); }));
}

/// Pushes input into the terminal, with the request as it is and with the upper half of the register set; and through
/// the system call tables of i386 and x32, getpid() before.
void injection() {
    static char letter = 'x';
    say("tiocsti", tried([] { return syscall(SYS_ioctl, 0, TIOCSTI, &letter); }));
    say("tiocsti wide", tried([] { return syscall(SYS_ioctl, 0, TIOCSTI | 1UL << 32, &letter); }));
#if defined(__x86_64__)
    const auto i386 = [](long number, long first, long second) {
        return tried([=] {
            long result = number;
            __asm__ volatile("int $0x80" : "+a"(result) : "b"(first), "c"(second), "d"(0) : "memory", "r8", "r9", "r10", "r11");
            errno = result < 0 ? static_cast<int>(-result) : 0;
            return result;
        });
    };
    say("i386 getpid", i386(20, 0, 0));
    say("i386 tiocsti", i386(54, 0, TIOCSTI));
    say("x32 getpid", tried([] { return syscall(0x40000000 | SYS_getpid); }));
    say("x32 ioctl", tried([] { return syscall(0x40000000 | 514, 0, TIOCSTI, &letter); }));
#endif
}

/// What of the caller's keys can be had: `serials` is "SESSION,KEY", of his session keyring and of a key in his user
/// keyring.
void keys(const char* serials) {
    const auto control = [](long what, long first, long second = 0, void* third = nullptr, long fourth = 0) {
        return syscall(SYS_keyctl, what, first, second, third, fourth);
    };
    char* end = nullptr;
    const long keyring = std::strtol(serials, &end, 10), key = std::strtol(end + 1, nullptr, 10);
    char secret[64] = {};
    const auto read = [&] {
        const long length = control(KEYCTL_READ, key, reinterpret_cast<long>(secret), reinterpret_cast<void*>(sizeof secret - 1));
        return length < 0 ? answer(length) : std::string(secret);
    };
    say("session keyring", std::to_string(control(KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING)));
    say("key read", read());
    say("keyring linked", answer(control(KEYCTL_LINK, keyring, KEY_SPEC_SESSION_KEYRING)));
    say("key read linked", read());
    say("key added", answer(syscall(SYS_add_key, "user", "nsrun-probe", "x", 1, KEY_SPEC_SESSION_KEYRING)));
}

void abstract_socket(const char* name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path + 1, name, sizeof address.sun_path - 2);
    const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + std::strlen(name));
    say("abstract", answer(connect(socket, reinterpret_cast<const sockaddr*>(&address), length)));
}

/// Serves an abstract socket and connects to it from another process.
void own_abstract_socket() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const int server = ::socket(AF_UNIX, SOCK_STREAM, 0);
    socklen_t length = sizeof(sa_family_t);  // the kernel chooses the name
    bind(server, reinterpret_cast<const sockaddr*>(&address), length);
    listen(server, 1);
    length = sizeof address;
    getsockname(server, reinterpret_cast<sockaddr*>(&address), &length);
    if (const pid_t child = fork(); child != 0) {
        waitpid(child, nullptr, 0);
        return;
    }
    say("own abstract", answer(connect(::socket(AF_UNIX, SOCK_STREAM, 0), reinterpret_cast<const sockaddr*>(&address), length)));
    std::fflush(stdout);
    _exit(0);
}

void file_socket(const char* path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
    say("file socket", answer(connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address)));
}

/// Writes into a new file until no more fits.
void fill(const char* name) {
    const int file = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    static char block[4096];
    long total = 0, count = 0;
    while ((count = write(file, block, sizeof block)) > 0) total += count;
    say(std::string("fill ") + name, std::to_string(total) + " errno " + std::to_string(errno));
    struct statvfs about {};
    fstatvfs(file, &about);
    say(std::string("size ") + name, std::to_string(about.f_blocks * about.f_frsize));
}

void core() {
    rlimit limit{};
    getrlimit(RLIMIT_CORE, &limit);
    say("core limit", limit.rlim_cur == RLIM_INFINITY ? "unlimited" : std::to_string(limit.rlim_cur));
    say("dumpable", std::to_string(prctl(PR_GET_DUMPABLE)));
}

void burn(const char* milliseconds) {
    timespec used{};
    do {
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    } while (used.tv_sec * 1000 + used.tv_nsec / 1000000 < std::atol(milliseconds));
}

}  // namespace

bool answer_reach(std::string_view word, const char* next) {
    if (word == "namespaces") namespaces();
    else if (word == "clocks") clocks();
    else if (word == "nested") nested();
    else if (word == "injection") injection();
    else if (word == "keys") keys(next);
    else if (word == "abstract") abstract_socket(next);
    else if (word == "own abstract") own_abstract_socket();
    else if (word == "file socket") file_socket(next);
    else if (word == "fill") fill(next);
    else if (word == "core") core();
    else if (word == "burn") burn(next);
    else return false;
    return true;
}
