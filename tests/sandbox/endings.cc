#include "sandbox/sandbox.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>

using namespace sandbox;
using namespace nsrun;

namespace {

Plan plan_of(std::vector<std::string> words, bool init = true) {
    auto plan = closed_plan(As::user, std::move(words));
    plan.exec.init = init;
    return plan;
}

/// How many processes run the probe, in whatever mount namespace.
int probes() {
    int count = 0;
    struct stat probe;
    REQUIRE(stat(SANDBOX_PROBE, &probe) == 0);
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        struct stat about;
        const auto exe = entry.path() / "exe";
        if (stat(exe.c_str(), &about) == 0 && about.st_dev == probe.st_dev && about.st_ino == probe.st_ino) ++count;
    }
    return count;
}

bool becomes(int wanted) {
    for (int attempt = 0; attempt < 300; ++attempt) {
        if (probes() == wanted) return true;
        usleep(10'000);
    }
    return false;
}

}  // namespace

TEST_CASE("the command's status is nsrun's") {
    if (!requires_sandbox(As::user)) return;
    for (const bool init : {true, false}) {
        CHECK(launch(plan_of({"exit", "0"}, init), As::user).status == 0);
        CHECK(launch(plan_of({"exit", "42"}, init), As::user).status == 42);
        // Pid 1 of a namespace is not ended by its own signal.
        if (init) CHECK(launch(plan_of({"raise", "9"}, init), As::user).status == 137);
        if (init) CHECK(launch(plan_of({"raise", "15"}, init), As::user).status == 143);
    }
}

TEST_CASE("a command that cannot be executed has status 126, one that is missing 127") {
    if (!requires_sandbox(As::user)) return;
    for (const bool init : {true, false}) {
        auto plan = plan_of({}, init);
        plan.exec.path = "/usr/bin/nothing-here";
        auto ended = launch(plan, As::user);
        CHECK_FALSE(ended.launched);
        CHECK(ended.status == 127);
        CHECK(ended.what == "execute /usr/bin/nothing-here in the sandbox: No such file or directory (ENOENT)");
        plan.exec.path = "/usr";
        ended = launch(plan, As::user);
        CHECK(ended.status == 126);
    }
}

TEST_CASE("a step that fails is named, and nothing stays") {
    if (!requires_sandbox(As::user)) return;
    auto plan = plan_of({"ids"});
    for (auto& planned : plan.setup) {
        if (auto* bind = std::get_if<BindMount>(&planned.step); bind != nullptr && bind->target == "/usr") bind->source = "/nothing-here";
    }
    const auto ended = launch(plan, As::user);
    CHECK_FALSE(ended.launched);
    CHECK(ended.status == 125);
    CHECK(ended.what == "mount /nothing-here on /usr: open the source: No such file or directory (ENOENT)");
    CHECK(ended.step.starts_with("bind_mount"));
    CHECK(becomes(0));
}

TEST_CASE("with too few descriptors the command runs to its end, or does not begin") {
    if (!requires_sandbox(As::user)) return;
    int launched = 0;
    for (rlim_t most = 5; most < 48; ++most) {
        const auto few = [=] {
            const rlimit limit{most, most};
            setrlimit(RLIMIT_NOFILE, &limit);
        };
        const auto ended = launch(plan_of({"ids", "exit", "3"}), As::user, {}, few);
        launched += ended.launched ? 1 : 0;
        CHECK(ended.launched != ended.output.empty());
        CHECK(ended.status == (ended.launched ? 3 : 125));
    }
    CHECK(launched > 0);
    CHECK(launched < 43);
}

TEST_CASE("whoever listens to the events may go away, or limit the size of files") {
    if (!requires_sandbox(As::user)) return;
    const auto nobody_listens = [] {
        int ends[2];
        if (pipe(ends) != 0 || dup2(ends[1], 9) != 9) std::abort();
        close(ends[0]);
    };
    CHECK(launch(plan_of({"exit", "3"}), As::user, {}, nobody_listens, 9).status == 3);
    const Directory place;
    const auto nothing_fits = [&] {
        const rlimit none{0, 0};
        if (dup2(open((place.path() + "/events").c_str(), O_WRONLY | O_CREAT, 0600), 9) != 9) std::abort();
        setrlimit(RLIMIT_FSIZE, &none);
    };
    auto plan = plan_of({"exit", "3"});
    std::erase_if(plan.setup, [](const auto& planned) { return std::holds_alternative<ForbidUserNamespaces>(planned.step); });
    CHECK(launch(plan, As::user, {}, nothing_fits, 9).status == 3);
}

