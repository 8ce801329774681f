#include "host/accounts.h"
#include "host/capabilities.h"
#include "host/doctor.h"
#include "host/trial.h"

#include <base/file.h>
#include <nsrun/nsrun.h>

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <cstdlib>

/// Who calls, from where, and with which directories.
namespace nsrun {
namespace {

constexpr std::size_t largest_user_dirs = 64 * 1024;

Result<std::vector<std::uint32_t>> supplementary_groups() {
    std::array<gid_t, 64> few;
    const int count = ::getgroups(few.size(), few.data());
    std::vector<std::uint32_t> groups;
    if (count >= 0) {
        groups.assign(few.begin(), few.begin() + count);
    } else {
        groups.resize(NGROUPS_MAX);
        const int many = ::getgroups(NGROUPS_MAX, groups.data());
        if (many < 0) return fail(errno, "read the supplementary groups");
        groups.resize(static_cast<std::size_t>(many));
    }
    std::sort(groups.begin(), groups.end());
    return groups;
}

std::string current_directory() {
    std::array<char, PATH_MAX> path;
    // The kernel answers "(unreachable)/..." for a directory outside of the root; such a path leads nowhere.
    if (::syscall(SYS_getcwd, path.data(), path.size()) <= 0 || path[0] != '/') return {};
    return path.data();
}

/// An absolute path without slashes at its end; nothing when it is relative, empty or absent.
std::optional<std::string> absolute(std::optional<std::string_view> path) {
    if (!path || !path->starts_with('/')) return std::nullopt;
    while (path->size() > 1 && path->ends_with('/')) path->remove_suffix(1);
    return std::string(*path);
}

std::string home_of(const Context& context, const std::optional<Account>& account) {
    if (auto home = absolute(context.variable("HOME"))) return *home;
    if (auto home = account ? absolute(account->home) : std::nullopt) return *home;
    return "/";
}

std::string in_home(const Context& context, std::string_view name) {
    std::string path = context.caller.home == "/" ? std::string() : context.caller.home;
    return path.append("/").append(name);
}

/// The directories of the XDG Base Directory Specification; it says that relative ones are invalid and ignored.
void fill_directories(Context& context) {
    const auto choose = [&](std::string_view variable, std::string_view fallback) {
        auto said = absolute(context.variable(variable));
        return said ? *said : in_home(context, fallback);
    };
    context.config_home = choose("XDG_CONFIG_HOME", ".config");
    context.data_home = choose("XDG_DATA_HOME", ".local/share");
    context.state_home = choose("XDG_STATE_HOME", ".local/state");
    context.cache_home = choose("XDG_CACHE_HOME", ".cache");
    auto runtime = absolute(context.variable("XDG_RUNTIME_DIR"));
    context.runtime_dir = runtime ? *runtime : fmt::format("/run/user/{}", context.caller.uid);
    context.registry = context.caller.uid == 0 ? "/run/nsrun" : context.runtime_dir + "/nsrun";
}

struct UserDirectory {
    std::string_view variable;  ///< of ${...} in profiles
    std::string_view key;       ///< of user-dirs.dirs(5)
    std::string_view fallback;  ///< beneath the home
};
constexpr auto user_directories = std::to_array<UserDirectory>({
    {"DESKTOP", "XDG_DESKTOP_DIR", "Desktop"},
    {"DOCUMENTS", "XDG_DOCUMENTS_DIR", "Documents"},
    {"DOWNLOADS", "XDG_DOWNLOAD_DIR", "Downloads"},
    {"MUSIC", "XDG_MUSIC_DIR", "Music"},
    {"PICTURES", "XDG_PICTURES_DIR", "Pictures"},
    {"PUBLICSHARE", "XDG_PUBLICSHARE_DIR", "Public"},
    {"TEMPLATES", "XDG_TEMPLATES_DIR", "Templates"},
    {"VIDEOS", "XDG_VIDEOS_DIR", "Videos"},
});

/// What user-dirs.dirs(5) says for a key: `KEY="$HOME/..."` or `KEY="/..."`; nothing for other shapes.
std::optional<std::string> user_directory(std::string_view text, std::string_view key, const Context& context) {
    std::optional<std::string> found;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        while (line.starts_with(' ') || line.starts_with('\t')) line.remove_prefix(1);
        if (!line.starts_with(key)) continue;
        line.remove_prefix(key.size());
        if (!line.starts_with("=\"")) continue;
        line.remove_prefix(2);
        const auto quote = line.find('"');
        if (quote == line.npos) continue;
        line = line.substr(0, quote);
        if (line.starts_with("$HOME/")) {
            found = absolute(in_home(context, line.substr(6)));
        } else {
            found = absolute(line);
        }
    }
    // The home itself means that there is no such directory; a profile that names it must never get the whole home.
    if (found && (*found == context.caller.home || *found == "/")) found.reset();
    return found;
}

void fill_user_directories(Context& context) {
    const auto read = read_file(context.config_home + "/user-dirs.dirs", largest_user_dirs);
    const std::string_view text = read ? std::string_view(*read) : std::string_view();
    context.user_dirs.reserve(user_directories.size());
    for (const auto& directory : user_directories) {
        auto said = user_directory(text, directory.key, context);
        context.user_dirs.emplace_back(directory.variable, said ? *said : in_home(context, directory.fallback));
    }
}

Result<Version> kernel_version() {
    utsname name{};
    if (::uname(&name) != 0) return fail(errno, "read the kernel's version");
    const char* const end = name.release + sizeof name.release;
    Version version;
    const auto major = std::from_chars(name.release, end, version.major);
    if (major.ec == std::errc{} && *major.ptr == '.') std::from_chars(major.ptr + 1, end, version.minor);
    return version;
}

Result<> fill_caller(Context& context) {
    Caller& caller = context.caller;
    caller.uid = ::geteuid();
    caller.gid = ::getegid();
    caller.groups = NSRUN_TRY(supplementary_groups());
    caller.has_sys_admin = has_sys_admin();
    caller.cwd = current_directory();
    const auto user = Accounts(Accounts::Kind::users).with_id(caller.uid);
    const auto group = Accounts(Accounts::Kind::groups).with_id(caller.gid);
    caller.name = user ? user->name : fmt::format_int(caller.uid).str();
    caller.group_name = group ? group->name : fmt::format_int(caller.gid).str();
    caller.home = home_of(context, user);
    const auto shell = absolute(context.variable("SHELL"));
    caller.shell = shell ? *shell : user && !user->shell.empty() ? user->shell : "/bin/sh";
    return {};
}

}  // namespace

