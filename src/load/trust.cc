#include "load/trust.h"

#include <base/file.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

namespace nsrun {
namespace {

constexpr int most_links = 40;
constexpr unsigned overflow_id = 65534;
constexpr mode_t writable_by_others = S_IWGRP | S_IWOTH;

std::unexpected<Objection> object(Code code, std::string message, std::string help = {}) {
    return std::unexpected(Objection{code, std::move(message), std::move(help), false});
}

std::unexpected<Objection> unreadable(const std::string& shown, int error) {
    if (error == ENOENT || error == ENOTDIR) {
        return std::unexpected(Objection{Code::unknown_profile, fmt::format("{} does not exist", shown),
                                         "nsrun profile list names those that are installed", true});
    }
    const char* help = error == EACCES  ? "let its owner give you the right to read it"
                       : error == ELOOP ? "a symbolic link leads back to itself: name the file"
                                        : "";
    const char* name = strerrorname_np(error);
    return object(Code::unreadable,
                  fmt::format("cannot read {}: {} ({})", shown, strerrordesc_np(error), name ? name : "?"),
                  help);
}

/// True when /proc/self/uid_map, with lines "INSIDE OUTSIDE COUNT", maps this id inside.
bool maps(std::string_view map, std::uint64_t id) {
    std::uint64_t numbers[3] = {};
    std::size_t count = 0;
    for (const char* place = map.data(); place != map.data() + map.size();) {
        const auto [rest, error] = std::from_chars(place, map.data() + map.size(), numbers[count]);
        if (error != std::errc{}) {
            ++place;
            continue;
        }
        place = rest;
        if (++count < 3) continue;
        if (id >= numbers[0] && id - numbers[0] < numbers[2]) return true;
        count = 0;
    }
    return false;
}

/// In a user namespace that does not map it, the real root looks like nobody; so does everybody else, which only
/// matters to who could gain something outside. Where the namespace has a nobody of its own, nobody is that one.
bool is_roots(uid_t owner) {
    if (owner == 0) return true;
    if (owner != overflow_id) return false;
    const auto map = read_file("/proc/self/uid_map", 64 * 1024);
    return map && !maps(*map, overflow_id);
}

std::expected<TrustedFile, Objection> check_file(Fd file, const std::string& shown, const Caller& caller) {
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) return unreadable(shown, errno);
    if (S_ISDIR(status.st_mode)) {
        return object(Code::unreadable, fmt::format("{} is a directory, not a profile", shown),
                      fmt::format("name a file in it: {}/NAME.toml", shown));
    }
    if (!S_ISREG(status.st_mode)) {
        return object(Code::unreadable, fmt::format("{} is not a regular file", shown),
                      "write the profile into a file, and name that");
    }
    const bool root = caller.uid == 0;
    const char* others = root ? "others than root" : "others";
    if (!is_roots(status.st_uid) && (root || status.st_uid != caller.uid)) {
        return object(Code::untrusted_profile,
                      fmt::format("{} can be changed by {}: it belongs to uid {}", shown, others, status.st_uid),
                      root ? fmt::format("as root: chown root: {}", shown)
                           : "copy it to a directory of your own, and read it before you use it");
    }
    if ((status.st_mode & (root ? writable_by_others : mode_t{S_IWOTH})) != 0) {
        return object(
            Code::untrusted_profile,
            fmt::format("{} can be changed by {}: its mode is {:04o}", shown, others, status.st_mode & 07777U),
            fmt::format("chmod {} {}", root ? "go-w" : "o-w", shown));
    }
    TrustedFile trusted{std::move(file), {status.st_dev, status.st_ino}, {}};
    if (auto real = read_link(AT_FDCWD, fmt::format("/proc/self/fd/{}", trusted.file.get()))) trusted.real = *real;
    return trusted;
}

constexpr int for_reading = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

/// Walks a path component by component, each opened from the directory before it, so that what was checked is what is
/// used. Symbolic links are read and walked in their turn.
class RootWalk {
  public:
    RootWalk(const std::string& path, const std::string& shown, const Caller& caller) : shown_(shown), caller_(caller) {
        queue(path);
    }
    std::expected<TrustedFile, Objection> open();

  private:
    struct Directory {
        Fd file;
        std::string path;
        bool sticky = false;  ///< others may add to it, but not change what is there
    };

    void queue(std::string_view path);
    std::optional<Objection> step(const std::string& name);
    std::optional<Objection> follow(const Fd& link, const struct stat& status);
    std::optional<Objection> enter(Fd file, std::string path);
    std::optional<Objection> enter_root();
    std::unexpected<Objection> untrusted(const Directory& directory, std::string_view reason) const;

