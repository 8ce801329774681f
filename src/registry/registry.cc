#include "registry/registry.h"

#include "base/file.h"
#include "base/lock.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace nsrun::registry {
namespace {

constexpr std::size_t largest_entry = 4096;

/// True for a directory that the caller alone can change, now.
bool is_own(const std::string& directory, int& error) {
    struct stat about {};
    error = ::stat(directory.c_str(), &about) == 0 ? 0 : errno;
    if (error != 0 || !S_ISDIR(about.st_mode) || about.st_uid != ::geteuid() || (about.st_mode & 022) != 0) return false;
    return ::faccessat(AT_FDCWD, directory.c_str(), W_OK | X_OK, AT_EACCESS) == 0;
}

}  // namespace

RegistryState examine(const std::string& directory) {
    int error = 0;
    if (is_own(directory, error)) return RegistryState::ready;
    if (error != ENOENT) return RegistryState::none;
    return is_own(directory.substr(0, directory.rfind('/')), error) ? RegistryState::missing : RegistryState::none;
}

std::vector<Entry> list(const std::string& path) {
    std::vector<Entry> entries;
    int error = 0;
    if (!is_own(path, error)) return entries;
    const std::unique_ptr<DIR, decltype([](DIR* open) { closedir(open); })> directory(opendir(path.c_str()));
    if (!directory) return entries;
    while (const dirent* const each = readdir(directory.get())) {
        if (each->d_type != DT_REG) continue;
        const Fd file(::openat(dirfd(directory.get()), each->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
        if (!file || !is_locked(file.get())) continue;
        const auto text = read_all(file, largest_entry, each->d_name);
        if (!text) continue;
        Entry entry = parse_entry(*text);
        if (entry.name.empty()) entry.name = each->d_name;  // it was taken a moment ago
        entries.push_back(std::move(entry));
    }
    std::ranges::sort(entries, {}, [](const Entry& entry) { return std::pair(std::string_view(entry.name), entry.launcher); });
    return entries;
}

bool called(const Entry& entry, std::string_view name) {
    if (!name.starts_with(entry.name)) return false;
    name.remove_prefix(entry.name.size());
    if (name.empty()) return true;
    return name.front() == '.' && name.substr(1) == fmt::format_int(entry.launcher).c_str();
}

}  // namespace nsrun::registry