Result<Context> survey_context(std::string_view profile_name) {
    Context context;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry)
        context.environment.emplace_back(*entry);
    NSRUN_TRY(fill_caller(context));
    fill_directories(context);
    fill_user_directories(context);
    context.kernel = NSRUN_TRY(kernel_version());
    const auto at = profile_name.find('@');
    context.name = profile_name.substr(0, at);
    if (at != profile_name.npos) context.instance = profile_name.substr(at + 1);
    return context;
}

void answer(std::vector<Question> questions, Context& context) {
    for (auto& question : questions) {
        auto& answers = question.kind == Question::Kind::exists ? context.exists : context.has;
        const auto known = [&](const auto& entry) { return entry.first == question.subject; };
        if (std::any_of(answers.begin(), answers.end(), known)) continue;
        if (question.kind == Question::Kind::exists) {
            const bool path = question.subject.starts_with('/') && question.subject.find('\0') == std::string::npos;
            const bool there = path && ::faccessat(AT_FDCWD, question.subject.c_str(), F_OK, 0) == 0;
            answers.emplace_back(std::move(question.subject), there);
        } else if (const auto facility = from_spelling<Facility>(question.subject)) {
            // A name that is no facility stays without an answer: the condition says so where it stands.
            answers.emplace_back(std::move(question.subject), examine(*facility).present);
        }
    }
}

}  // namespace nsrun