    const std::string& shown_;
    const Caller& caller_;
    std::vector<std::string> left_;  ///< components to walk, the next one last
    std::vector<Directory> here_;    ///< from the root to where the walk is
    int links_ = 0;
};

void RootWalk::queue(std::string_view path) {
    std::vector<std::string> parts;
    while (!path.empty()) {
        const auto end = std::min(path.find('/'), path.size());
        if (end != 0 && path.substr(0, end) != ".") parts.emplace_back(path.substr(0, end));
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    left_.insert(left_.end(), parts.rbegin(), parts.rend());
}

std::unexpected<Objection> RootWalk::untrusted(const Directory& directory, std::string_view reason) const {
    return object(
        Code::untrusted_profile,
        fmt::format("{} can be changed by others than root: the directory {} {}", shown_, directory.path, reason),
        "move it to /etc/nsrun/profiles");
}

std::optional<Objection> RootWalk::enter(Fd file, std::string path) {
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) return unreadable(shown_, errno).error();
    Directory directory{std::move(file), std::move(path)};
    if (!is_roots(status.st_uid)) return untrusted(directory, fmt::format("belongs to uid {}", status.st_uid)).error();
    if ((status.st_mode & writable_by_others) != 0) {
        directory.sticky = (status.st_mode & S_ISVTX) != 0;
        if (!directory.sticky) {
            return untrusted(directory, fmt::format("has mode {:04o}", status.st_mode & 07777U)).error();
        }
    }
    here_.push_back(std::move(directory));
    return std::nullopt;
}

std::optional<Objection> RootWalk::enter_root() {
    here_.clear();
    Fd root(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!root) return unreadable(shown_, errno).error();
    return enter(std::move(root), "/");
}

std::optional<Objection> RootWalk::follow(const Fd& link, const struct stat& status) {
    if (++links_ > most_links) return unreadable(shown_, ELOOP).error();
    if (here_.back().sticky && !is_roots(status.st_uid)) {
        return untrusted(here_.back(), fmt::format("has a link on the way that belongs to uid {}", status.st_uid))
            .error();
    }
    const auto target = read_link(link.get(), "");
    if (!target) return unreadable(shown_, target.error().code).error();
    queue(*target);
    return target->starts_with('/') ? enter_root() : std::nullopt;
}

std::optional<Objection> RootWalk::step(const std::string& name) {
    if (name == "..") {
        if (here_.size() > 1) here_.pop_back();
        return std::nullopt;
    }
    Fd file(::openat(here_.back().file.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!file) return unreadable(shown_, errno).error();
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) return unreadable(shown_, errno).error();
    if (S_ISLNK(status.st_mode)) return follow(file, status);
    if (!S_ISDIR(status.st_mode)) return unreadable(shown_, ENOTDIR).error();
    std::string path = here_.size() == 1 ? "/" + name : here_.back().path + "/" + name;
    return enter(std::move(file), std::move(path));
}

std::expected<TrustedFile, Objection> RootWalk::open() {
    if (auto objection = enter_root()) return std::unexpected(std::move(*objection));
    while (!left_.empty()) {
        const std::string name = std::move(left_.back());
        left_.pop_back();
        if (left_.empty() && name != "..") {
            Fd file(::openat(here_.back().file.get(), name.c_str(), for_reading | O_NOFOLLOW));
            if (file) {
                auto trusted = check_file(std::move(file), shown_, caller_);
                if (trusted && here_.back().sticky) return untrusted(here_.back(), "is open to everybody");
                return trusted;
            }
            if (errno != ELOOP) return unreadable(shown_, errno);
        }
        if (auto objection = step(name)) return std::unexpected(std::move(*objection));
    }
    return object(Code::unreadable, fmt::format("{} is a directory, not a profile", shown_),
                  fmt::format("name a file in it: {}/NAME.toml", shown_));
}

}  // namespace

std::expected<TrustedFile, Objection> open_trusted(const std::string& path, const std::string& shown,
                                                   const Caller& caller) {
    if (path.find('\0') != std::string::npos) return object(Code::nul_byte, "a path cannot hold a NUL byte");
    if (caller.uid == 0) return RootWalk(path, shown, caller).open();
    Fd file(::open(path.c_str(), for_reading));
    if (!file) return unreadable(shown, errno);
    return check_file(std::move(file), shown, caller);
}

}  // namespace nsrun
