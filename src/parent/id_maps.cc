#include "parent/parent.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>

namespace nsrun::parent {
namespace {

constexpr std::size_t most_ranges = 340;  ///< user_namespaces(7)

Result<> write_at(int proc, const char* name, std::string_view text) {
    const Fd file(openat(proc, name, O_WRONLY | O_CLOEXEC));
    if (!file) return fail(errno, "open {} of the sandbox", name);
    // One write: the kernel takes a map once, and whole.
    if (write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        return fail(errno, "write {} of the sandbox", name);
    }
    return {};
}

/// Reads what a helper says until it ends; one line of it is enough.
std::string first_line(int descriptor) {
    std::string text(512, '\0');
    std::size_t length = 0;
    for (ssize_t count = 1; count > 0 && length < text.size(); length += static_cast<std::size_t>(std::max<ssize_t>(count, 0))) {
        count = read(descriptor, text.data() + length, text.size() - length);
    }
    text.resize(std::min(length, text.find('\n')));
    for (char& letter : text) letter = letter >= ' ' && letter <= '~' ? letter : '?';
    return text;
}

struct SpawnActions {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    SpawnActions() {
        posix_spawn_file_actions_init(&actions);
        posix_spawnattr_init(&attributes);
    }
    ~SpawnActions() {
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
    }
};

/// Runs a set-user-ID helper by its absolute path, with numbers for arguments and a fixed environment.
Result<> run_helper(const std::string& path, std::vector<std::string>& arguments) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return fail(errno, "make a pipe");
    Fd reader(ends[0]), writer(ends[1]);
    SpawnActions spawn;
    posix_spawn_file_actions_addopen(&spawn.actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&spawn.actions, writer.get(), 1);
    posix_spawn_file_actions_adddup2(&spawn.actions, writer.get(), 2);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&spawn.attributes, &none);
    posix_spawnattr_setflags(&spawn.attributes, POSIX_SPAWN_SETSIGMASK);

    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    char locale[] = "LC_ALL=C";
    char search[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    char* environment[] = {locale, search, nullptr};
    pid_t helper = 0;
    if (const int code = posix_spawn(&helper, path.c_str(), &spawn.actions, &spawn.attributes, argv.data(), environment)) {
        return fail(code, "run {}", path);
    }
    writer.reset();
    const std::string said = first_line(reader.get());
    int status = 0;
    while (waitpid(helper, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
    auto refused = fail(0, "{} refused: {}", path, said);
    refused.error().help = "see the ranges that /etc/subuid and /etc/subgid give you";
    return refused;
}

}  // namespace

Result<> deny_setgroups(int proc) { return write_at(proc, "setgroups", "deny"); }

Result<> map_ids(int proc, pid_t child, const MapIds& step) {
    const bool users = step.map == IdKind::uid;
    if (step.ranges.empty() || step.ranges.size() > most_ranges) return fail(EINVAL, "map {} ranges of ids", step.ranges.size());
    if (step.helper.empty()) {
        std::string text;
        for (const auto& range : step.ranges) {
            fmt::format_to(std::back_inserter(text), "{} {} {}\n", range.inside, range.outside, range.count);
        }
        return write_at(proc, users ? "uid_map" : "gid_map", text);
    }
    std::vector<std::string> arguments{step.helper, std::to_string(child)};
    for (const auto& range : step.ranges) {
        for (const auto number : {range.inside, range.outside, range.count}) arguments.push_back(std::to_string(number));
    }
    return run_helper(step.helper, arguments);
}

}  // namespace nsrun::parent
