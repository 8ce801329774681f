#include "plan/environment.h"

#include "base/pattern.h"
#include "plan/path.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace nsrun {
namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

/// What `inherit = "safe"` takes over as it is: how to speak to the user, nothing that opens a door.
constexpr auto safe_names =
    std::to_array<std::string_view>({"LANG", "LANGUAGE", "LC_*", "TERM", "COLORTERM", "TZ", "NO_COLOR"});

/// What is wrong inside whoever inherits it: the caller's directories, and the shell's last word.
constexpr auto never_inherited = std::to_array<std::string_view>({"PWD", "OLDPWD", "_"});

/// The loader's variables run foreign code. A pattern takes them only when it says LD_ itself.
bool takes(std::string_view pattern, std::string_view name) {
    if (name.starts_with("LD_") && !pattern.starts_with("LD_")) return false;
    return matches(pattern, name);
}

std::pair<std::string_view, std::string_view> parted(std::string_view entry) {
    const auto sign = entry.find('=');
    if (sign == std::string_view::npos || sign == 0) return {};
    return {entry.substr(0, sign), entry.substr(sign + 1)};
}

/// Builds the environment; the members are what its parts share.
class Environment {
  public:
    Environment(const Profile& profile, const HostFacts& facts, const Identity& identity, const View& view,
                Diagnostics& diagnostics)
        : profile_(profile), facts_(facts), identity_(identity), view_(view), diagnostics_(diagnostics) {}

    std::vector<std::string> plan() {
        inherit();
        name_directories("STATE_DIRECTORY", "/var/lib", profile_.filesystem.state);
        name_directories("CACHE_DIRECTORY", "/var/cache", profile_.filesystem.cache);
        name_directories("RUNTIME_DIRECTORY", "/run", profile_.filesystem.runtime);
        for (const auto& file : profile_.environment.files) read(file);
        for (const auto& entry : profile_.environment.set) set(entry);
        for (const auto& pattern : profile_.environment.unset) {
            std::erase_if(variables_, [&](const auto& variable) { return matches(*pattern, variable.first); });
        }
        std::vector<std::string> entries;
        entries.reserve(variables_.size());
        for (const auto& [name, value] : variables_) entries.push_back(fmt::format("{}={}", name, value));
        return entries;
    }

  private:
    void inherit();
    void inherit_matching(std::string_view pattern);
    void identify();
    void name_directories(std::string_view variable, std::string_view above, const List<std::string>& names);
    std::string visible_path() const;
    void read(const Located<PathRule>& file);
    void read_line(const Located<PathRule>& file, std::string_view line, std::size_t number);
    void set(const Entry& entry);

    const Profile& profile_;
    const HostFacts& facts_;
    const Identity& identity_;
    const View& view_;
    Diagnostics& diagnostics_;
    Variables variables_;
};

void Environment::inherit() {
    const auto& rule = *profile_.environment.inherit;
    if (rule.listed) {
        for (const auto& pattern : rule.names) inherit_matching(*pattern);
        // Inherited or not is the profile's choice; what they say is the sandbox's.
        Variables named;
        std::swap(named, variables_);
        identify();
        for (auto& [name, value] : named) {
            const auto inside = variables_.find(name);
            if (inside != variables_.end()) value = inside->second;
        }
        variables_ = std::move(named);
        return;
    }
    if (rule.word == Inherit::none) return;
    const auto& runtime_dir = facts_.context.runtime_dir;
    const bool runtime = !runtime_dir.empty() && view_.at(runtime_dir).kind == View::Place::Kind::host;
    if (rule.word == Inherit::safe) {
        for (const auto name : safe_names) inherit_matching(name);
        variables_["PATH"] = visible_path();
    } else {
        for (const std::string_view entry : facts_.context.environment) {
            const auto [name, value] = parted(entry);
            if (!name.empty()) variables_.insert_or_assign(std::string(name), value);
        }
        variables_.erase("XDG_RUNTIME_DIR");
    }
    for (const auto name : never_inherited) variables_.erase(std::string(name));
    identify();
    if (runtime) variables_["XDG_RUNTIME_DIR"] = runtime_dir;
}

void Environment::inherit_matching(std::string_view pattern) {
    for (const std::string_view entry : facts_.context.environment) {
        const auto [name, value] = parted(entry);
        if (!name.empty() && takes(pattern, name)) variables_.insert_or_assign(std::string(name), value);
    }
}

/// Says who the command is inside, whatever the caller's environment said.
void Environment::identify() {
    variables_["USER"] = variables_["LOGNAME"] = identity_.user;
    variables_["SHELL"] = identity_.shell;
    if (*profile_.filesystem.home == Home::none) {
        variables_.erase("HOME");
    } else {
        variables_["HOME"] = identity_.home;
    }
}

