#include "parent/parent.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>

/// Published ports: opened in the host's network before there is a sandbox, served from within the sandbox's.
namespace nsrun::parent {
namespace {

bool same_file(const Fd& one, const char* path) {
    struct stat left, right;
    return fstat(one.get(), &left) == 0 && stat(path, &right) == 0 && left.st_ino == right.st_ino &&
           left.st_dev == right.st_dev;
}

}  // namespace

Result<relay::Listener> publish(const Publish& step) {
    auto socket = NSRUN_TRY(relay::listen(step.protocol, step.address, step.outside));
    return relay::Listener{std::move(socket), step.protocol, relay::loopback(step.inside)};
}

Result<Doors> open_doors(int proc, pid_t child) {
    Doors doors;
    doors.net = Fd(openat(proc, "ns/net", O_RDONLY | O_CLOEXEC));
    if (!doors.net) return fail(errno, "open the sandbox's network namespace");
    doors.user = Fd(openat(proc, "ns/user", O_RDONLY | O_CLOEXEC));
    if (!doors.user) return fail(errno, "open the sandbox's user namespace");
    if (same_file(doors.user, "/proc/self/ns/user")) doors.user.reset();  // nobody can enter where he is
    doors.life = Fd(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
    if (!doors.life) return fail(errno, "open the sandbox's first process");
    return doors;
}

Result<relay::Starting> start_relay(std::vector<relay::Listener>& ports, const Doors& doors, bool die_with_parent) {
    auto starting = relay::start(ports, {.user = doors.user.get(),
                                         .net = doors.net.get(),
                                         .life = doors.life.get(),
                                         .die_with_parent = die_with_parent});
    ports.clear();
    return starting;
}

}  // namespace nsrun::parent
