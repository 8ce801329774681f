#include "host/helpers.h"

#include "host/accounts.h"

#include <base/file.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>

namespace nsrun {
namespace {

constexpr std::size_t largest_text = 4 * 1024 * 1024;

/// A helper that is set-user-ID root or has file capabilities; without, it could not map a range.
std::string privileged_helper(std::string_view name) {
    constexpr auto places =
        std::to_array<std::string_view>({"/usr/bin", "/bin", "/usr/local/bin", "/run/wrappers/bin"});
    for (const auto place : places) {
        std::string path = fmt::format("{}/{}", place, name);
        struct stat status {};
        if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
        const bool set_id = status.st_uid == 0 && (status.st_mode & S_ISUID) != 0;
        if (!set_id && ::getxattr(path.c_str(), "security.capability", nullptr, 0) <= 0) continue;
        if (::faccessat(AT_FDCWD, path.c_str(), X_OK, 0) == 0) return path;
    }
    return {};
}

std::vector<SubordinateRange> subordinate(const char* file, std::string_view user, std::uint32_t uid) {
    const auto text = read_file(file, largest_text);
    return text ? parse_subordinate(*text, user, uid) : std::vector<SubordinateRange>{};
}

}  // namespace

HostIds host_ids(std::string_view user, std::uint32_t uid) {
    return {subordinate("/etc/subuid", user, uid), subordinate("/etc/subgid", user, uid),
            privileged_helper("newuidmap"), privileged_helper("newgidmap")};
}

}  // namespace nsrun
