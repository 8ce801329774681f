#include <base/file.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

namespace nsrun {

Result<Fd> open_for_reading(const std::string& path) {
    Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    if (!file) return fail(errno, "open {}", path);
    return file;
}

Result<std::string> read_all(const Fd& file, std::size_t limit, std::string_view path) {
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) return fail(errno, "stat {}", path);
    // One byte more than the size, so that the end of an ordinary file shows without growing; /proc says size 0.
    const std::size_t said = status.st_size > 0 ? static_cast<std::size_t>(status.st_size) : 4095;
    std::string text(std::min(said, limit) + 1, '\0');
    std::size_t used = 0;
    for (;;) {
        if (used == text.size()) text.resize(std::min(text.size() * 2, limit + 1));
        const ssize_t count = ::read(file.get(), text.data() + used, text.size() - used);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fail(errno, "read {}", path);
        if (count == 0) break;
        used += static_cast<std::size_t>(count);
        if (used > limit) return fail(EFBIG, "read {}", path);
    }
    text.resize(used);
    return text;
}

Result<std::string> read_file(const std::string& path, std::size_t limit) {
    const Fd file = NSRUN_TRY(open_for_reading(path));
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) return fail(errno, "stat {}", path);
    if (S_ISDIR(status.st_mode)) return fail(EISDIR, "read {}", path);
    if (!S_ISREG(status.st_mode)) return fail(EINVAL, "read {}, which is not a regular file", path);
    return read_all(file, limit, path);
}

Result<> write_all(const Fd& file, std::string_view text, std::string_view path) {
    while (!text.empty()) {
        const ssize_t count = ::write(file.get(), text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fail(errno, "write {}", path);
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

Result<> write_new_file(const std::string& path, std::string_view text, unsigned mode) {
    const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
    if (!file) return fail(errno, "create {}", path);
    return write_all(file, text, path);
}

Result<> make_directories(const std::string& path, unsigned mode) {
    for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
        const std::string directory = path.substr(0, end);
        if (::mkdir(directory.c_str(), mode) != 0 && errno != EEXIST)
            return fail(errno, "make the directory {}", directory);
        if (end == std::string::npos) return {};
    }
}

Result<std::string> read_link(int directory, const std::string& name) {
    std::array<char, PATH_MAX> text;
    const ssize_t length = ::readlinkat(directory, name.c_str(), text.data(), text.size());
    if (length < 0) return fail(errno, "read the link {}", name);
    if (static_cast<std::size_t>(length) == text.size()) return fail(ENAMETOOLONG, "read the link {}", name);
    return std::string(text.data(), static_cast<std::size_t>(length));
}

}  // namespace nsrun
