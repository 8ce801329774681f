#include "measure.h"

#include "processes.h"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <thread>

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

/// Between two launches. The kernel takes a sandbox apart after its last process is gone; a launch in the shadow of a
/// large one (firejail's) takes five times as long as alone, and would be blamed for it.
constexpr auto settle = std::chrono::milliseconds(3);

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

/// The command line of one run: "@RUN@" replaced.
std::vector<std::string> numbered(std::vector<std::string> words) {
    static int run = 0;
    for (std::string& word : words)
        if (auto at = word.find("@RUN@"); at != word.npos)
            word.replace(at, 5, std::to_string(getpid()) + "-" + std::to_string(++run));
    return words;
}

void become(unsigned uid, unsigned gid) {
    if (uid == 0 || getuid() != 0) return;
    if (setgroups(0, nullptr) != 0 || setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0) {
        std::perror("bench: become an ordinary user");
        _exit(1);
    }
}

}  // namespace

Samples as_user(unsigned uid, unsigned gid, const std::function<Samples()>& work) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return {};
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        become(uid, gid);
        const Samples samples = work();
        FILE* out = fdopen(ends[1], "w");
        std::fwrite(samples.data(), sizeof(double), samples.size(), out);
        std::fflush(nullptr);
        _exit(0);
    }
    close(ends[1]);
    Samples samples;
    FILE* in = fdopen(ends[0], "r");
    for (double sample; std::fread(&sample, sizeof sample, 1, in) == 1;) samples.push_back(sample);
    std::fclose(in);
    waitpid(child, nullptr, 0);
    return samples;
}

int start(const std::vector<std::string>& words, const Workload& work, int output) {
    // posix_spawn starts programs as vfork does: the size of this program adds nothing.
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (output >= 0) {
        posix_spawn_file_actions_adddup2(&actions, output, 1);
        posix_spawn_file_actions_adddup2(&actions, output, 2);
    } else {
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    }
    const std::string filter = work.scratch + "/filter";
    if (access(filter.c_str(), R_OK) == 0) posix_spawn_file_actions_addopen(&actions, 9, filter.c_str(), O_RDONLY, 0);
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const std::string home = "HOME=" + work.scratch, runtime = "XDG_RUNTIME_DIR=" + work.scratch;
    char path[] = "PATH=/usr/bin:/bin", user[] = "USER=bench";
    char* environment[] = {path, user, const_cast<char*>(home.c_str()), const_cast<char*>(runtime.c_str()), nullptr};
    pid_t pid = -1;
    if (posix_spawn(&pid, words[0].c_str(), &actions, nullptr, arguments.data(), environment) != 0) pid = -1;
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

std::string output_of(const std::vector<std::string>& words, const Workload& work, int& status) {
    FILE* file = std::tmpfile();
    const pid_t pid = start(numbered(words), work, fileno(file));
    status = -1;
    if (pid > 0) waitpid(pid, &status, 0);
    std::rewind(file);
    std::string text;
    for (int c; (c = std::fgetc(file)) != EOF;) text += static_cast<char>(c);
    std::fclose(file);
    return text;
}

Samples alternate(const std::vector<Launcher>& all, const Workload& work, double seconds, int least) {
    std::vector<std::vector<std::string>> lines;
    for (const Launcher& launcher : all) lines.push_back(launcher.command_line(work));
    std::vector<Samples> samples(all.size());
    const auto begin = Clock::now();
    // The first round warms the caches and is not kept.
    for (int round = -1; round < least || seconds_since(begin) < seconds; ++round) {
        for (std::size_t turn = 0; turn < all.size(); ++turn) {
            const std::size_t n = (turn + static_cast<std::size_t>(round + 1)) % all.size();
            const auto words = numbered(lines[n]);
            int status = 0;
            const auto launched = Clock::now();
            const pid_t pid = start(words, work);
            if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
                std::fprintf(stderr, "bench: %s failed in the middle of a measurement (status %d)\n",
                             all[n].name.c_str(), status);
                return {};
            }
            const double took = seconds_since(launched);
            std::this_thread::sleep_for(settle);
            if (round >= 0) samples[n].push_back(took);
        }
        if (round > 5000) break;
    }
    Samples joined;
    for (const Samples& one : samples) joined.insert(joined.end(), one.begin(), one.end());
    return joined;
}

double throughput(const Launcher& launcher, const Workload& work, int at_once, double seconds) {
    const auto line = launcher.command_line(work);
    int running = 0, finished = 0;
    const auto begin = Clock::now();
    double end = 0;
    while (true) {
        const bool more = seconds_since(begin) < seconds;
        while (more && running < at_once && start(numbered(line), work) > 0) ++running;
        int status = 0;
        if (running == 0 || waitpid(-1, &status, 0) <= 0) break;
        --running;
        if (status != 0) return 0;
        ++finished;
        end = seconds_since(begin);
    }
    return end > 0 ? finished / end : 0;
}

LeftBehind left_behind(const Launcher& launcher, const Workload& work, unsigned uid, unsigned gid) {
    const auto line = numbered(launcher.command_line(work));
    std::fflush(nullptr);
    const pid_t user = fork();
    if (user == 0) {
        become(uid, gid);
        const pid_t pid = start(line, work);
        waitpid(pid, nullptr, 0);
        _exit(0);
    }
    LeftBehind left;
    if (wait_for_commands(user, 1) == 1) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        for (const Process& process : descendants(user)) {
            if (process.is_command) continue;
            left.pss += pss_of(process.pid);
            ++left.processes;
        }
    }
    end_commands(user);
    waitpid(user, nullptr, 0);
    return left;
}

Alive alive(const Launcher& launcher, const Workload& work, int count, unsigned uid, unsigned gid) {
    const auto line = launcher.command_line(work);
    const Memory before = settled_memory();
    std::fflush(nullptr);
    const pid_t user = fork();
    if (user == 0) {
        become(uid, gid);
        for (int n = 0; n < count; ++n) start(numbered(line), work);
        while (wait(nullptr) > 0) {}
        _exit(0);
    }
    Alive result;
    result.count = wait_for_commands(user, count);
    const Memory after = settled_memory();
    if (result.count > 0) {
        result.all = (before.available - after.available) / result.count;
        result.slab = (after.slab - before.slab) / result.count;
    }
    end_commands(user);
    waitpid(user, nullptr, 0);
    return result;
}

}  // namespace bench
