#include "registry/registry.h"

#include "base/file.h"
#include "base/lock.h"

#include <dirent.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>

namespace nsrun::registry {
namespace {

using Directory = std::unique_ptr<DIR, decltype([](DIR* directory) { closedir(directory); })>;

Fd open_entry(int directory, const char* name, int flags) {
    return Fd(::openat(directory, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | flags, 0600));
}

/// Removes the entries that nobody holds. One that somebody opens meanwhile has no name then, which he sees.
void sweep(const std::string& path) {
    const Directory directory(opendir(path.c_str()));
    if (!directory) return;
    while (const dirent* const each = readdir(directory.get())) {
        if (each->d_type != DT_REG) continue;
        const Fd file = open_entry(dirfd(directory.get()), each->d_name, 0);
        if (file && lock(file.get())) ::unlinkat(dirfd(directory.get()), each->d_name, 0);
    }
}

/// How an attempt to take a name came out.
enum class Taken : std::uint8_t { fresh, stale, held, gone };

Taken take(const Fd& file) {
    if (!lock(file.get())) return Taken::held;
    struct stat about {};
    if (::fstat(file.get(), &about) != 0 || about.st_nlink == 0) return Taken::gone;
    return about.st_size == 0 ? Taken::fresh : Taken::stale;
}

}  // namespace

Registration& Registration::operator=(Registration&& other) noexcept {
    if (this == &other) return *this;
    end();
    path_ = std::move(other.path_);
    file_ = std::move(other.file_);
    return *this;
}

Result<> Registration::tell(const Entry& entry) const {
    const std::string text = to_text(entry);
    return write_all(file_, text, path_);
}

void Registration::end() noexcept {
    // While it is locked: nobody can have taken the name over.
    if (file_) (void)::unlink(path_.c_str());  // what stays is stale
    file_.reset();
}

Result<Registration> enter(const std::string& path) {
    std::string name = path;
    constexpr int patience = 16;
    for (int attempt = 0; attempt < patience; ++attempt) {
        Fd file = open_entry(AT_FDCWD, name.c_str(), O_CREAT);
        if (!file) return fail(errno, "register the sandbox at {}", name);
        const Taken taken = take(file);
        if (taken == Taken::gone) continue;
        if (taken == Taken::held) {
            name = fmt::format("{}.{}", path, ::getpid());
            continue;
        }
        if (taken == Taken::stale) {
            if (::ftruncate(file.get(), 0) != 0) return fail(errno, "register the sandbox at {}", name);
            sweep(path.substr(0, path.rfind('/')));
        }
        return Registration(std::move(name), std::move(file));
    }
    return fail(EAGAIN, "register the sandbox at {}", name);
}

}  // namespace nsrun::registry