TEST_CASE("signals are forwarded to the command") {
    if (!requires_sandbox(As::user)) return;
    for (const bool init : {true, false}) {
        auto plan = plan_of({"process", "sleep", "10000"}, init);
        const auto ended = launch(plan, As::user, [&](pid_t launcher) {
            REQUIRE(becomes(1));
            usleep(50'000);
            kill(launcher, init ? SIGTERM : SIGTERM);
            if (init) return;
            usleep(100'000);  // pid 1 ignores what it does not handle
            kill(launcher, SIGKILL);
        });
        if (init) CHECK(ended.status == 143);
        CHECK(becomes(0));
    }
}

TEST_CASE("SIGKILL of nsrun leaves nothing, at whatever moment") {
    if (!requires_sandbox(As::user)) return;
    for (int delay = 0; delay < 12'000; delay += 300) {
        (void)launch(plan_of({"orphan", "20000", "sleep", "20000"}, delay % 600 == 0), As::user, [&](pid_t launcher) {
            usleep(static_cast<unsigned>(delay));
            kill(launcher, SIGKILL);
        });
    }
    CHECK(becomes(0));
}

TEST_CASE("at the time limit the command is asked to stop, then killed") {
    if (!requires_sandbox(As::user)) return;
    auto plan = plan_of({"sleep", "20000"});
    plan.supervise.time_limit = {std::chrono::milliseconds(150)};
    plan.supervise.stop_timeout = {std::chrono::milliseconds(100)};
    for (const int signal : {SIGTERM, SIGWINCH}) {
        plan.supervise.stop_signal = signal;
        const auto begin = std::chrono::steady_clock::now();
        const auto ended = launch(plan, As::user);
        CHECK(ended.status == 124);
        CHECK(ended.timed_out);
        CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
    }
    CHECK(becomes(0));
}

TEST_CASE("the sandbox ends with the command, or with its last process") {
    if (!requires_sandbox(As::user)) return;
    auto plan = plan_of({"orphan", "200", "exit", "3"});
    auto ended = launch(plan, As::user);
    CHECK(ended.status == 3);
    CHECK(ended["orphan"] == "(absent)");
    plan.exec.wait_all = true;
    ended = launch(plan, As::user);
    CHECK(ended.status == 3);
    CHECK(ended["orphan"] == "done");
}

TEST_CASE("an init takes a few pages") {
    if (!requires_sandbox(As::root)) return;
    long pss = -1;
    (void)launch(plan_of({"sleep", "400"}), As::user, [&](pid_t launcher) {
        REQUIRE(becomes(1));
        usleep(100'000);
        std::ifstream children("/proc/" + std::to_string(launcher) + "/task/" + std::to_string(launcher) + "/children");
        pid_t init = 0;
        children >> init;
        std::ifstream rollup("/proc/" + std::to_string(init) + "/smaps_rollup");
        for (std::string word; rollup >> word;) {
            if (word == "Pss:") rollup >> pss;
        }
    });
    CHECK(pss > 0);
    CHECK(pss < 40);
}

TEST_CASE("a plan that would act on the host is refused") {
    auto plan = bare_plan(As::user, {}, {"ids"});
    plan.setup.push_back({SetHostname{"other"}, {}});
    CHECK(launch(plan, As::user).what == "the plan would act on the host: it has no uts namespace of its own");
    plan.setup = {{ForbidUserNamespaces{}, {}}};
    CHECK(launch(plan, As::user).what == "the plan would act on the host: it has no user namespace of its own");
    plan.setup = {{MountTmpfs{}, {}}};
    CHECK(launch(plan, As::user).what == "the plan would act on the host: it has no mount namespace of its own");
}
