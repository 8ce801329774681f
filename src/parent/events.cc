#include "parent/parent.h"

#include "base/file.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace nsrun::parent {
namespace {

/// The pid behind a pidfd as this process sees it; 0 when the process is gone. Source: pidfd_open(2), proc(5).
std::int64_t pid_of(int pidfd) {
    const auto name = fmt::format("/proc/self/fdinfo/{}", pidfd);
    const auto text = read_file(name, 4096);
    if (!text) return 0;
    const auto at = text->find("\nPid:");
    return at == std::string::npos ? 0 : std::max(std::atoll(text->c_str() + at + 5), 0LL);
}

/// A value of nowhere.
template <class T>
Value value(T data) {
    return {std::move(data), {}};
}

void write_line(int descriptor, const Table& table) {
    const std::string line = to_json(value(table), -1) + "\n";
    (void)write(descriptor, line.data(), line.size());  // who listens may have gone
}

Value seconds(const timeval& time) {
    return value(static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6);
}

}  // namespace

void tell_started(int status_fd, int pidfd) {
    if (status_fd < 0) return;
    const std::int64_t pid = pid_of(pidfd);
    Table namespaces;
    for (const auto& [kind, file] : {std::pair{"user", "user"}, {"mount", "mnt"}, {"pid", "pid"}, {"net", "net"}, {"ipc", "ipc"},
                                     {"uts", "uts"}, {"cgroup", "cgroup"}, {"time", "time"}}) {
        struct stat about;
        const auto name = fmt::format("/proc/{}/ns/{}", pid, file);
        if (stat(name.c_str(), &about) == 0) namespaces.set(kind, value(static_cast<std::int64_t>(about.st_ino)), {});
    }
    Table event;
    event.set("event", value(std::string("started")), {});
    event.set("pid", value(pid), {});
    event.set("namespaces", value(std::move(namespaces)), {});
    write_line(status_fd, event);
}

void tell_exited(int status_fd, const Exit& exit) {
    if (status_fd < 0) return;
    rusage used{};
    getrusage(RUSAGE_CHILDREN, &used);
    Table usage;
    usage.set("user_seconds", seconds(used.ru_utime), {});
    usage.set("system_seconds", seconds(used.ru_stime), {});
    usage.set("max_rss_kib", value(static_cast<std::int64_t>(used.ru_maxrss)), {});
    Table event;
    event.set("event", value(std::string("exited")), {});
    event.set("status", value(static_cast<std::int64_t>(exit.status)), {});
    event.set("signalled", value(exit.signalled), {});
    event.set("timed_out", value(exit.timed_out), {});
    event.set("usage", value(std::move(usage)), {});
    write_line(status_fd, event);
}

}  // namespace nsrun::parent
