#include "host/glob.h"

#include <base/fd.h>
#include <base/pattern.h>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace nsrun {
namespace {

constexpr std::size_t most_matches = 10'000;
constexpr std::size_t most_visits = 200'000;
constexpr std::size_t most_depth = 128;

/// A component without its backslashes, when nothing in it is a pattern.
std::string literal(std::string_view component) {
    std::string text;
    for (std::size_t i = 0; i < component.size(); ++i) {
        if (component[i] == '\\' && i + 1 < component.size()) ++i;
        text += component[i];
    }
    return text;
}

struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
};

class Expansion {
  public:
    Result<> walk(const std::string& directory, std::string_view pattern, std::size_t depth);
    std::vector<std::string> found;

  private:
    struct Entry {
        std::string name;
        bool directory;  ///< itself, not by a symbolic link
    };
    Result<std::vector<Entry>> list(const std::string& directory);
    Result<> walk_all(const std::string& directory, std::string_view rest, std::size_t depth);
    Result<> add(std::string path);

    std::size_t visits_ = 0;
};

Result<> Expansion::add(std::string path) {
    if (found.size() == most_matches) return fail(E2BIG, "more than {} paths match", most_matches);
    found.push_back(std::move(path));
    return {};
}

Result<std::vector<Expansion::Entry>> Expansion::list(const std::string& directory) {
    std::vector<Entry> entries;
    Fd file(::open(directory.empty() ? "/" : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!file) return entries;
    const std::unique_ptr<DIR, CloseDirectory> stream(::fdopendir(file.get()));
    if (!stream) return entries;
    const int number = file.release();
    while (const dirent* entry = ::readdir(stream.get())) {
        const std::string_view name = entry->d_name;
        if (name == "." || name == "..") continue;
        if (++visits_ > most_visits)
            return fail(E2BIG, "more than {} names to look at", most_visits);
        bool is_directory = entry->d_type == DT_DIR;
        if (entry->d_type == DT_UNKNOWN) {
            struct stat status {};
            is_directory =
                ::fstatat(number, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
        }
        entries.push_back({std::string(name), is_directory});
    }
    return entries;
}

/// `**`: the rest at this directory and at every one beneath; alone at the end, everything beneath.
Result<> Expansion::walk_all(const std::string& directory, std::string_view rest, std::size_t depth) {
    if (!rest.empty()) NSRUN_TRY(walk(directory, rest, depth + 1));
    if (depth > most_depth) return {};
    const auto entries = NSRUN_TRY(list(directory));
    for (const auto& entry : entries) {
        if (entry.name.starts_with('.')) continue;
        const std::string path = directory + "/" + entry.name;
        if (rest.empty()) NSRUN_TRY(add(path));
        if (entry.directory) NSRUN_TRY(walk_all(path, rest, depth + 1));
    }
    return {};
}

/// `directory`: without a slash at its end, so "" is the root. `pattern`: what is left, relative.
Result<> Expansion::walk(const std::string& directory, std::string_view pattern, std::size_t depth) {
    while (pattern.starts_with('/')) pattern.remove_prefix(1);
    const auto slash = std::min(pattern.find('/'), pattern.size());
    const std::string_view component = pattern.substr(0, slash);
    std::string_view rest = pattern.substr(slash);
    while (rest.starts_with('/')) rest.remove_prefix(1);
    if (component.empty() || depth > most_depth) return {};
    if (component == "**") return walk_all(directory, rest, depth);

    if (!is_pattern(component)) {
        const std::string path = directory + "/" + literal(component);
        if (!rest.empty()) return walk(path, rest, depth + 1);
        struct stat status {};
        if (::fstatat(AT_FDCWD, path.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) return add(path);
        return {};
    }
    const auto entries = NSRUN_TRY(list(directory));
    for (const auto& entry : entries) {
        if (entry.name.starts_with('.') && !component.starts_with('.')) continue;
        if (!matches(component, entry.name)) continue;
        const std::string path = directory + "/" + entry.name;
        NSRUN_TRY(rest.empty() ? add(path) : walk(path, rest, depth + 1));
    }
    return {};
}

}  // namespace

Result<std::vector<std::string>> expand_glob(const std::string& pattern) {
    if (!pattern.starts_with('/') || pattern.find('\0') != std::string::npos) return std::vector<std::string>{};
    Expansion expansion;
    NSRUN_TRY(expansion.walk("", pattern, 0));
    std::sort(expansion.found.begin(), expansion.found.end());
    expansion.found.erase(std::unique(expansion.found.begin(), expansion.found.end()), expansion.found.end());
    return std::move(expansion.found);
}

}  // namespace nsrun
