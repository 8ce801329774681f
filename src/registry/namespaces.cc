#include "registry/registry.h"

#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <charconv>

/// Processes of a sandbox, and the namespaces that they are in.
namespace nsrun::registry {
namespace {

/// The name of a kind below /proc/PID/ns.
std::string_view file_of(Namespace kind) {
    return kind == Namespace::mount ? "mnt" : spelling(kind);
}

/// The processes of which one is in the sandbox's namespaces. Nsrun's own first process is closed to everybody: the
/// command and its orphans are its children. Source: proc_pid_task(5), children.
std::vector<std::uint32_t> processes_of(const Entry& entry) {
    std::vector<std::uint32_t> found;
    if (entry.first == 0) return found;
    if (!entry.init) return {entry.first};
    constexpr std::size_t most = 64 * 1024;
    const auto text = read_file(fmt::format("/proc/{0}/task/{0}/children", entry.first), most);
    const std::string_view all = text ? std::string_view(*text) : std::string_view();
    for (const char* at = all.data(); at < all.data() + all.size();) {
        std::uint32_t process = 0;
        const auto read = std::from_chars(at, all.data() + all.size(), process);
        if (read.ec == std::errc{}) found.push_back(process);
        at = read.ptr + 1;
    }
    return found;
}

}  // namespace

Result<Door> door_of(const Entry& entry, const OwnNamespace& wanted) {
    int refusal = ENOENT;
    Door door;
    for (const auto process : processes_of(entry)) {
        std::string path = fmt::format("/proc/{}/ns/{}", process, file_of(wanted.kind));
        struct stat about {};
        if (::stat(path.c_str(), &about) != 0) {
            if (errno != ENOENT) refusal = errno;
        } else if (wanted.inode != 0) {
            if (about.st_ino == wanted.inode) return Door{std::move(path), about.st_ino};
        } else if (door.path.empty()) {
            door = {std::move(path), about.st_ino};
        } else if (door.inode != about.st_ino) {
            door.path.clear();  // a guest of its pid namespace left an orphan here: whose is whose cannot be told
            break;
        }
    }
    if (!door.path.empty()) return door;
    const auto kind = spelling(wanted.kind);
    return fail(refusal, "find a process of {} in its {} namespace", entry.name, kind);
}

void number_namespaces(Entry& entry) {
    const Fd directory(::open(fmt::format("/proc/{}/ns", entry.first).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    std::erase_if(entry.namespaces, [&](OwnNamespace& own) {
        const std::string name(file_of(own.kind));
        struct stat about {};
        if (!directory || ::fstatat(directory.get(), name.c_str(), &about, 0) != 0) return true;
        own.inode = about.st_ino;
        return false;
    });
}

}  // namespace nsrun::registry
