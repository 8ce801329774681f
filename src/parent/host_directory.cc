#include "parent/parent.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

/// The directories that nsrun keeps for sandboxes on the host.
namespace nsrun::parent {
namespace {

/// Makes a directory and its parents, through whatever links there are: who owns the home decides about those.
Result<> make_anchor(const std::string& path) {
    for (std::size_t slash = path.find('/', 1); !path.empty(); slash = path.find('/', slash + 1)) {
        const std::string part = path.substr(0, slash);
        if (mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) return fail(errno, "make the directory {}", part);
        if (slash == std::string::npos) break;
    }
    return {};
}

std::unexpected<Error> through_no_link(int code, const std::string& path, const std::string& part) {
    struct stat status {};
    if (lstat(part.c_str(), &status) != 0 || !S_ISLNK(status.st_mode)) return fail(code, "make the directory {}", path);
    auto refused = fail(ELOOP, "make the directory {}: {} is a symbolic link", path, part);
    refused.error().help = "a sandbox may have left it there: put the directory itself in its place, or mount it there";
    return refused;
}

}  // namespace

Result<> make_host_directory(const MakeHostDirectory& step) {
    const std::string& path = step.path;
    const std::size_t start = step.beneath == "/" ? 0 : step.beneath.size();
    if (path.compare(0, start, step.beneath, 0, start) != 0 || path.size() <= start || path[start] != '/') {
        return fail(EXDEV, "make the directory {} below {}", path, step.beneath);
    }
    NSRUN_TRY(make_anchor(path.substr(0, start)));
    Fd directory(open(start == 0 ? "/" : step.beneath.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!directory) return fail(errno, "open the directory {}", step.beneath);
    for (std::size_t at = start; at != std::string::npos;) {
        const std::size_t end = path.find('/', at + 1);
        const std::string name = path.substr(at + 1, end - at - 1);
        const bool made = mkdirat(directory.get(), name.c_str(), 0700) == 0;
        if (!made && errno != EEXIST) return fail(errno, "make the directory {}", path.substr(0, end));
        Fd next(openat(directory.get(), name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!next) return through_no_link(errno, path, path.substr(0, end));
        const bool given_away = end == std::string::npos && (step.uid != geteuid() || step.gid != getegid());
        if (made && given_away && fchownat(next.get(), "", step.uid, step.gid, AT_EMPTY_PATH) != 0) {
            const int code = errno;
            (void)unlinkat(directory.get(), name.c_str(), AT_REMOVEDIR);  // the next run would keep what nobody can use
            return fail(code, "give the directory {} to uid {}", path, step.uid);
        }
        directory = std::move(next);
        at = end;
    }
    return {};
}

}  // namespace nsrun::parent
