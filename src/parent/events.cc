#include "parent/parent.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

namespace nsrun::parent {
namespace {

/// A value of nowhere.
template <class T>
Value value(T data) {
    return {std::move(data), {}};
}

/// Writes a line. Who listens may have gone, or the file be full: no reason to end, with the sandbox.
void write_line(int descriptor, const Table& table) {
    const std::string line = to_json(value(table), -1) + "\n";
    sigset_t raised, before;
    sigemptyset(&raised);
    for (const int signal : {SIGPIPE, SIGXFSZ}) sigaddset(&raised, signal);
    sigprocmask(SIG_BLOCK, &raised, &before);
    if (write(descriptor, line.data(), line.size()) < 0 && (errno == EPIPE || errno == EFBIG)) {
        const timespec at_once{};
        sigtimedwait(&raised, nullptr, &at_once);
    }
    sigprocmask(SIG_SETMASK, &before, nullptr);
}

Value seconds(const timeval& time) {
    return value(static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6);
}

Value network_of(const Exit& exit) {
    Table links;
    for (const Traffic& traffic : exit.network) {
        Table counts;
        const auto count = [&](const char* name, std::uint64_t number) { counts.set(name, value(static_cast<std::int64_t>(number)), {}); };
        count("received_bytes", traffic.received_bytes);
        count("received_packets", traffic.received_packets);
        count("sent_bytes", traffic.sent_bytes);
        count("sent_packets", traffic.sent_packets);
        links.set(traffic.link, value(std::move(counts)), {});
    }
    return value(std::move(links));
}

}  // namespace

Table started_event(pid_t pid) {
    Table namespaces;
    for (const auto& [kind, file] : {std::pair{"user", "user"}, {"mount", "mnt"}, {"pid", "pid"}, {"net", "net"}, {"ipc", "ipc"},
                                     {"uts", "uts"}, {"cgroup", "cgroup"}, {"time", "time"}}) {
        struct stat about;
        const auto name = fmt::format("/proc/{}/ns/{}", pid, file);
        if (stat(name.c_str(), &about) == 0) namespaces.set(kind, value(static_cast<std::int64_t>(about.st_ino)), {});
    }
    Table event;
    event.set("event", value(std::string("started")), {});
    event.set("pid", value(static_cast<std::int64_t>(pid)), {});
    event.set("namespaces", value(std::move(namespaces)), {});
    return event;
}

void tell_started(int status_fd, const Table& event) {
    if (status_fd >= 0) write_line(status_fd, event);
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
    if (!exit.network.empty()) event.set("network", network_of(exit), {});
    write_line(status_fd, event);
}

}  // namespace nsrun::parent
