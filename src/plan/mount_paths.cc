#include "plan/mount_paths.h"

#include <algorithm>

namespace nsrun {

std::string_view tail(std::string_view path, std::string_view directory) {
    if (path == directory) return {};
    return directory == "/" ? path : path.substr(directory.size());
}

std::string joined(std::string_view directory, std::string_view tail) {
    if (tail.empty()) return std::string(directory);
    std::string path;
    path.reserve(directory.size() + tail.size());
    if (directory != "/") path = directory;
    return path += tail;
}

std::string_view parent(std::string_view path) {
    const auto slash = path.rfind('/');
    return slash == 0 || slash == path.npos ? std::string_view("/") : path.substr(0, slash);
}

std::string_view leaf(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

std::string_view next_below(std::string_view path, std::string_view directory) {
    const std::size_t start = directory == "/" ? 1 : directory.size() + 1;
    return path.substr(0, path.find('/', start));
}

namespace {

/// Appends the components of `path` to `result`, which is "" for "/". False at a ".." that may not go up.
bool append(std::string& result, std::string_view path, bool up) {
    while (!path.empty()) {
        const auto slash = std::min(path.find('/'), path.size());
        const auto component = path.substr(0, slash);
        path.remove_prefix(std::min(slash + 1, path.size()));
        if (component.empty() || component == ".") continue;
        if (component == "..") {
            if (!up) return false;
            result.resize(result.empty() ? 0 : result.rfind('/'));
            continue;
        }
        result += '/';
        result += component;
    }
    return true;
}

/// True for an absolute path that has nothing to leave out, in which no component begins with a dot: most do not.
bool is_plain(std::string_view path) {
    if (!path.starts_with('/')) return false;
    for (std::size_t at = 0; at != path.npos; at = path.find('/', at + 1)) {
        if (at + 1 == path.size() || path[at + 1] == '/' || path[at + 1] == '.') return false;
    }
    return true;
}

}  // namespace

std::optional<std::string> normal(std::string_view path) {
    if (is_plain(path)) return std::string(path);
    if (!path.starts_with('/')) return std::nullopt;
    std::string result;
    result.reserve(path.size());
    if (!append(result, path, false)) return std::nullopt;
    if (result.empty()) result = "/";
    return result;
}

std::string link_target(std::string_view directory, std::string_view text) {
    std::string result(text.starts_with('/') || directory == "/" ? std::string_view() : directory);
    append(result, text, true);
    if (result.empty()) result = "/";
    return result;
}

std::strong_ordering path_order(std::string_view a, std::string_view b) {
    const auto length = std::min(a.size(), b.size());
    std::size_t at = 0;
    while (at < length && a[at] == b[at]) ++at;
    if (at == length) return a.size() <=> b.size();
    // A slash sorts before every other byte, so that "/a/b" stays with "/a" and "/a-b" comes after both.
    if (a[at] == '/') return std::strong_ordering::less;
    if (b[at] == '/') return std::strong_ordering::greater;
    return static_cast<unsigned char>(a[at]) <=> static_cast<unsigned char>(b[at]);
}

}  // namespace nsrun
