#include "pod/remains.h"

#include "base/lock.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <string_view>

namespace nsrun::pod {
namespace {

using Directory = std::unique_ptr<DIR, decltype([](DIR* directory) { closedir(directory); })>;

Fd open_directory(int place, const char* name) {
    return Fd(openat(place, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

bool is_own(const Fd& directory) {
    struct stat about{};
    return fstat(directory.get(), &about) == 0 && about.st_uid == geteuid();
}

}  // namespace

void clean(const Fd& directory) {
    Fd again = open_directory(directory.get(), ".");  // a place in the list of its own
    const Directory list(again ? fdopendir(again.get()) : nullptr);
    if (!list) return;
    (void)again.release();
    while (const dirent* entry = readdir(list.get())) {
        const std::string_view name = entry->d_name;
        const bool ours = name == "socket" || name == "members" || name.starts_with("hosts-");
        if (ours) unlinkat(directory.get(), entry->d_name, 0);
    }
}

void remove(const Fd& directory) {
    clean(directory);
    // Last: until then nobody else begins here.
    unlinkat(directory.get(), "lock", 0);
    char path[4096];
    const ssize_t length = readlink(fmt::format("/proc/self/fd/{}", directory.get()).c_str(), path, sizeof path - 1);
    if (length <= 0) return;
    path[length] = '\0';
    rmdir(path);
}

/// Who comes to one of them meanwhile finds its lock taken, or a lock or a directory that has no name any more, and tries
/// again.
void sweep(const std::string& place) {
    const Directory list(opendir(place.c_str()));
    if (!list) return;
    while (const dirent* entry = readdir(list.get())) {
        if (entry->d_name[0] == '.') continue;
        const Fd directory = open_directory(dirfd(list.get()), entry->d_name);
        if (!directory || !is_own(directory)) continue;
        const Fd lock(openat(directory.get(), "lock", O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
        if (!lock && errno == ENOENT) unlinkat(dirfd(list.get()), entry->d_name, AT_REMOVEDIR);  // where nothing else is
        if (lock && nsrun::lock(lock.get()) && is_found(lock.get(), directory.get(), "lock")) remove(directory);
    }
}

}  // namespace nsrun::pod
