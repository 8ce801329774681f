#include "host/paths.h"

#include <base/fd.h>
#include <base/file.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/stat.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>

namespace nsrun {
namespace {

/// A directory is worth opening when so many paths in a row lie in it.
constexpr int few = 3;

/// As many symbolic links as the kernel follows in one path.
constexpr int most_links = 40;

/// True for a path that names itself: absolute, without empty, "." and ".." components, without a slash at the end.
bool is_plain(std::string_view path) {
    if (!path.starts_with('/') || path.size() >= PATH_MAX) return false;
    if (path == "/") return true;
    for (std::size_t start = 1;;) {
        const auto end = std::min(path.find('/', start), path.size());
        const auto part = path.substr(start, end - start);
        if (part.empty() || part == "." || part == "..") return false;
        if (end == path.size()) return true;
        start = end + 1;
    }
}

/// Looks at `path`, from `directory` when it is relative.
int look(int directory, const char* path, int flags, struct statx& status) {
    const unsigned wanted = STATX_TYPE | STATX_MODE | STATX_UID | STATX_GID;
    return ::statx(directory, path, AT_NO_AUTOMOUNT | flags, wanted, &status) == 0 ? 0 : errno;
}

std::string joined(const std::string& directory, std::string_view name) {
    std::string path;
    path.reserve(directory.size() + 1 + name.size());
    if (directory != "/") path = directory;
    return path.append("/").append(name);
}

/// Lets the kernel resolve what is too unusual to resolve here; `status` is filled.
int resolve_by_kernel(const std::string& path, struct statx& status, std::string& real) {
    const Fd file(::open(path.c_str(), O_PATH | O_CLOEXEC));
    if (!file) return errno;
    if (const int error = look(file.get(), "", AT_EMPTY_PATH, status); error != 0) return error;
    const auto said = read_link(AT_FDCWD, fmt::format("/proc/self/fd/{}", file.get()));
    if (!said) return said.error().code;
    real = *said;
    return 0;
}

PathKind kind_of(const struct statx& status) {
    switch (status.stx_mode & S_IFMT) {
        case S_IFDIR:
            return PathKind::directory;
        case S_IFSOCK:
            return PathKind::socket;
        case S_IFCHR:
            return PathKind::character_device;
        case S_IFBLK:
            return PathKind::block_device;
        case S_IFIFO:
            return PathKind::fifo;
        default:
            return PathKind::file;
    }
}

}  // namespace

const PathReader::Resolved& PathReader::directory(std::string_view path, int links_left) {
    const auto known = directories_.find(path);
    if (known != directories_.end()) return known->second;
    struct statx status {};
    std::string name(path);
    Resolved resolved = resolve(name, status, nullptr, links_left);
    if (resolved.error == 0 && !S_ISDIR(status.stx_mode)) resolved = {ENOTDIR, {}};
    return directories_.emplace(std::move(name), std::move(resolved)).first->second;
}

int PathReader::look_in(const Resolved& directory, const char* name, struct statx& status) {
    if (last_ != &directory) {
        last_ = &directory;
        last_file_.reset();
        looked_ = 0;
    } else if (!last_file_ && ++looked_ == few) {
        last_file_ = Fd(::open(directory.real.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    }
    if (last_file_) return look(last_file_.get(), name, AT_SYMLINK_NOFOLLOW, status);
    return look(AT_FDCWD, joined(directory.real, name).c_str(), AT_SYMLINK_NOFOLLOW, status);
}

PathReader::Resolved PathReader::resolve(const std::string& path, struct statx& status, std::string* link,
                                         int links_left) {
    if (path == "/") return {look(AT_FDCWD, "/", 0, status), path};
    const auto slash = path.rfind('/');
    const Resolved& parent = directory(std::string_view(path).substr(0, std::max<std::size_t>(slash, 1)), links_left);
    if (parent.error != 0) return {parent.error, {}};
    const char* const name = path.c_str() + slash + 1;
    if (const int error = look_in(parent, name, status); error != 0) return {error, {}};
    std::string real = joined(parent.real, name);
    if (!S_ISLNK(status.stx_mode)) return {0, std::move(real)};

    if (links_left == 0) return {ELOOP, {}};
    const auto said = read_link(AT_FDCWD, real);
    if (!said) return {said.error().code, {}};
    if (link != nullptr) *link = *said;
    // "../x" is settled here, for `parent.real` has no links; "x/../y" may mean something else than "y".
    std::string_view rest = *said;
    std::string_view base = parent.real;
    while (rest.starts_with("../")) {
        rest.remove_prefix(3);
        base = base.substr(0, base.rfind('/'));
    }
    const std::string target =
        rest.starts_with('/') ? std::string(rest) : joined(base.empty() ? "/" : std::string(base), rest);
    // Links of /proc lead to objects, not to the path that they show.
    if (is_plain(target) && !parent.real.starts_with("/proc/")) return resolve(target, status, nullptr, links_left - 1);
    Resolved resolved;
    resolved.error = resolve_by_kernel(real, status, resolved.real);
    return resolved;
}

PathFact PathReader::fact(const std::string& path) {
    PathFact fact;
    struct statx status {};
    Resolved resolved;
    if (path.find('\0') != std::string::npos || !path.starts_with('/')) {
        resolved.error = ENOENT;
    } else if (is_plain(path)) {
        resolved = resolve(path, status, &fact.link, most_links);
    } else {
        resolved.error = resolve_by_kernel(path, status, resolved.real);
    }
    if (resolved.error != 0) {
        const bool nowhere = resolved.error == ENOENT || resolved.error == ENOTDIR || resolved.error == ELOOP ||
                             resolved.error == ENAMETOOLONG;
        fact.kind = nowhere ? PathKind::absent : PathKind::denied;
        return fact;
    }
    fact.kind = kind_of(status);
    fact.uid = status.stx_uid;
    fact.gid = status.stx_gid;
    fact.mode = status.stx_mode & 07777;
    fact.in_mount_of_its_own = (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
    fact.executable = fact.kind == PathKind::file && (fact.mode & 0111) != 0 &&
                      ::faccessat(AT_FDCWD, resolved.real.c_str(), X_OK, 0) == 0;
    fact.real = std::move(resolved.real);
    return fact;
}

}  // namespace nsrun
