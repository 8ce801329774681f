#include "load/search.h"

#include "load/load.h"

#include <base/file.h>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>

namespace nsrun {
namespace {

constexpr std::string_view suffix = ".toml";
constexpr std::size_t longest_name = 200;

struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
};

/// The names in a directory that end in ".toml" and are not hidden, ascending.
std::vector<std::string> toml_files(const std::string& directory) {
    std::vector<std::string> names;
    const std::unique_ptr<DIR, CloseDirectory> stream(::opendir(directory.c_str()));
    if (!stream) return names;
    while (const dirent* entry = ::readdir(stream.get())) {
        const std::string_view name = entry->d_name;
        if (name.size() > suffix.size() && name.ends_with(suffix) && !name.starts_with('.')) names.emplace_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

bool fits(std::string_view part) {
    constexpr std::string_view marks = "._+:-";
    const auto allowed = [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               static_cast<unsigned char>(c) >= 0x80 || marks.find(c) != marks.npos;
    };
    return part.size() <= longest_name && !part.starts_with('.') && std::all_of(part.begin(), part.end(), allowed);
}

/// The shipped profiles: those of the source when this program runs where it was built, else those of its prefix.
std::string shipped_directory() {
    const auto self = read_link(AT_FDCWD, "/proc/self/exe");
    if (!self) return NSRUN_PROFILE_DIR;
    if (self->starts_with(NSRUN_BUILD_DIR "/")) return NSRUN_SOURCE_DIR "/profiles";
    const std::string directory = self->substr(0, self->rfind('/'));
    if (!directory.ends_with("/bin")) return NSRUN_PROFILE_DIR;
    return directory.substr(0, directory.size() - 4) + "/share/nsrun/profiles";
}

}  // namespace

bool is_profile_path(std::string_view value) {
    return value.find('/') != value.npos || value.ends_with(suffix);
}

ProfileName::ProfileName(std::string_view value) : name(value.substr(0, value.find('@'))) {
    if (name.size() < value.size()) instance = value.substr(name.size() + 1);
}

bool ProfileName::valid() const {
    return !name.empty() && fits(name) && fits(instance);
}

std::size_t search(std::string_view name, std::span<const std::string> directories) {
    for (std::size_t i = 0; i < directories.size(); ++i) {
        const std::string path = fmt::format("{}/{}{}", directories[i], name, suffix);
        if (::faccessat(AT_FDCWD, path.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0) return i;
    }
    return directories.size();
}

bool is_masked(const std::string& path) {
    const auto target = read_link(AT_FDCWD, path);
    return target && *target == "/dev/null";
}

std::vector<std::string> drop_ins(std::span<const std::string> directories) {
    std::map<std::string, std::string> found;
    for (const auto& directory : directories) {
        for (auto& name : toml_files(directory)) {
            std::string path = directory + "/" + name;
            found.try_emplace(std::move(name), std::move(path));
        }
    }
    std::vector<std::string> paths;
    for (auto& [name, path] : found) {
        if (!is_masked(path)) paths.push_back(std::move(path));
    }
    return paths;
}

std::vector<std::string> profile_names(const std::string& directory) {
    auto names = toml_files(directory);
    for (auto& name : names) name.resize(name.size() - suffix.size());
    std::erase_if(names, [](const std::string& name) { return !ProfileName(name).valid(); });
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<std::string> profile_directories(const Context& context) {
    std::vector<std::string> directories;
    if (context.caller.uid != 0) directories.push_back(context.config_home + "/nsrun/profiles");
    directories.emplace_back("/etc/nsrun/profiles");
    directories.push_back(shipped_directory());
    return directories;
}

}  // namespace nsrun
