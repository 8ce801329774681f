#include "host/tool.h"

#include <base/fd.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>

namespace nsrun {
namespace {

constexpr std::size_t most = 64 * 1024;

struct Actions {
    posix_spawn_file_actions_t value;
    Actions() { posix_spawn_file_actions_init(&value); }
    Actions(const Actions&) = delete;
    Actions& operator=(const Actions&) = delete;
    ~Actions() { posix_spawn_file_actions_destroy(&value); }
};

Result<pid_t> spawn(const std::vector<std::string>& words, const Fd& output) {
    Actions actions;
    posix_spawn_file_actions_addopen(&actions.value, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions.value, output.get(), 1);
    posix_spawn_file_actions_addopen(&actions.value, 2, "/dev/null", O_WRONLY, 0);
    std::vector<char*> arguments;
    for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    std::string path = "PATH=/usr/bin:/bin:/usr/sbin:/sbin";
    std::string locale = "LC_ALL=C";
    std::array<char*, 3> environment{path.data(), locale.data(), nullptr};
    pid_t child = -1;
    const int error =
        posix_spawn(&child, words.front().c_str(), &actions.value, nullptr, arguments.data(), environment.data());
    if (error != 0) return fail(error, "run {}", words.front());
    return child;
}

/// Takes what comes until the end, the limit or the deadline.
Result<std::string> collect(const Fd& input, std::chrono::steady_clock::time_point deadline,
                            const std::string& program) {
    std::string text;
    std::array<char, 4096> piece;
    while (text.size() < most) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
        if (left <= 0) return fail(ETIMEDOUT, "wait for {}", program);
        pollfd wait{input.get(), POLLIN, 0};
        if (::poll(&wait, 1, static_cast<int>(left)) <= 0) continue;
        const ssize_t count = ::read(input.get(), piece.data(), piece.size());
        if (count == 0) break;
        if (count > 0) text.append(piece.data(), static_cast<std::size_t>(count));
        if (count < 0 && errno != EINTR) return fail(errno, "read from {}", program);
    }
    return text;
}

}  // namespace

Result<std::string> ask_tool(const std::vector<std::string>& words, std::chrono::milliseconds patience) {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(errno, "make a pipe");
    const Fd input(ends[0]);
    Fd output(ends[1]);
    const pid_t child = NSRUN_TRY(spawn(words, output));
    output.reset();
    auto text = collect(input, std::chrono::steady_clock::now() + patience, words.front());
    if (!text || text->size() >= most) ::kill(child, SIGKILL);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (text && status != 0) return fail(ECHILD, "run {}", words.front());
    return text;
}

}  // namespace nsrun