/// Says where the directories of a list are, as systemd.exec(5) does for its services.
void Environment::name_directories(std::string_view variable, std::string_view above, const List<std::string>& names) {
    std::string paths;
    for (const auto& name : names) paths += fmt::format("{}{}/{}", paths.empty() ? "" : ":", above, *name);
    if (!paths.empty()) variables_.insert_or_assign(std::string(variable), std::move(paths));
}

/// The caller's PATH, less what the sandbox does not show, and the usual places.
std::string Environment::visible_path() const {
    std::string path;
    std::vector<std::string_view> taken;
    const auto add = [&](std::string_view entry) {
        if (std::ranges::find(taken, entry) != taken.end()) return;
        taken.push_back(entry);
        if (!path.empty()) path += ':';
        path += entry;
    };
    for (const auto entry : path_entries(facts_.context.variable("PATH").value_or(""))) {
        if (normal_path(entry) == entry && view_.at(entry).kind == View::Place::Kind::host) add(entry);
    }
    for (const auto entry : path_entries(default_path)) add(entry);
    return path;
}

void Environment::read(const Located<PathRule>& file) {
    const std::string path = expand_home(file->source, facts_.context.caller.home);
    const auto text = facts_.texts.find(path);
    if (text == facts_.texts.end()) {
        const auto* fact = facts_.path(path);
        const bool absent = !fact || fact->kind == PathKind::absent;
        if (absent && file->optional) return;
        diagnostics_.error(Code::unreadable, file.at,
                           fmt::format("{} {}", printable(path), absent ? "does not exist" : "cannot be read"),
                           absent
                               ? fmt::format("create it, or write \"-{}\" to run without it", printable(file->source))
                               : std::string("let the caller read it"));
        return;
    }
    std::string_view rest = text->second;
    for (std::size_t number = 1; !rest.empty(); ++number) {
        const auto end = std::min(rest.find('\n'), rest.size());
        read_line(file, rest.substr(0, end), number);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
}

/// One line of an environment file: NAME=VALUE, the value perhaps in quotes; empty lines and those with # are comments.
void Environment::read_line(const Located<PathRule>& file, std::string_view line, std::size_t number) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
    if (line.empty() || line.front() == '#') return;
    auto [name, value] = parted(line);
    const bool blank = name.find_first_of(" \t") != std::string_view::npos;
    if (name.empty() || blank || line.find('\0') != std::string_view::npos) {
        diagnostics_.error(Code::wrong_type, file.at,
                           fmt::format("line {} of {} is not NAME=VALUE", number, printable(file->source)),
                           "write one variable a line, without blanks before '='");
        return;
    }
    const bool quoted =
        value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.front() == value.back();
    if (quoted) value = value.substr(1, value.size() - 2);
    variables_.insert_or_assign(std::string(name), value);
}

void Environment::set(const Entry& entry) {
    const std::string& name = *entry.key;
    if (name.empty() || name.find('=') != std::string::npos) {
        diagnostics_.error(Code::wrong_type, entry.key.at,
                           fmt::format("'{}' cannot be the name of a variable", printable(name)),
                           "write a name without \"=\"");
    } else if (name.find('\0') != std::string::npos || entry.value->find('\0') != std::string::npos) {
        diagnostics_.error(Code::nul_byte, entry.value.at,
                           fmt::format("the variable '{}' holds a NUL byte", printable(name)), "remove it");
    } else {
        variables_.insert_or_assign(name, *entry.value);
    }
}

}  // namespace

std::vector<std::string_view> path_entries(std::string_view path) {
    std::vector<std::string_view> entries;
    while (!path.empty()) {
        const auto end = std::min(path.find(':'), path.size());
        const auto entry = path.substr(0, end);
        path.remove_prefix(std::min(end + 1, path.size()));
        // An empty or relative entry would search the working directory, which the sandbox may write.
        if (!entry.starts_with('/') || std::ranges::find(entries, entry) != entries.end()) continue;
        entries.push_back(entry);
    }
    return entries;
}

void want_environment(const Profile& profile, const Context& context, Wanted& wanted) {
    for (const auto& file : profile.environment.files) {
        auto path = expand_home(file->source, context.caller.home);
        wanted.paths.insert(path);
        wanted.texts.push_back(std::move(path));
    }
}

std::vector<std::string> plan_environment(const Profile& profile, const HostFacts& facts, const Identity& identity,
                                          const View& view, Diagnostics& diagnostics) {
    return Environment(profile, facts, identity, view, diagnostics).plan();
}

}  // namespace nsrun
