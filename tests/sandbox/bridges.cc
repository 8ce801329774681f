#include "sandbox/host.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

/// Bridges that sandboxes share: who makes them, and that they go, however nsrun ends.
using namespace sandbox;
using namespace nsrun;

TEST_CASE("a sandbox on a shared bridge and its host reach each other, and nothing is left") {
    if (!requires_host()) return;
    const Host host;
    auto plan = bridged_plan(host, "ip -o addr show dev eth0; ip route; " + reach("10.99.0.1") + " && " + reach("fd99::1"));
    const auto ended = launch(plan, As::root);
    REQUIRE_LAUNCHED(ended);
    CHECK(has(ended.output, "inet 10.99.0.5/24"));
    CHECK(has(ended.output, "inet6 fd99::5/64"));
    CHECK(has(ended.output, "default via 10.99.0.1 dev eth0"));
    CHECK(ended.status == 0);
    CHECK(remains_soon() == "");
}

TEST_CASE("a bridge has an address of its own, a name for its maker, and stays until its last user ends") {
    if (!requires_host()) return;
    const Host host;
    std::string first, second;
    const auto told = [] { return shell("ip link show br-t | grep -o 'ether [^ ]*\\|alias .*'"); };
    (void)launch(bridged_plan(host, "sleep 30"), As::root, [&](pid_t launcher) {
        REQUIRE(becomes([] { return has(shell("ip -o link show master br-t"), "ns-t5"); }));
        first = told();
        CHECK(launch(bridged_plan(host, reach("10.99.0.5"), 6), As::root).status == 0);
        second = told();
        kill(launcher, SIGTERM);
    });
    CHECK(has(first, "alias nsrun"));
    CHECK(first == second);
    CHECK(remains_soon() == "");
}

TEST_CASE("a bridge that nsrun did not make is neither used nor removed") {
    if (!requires_host()) return;
    const Host host;
    shell("ip link add br-t type bridge");
    const auto ended = launch(bridged_plan(host, "true"), As::root);
    CHECK_FALSE(ended.launched);
    CHECK(ended.what == "make the bridge br-t: File exists (EEXIST)");
    CHECK(ended.step == "share_bridge");
    CHECK(has(shell("ip link show br-t"), "br-t"));
}

TEST_CASE("sandboxes that start and end together agree on their bridge") {
    if (!requires_host()) return;
    const Host host;
    constexpr int count = 24;
    for (int index = 0; index < count; ++index) {
        const pid_t child = fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            const auto mine = launch(bridged_plan(host, reach("10.99.0.1"), 10 + index), As::root);
            if (!mine.launched) std::fprintf(stderr, "%s %s\n", mine.what.c_str(), mine.step.c_str());
            _exit(mine.launched && mine.status == 0 ? 0 : 1);
        }
    }
    int failed = 0;
    for (int index = 0; index < count; ++index) {
        int status = 0;
        wait(&status);
        failed += status == 0 ? 0 : 1;
    }
    CHECK(failed == 0);
    CHECK(remains_soon() == "");
}

TEST_CASE("the next run takes over from a keeper that was killed, and the last one of all cleans up") {
    if (!requires_host()) return;
    const Host host;
    const auto kill_keepers = [] {
        for (const pid_t keeper : processes("nsrun-bridge")) kill(keeper, SIGKILL);
    };
    (void)launch(bridged_plan(host, "sleep 30"), As::root, [&](pid_t launcher) {
        REQUIRE(becomes([] { return has(shell("ip -o link show master br-t"), "ns-t5"); }));
        kill_keepers();
        kill(launcher, SIGTERM);
    });
    CHECK(remains_soon() == "");
    (void)launch(bridged_plan(host, "sleep 30"), As::root, [&](pid_t launcher) {
        REQUIRE(becomes([] { return has(shell("ip -o link show master br-t"), "ns-t5"); }));
        kill(launcher, SIGSTOP);
        kill_keepers();
        kill(launcher, SIGKILL);
    });
    CHECK(has(remains_soon(), "br-t"));
    CHECK(launch(bridged_plan(host, "true"), As::root).launched);
    CHECK(remains_soon() == "");
}

TEST_CASE("the lock of a bridge is there as long as somebody uses it") {
    if (!requires_host()) return;
    const Host host;
    bool during = false, after_another = false;
    (void)launch(bridged_plan(host, "sleep 30"), As::root, [&](pid_t launcher) {
        REQUIRE(becomes([] { return has(shell("ip -o link show master br-t"), "ns-t5"); }));
        during = std::filesystem::exists(host.lock("br-t"));
        CHECK(launch(bridged_plan(host, "true", 6), As::root).launched);
        after_another = std::filesystem::exists(host.lock("br-t"));
        kill(launcher, SIGTERM);
    });
    CHECK(during);
    CHECK(after_another);
    CHECK(remains_soon() == "");
    CHECK_FALSE(std::filesystem::exists(host.lock("br-t")));
}

TEST_CASE("a lock that somebody removes while it is waited for is none, and another is made") {
    if (!requires_host()) return;
    const Host host;
    REQUIRE(launch(bridged_plan(host, "true"), As::root).launched);  // makes the directory
    const int last = open(host.lock("br-t").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    REQUIRE(last >= 0);
    REQUIRE(flock(last, LOCK_EX) == 0);
    bool waits = false, is_locked = false;
    (void)launch(bridged_plan(host, "sleep 30"), As::root, [&](pid_t launcher) {
        waits = becomes([&] { return has(shell(fmt::format("cat /proc/{}/stack /proc/{}/wchan", launcher, launcher)), "lock"); });
        unlink(host.lock("br-t").c_str());
        flock(last, LOCK_UN);
        REQUIRE(becomes([] { return has(shell("ip -o link show master br-t"), "ns-t5"); }));
        const int found = open(host.lock("br-t").c_str(), O_RDWR | O_CLOEXEC);
        is_locked = found >= 0 && flock(found, LOCK_EX | LOCK_NB) != 0;
        close(found);
        kill(launcher, SIGTERM);
    });
    close(last);
    CHECK(waits);
    CHECK(is_locked);
    CHECK(remains_soon() == "");
}

TEST_CASE("who holds a lock that is not found any more leaves the bridge to others") {
    if (!requires_host()) return;
    const Host host;
    (void)launch(bridged_plan(host, "sleep 30"), As::root, [&](pid_t launcher) {
        REQUIRE(becomes([] { return has(shell("ip -o link show master br-t"), "ns-t5"); }));
        unlink(host.lock("br-t").c_str());
        kill(launcher, SIGTERM);
    });
    CHECK(has(remains_soon(), "br-t"));
    CHECK(launch(bridged_plan(host, "true"), As::root).launched);
    CHECK(remains_soon() == "");
}

TEST_CASE("SIGKILL of nsrun at whatever moment leaves no interface, table, bridge or keeper") {
    if (!requires_host()) return;
    const Host host;
    std::minstd_rand random(static_cast<unsigned>(getpid()));
    for (int round = 0; round < 60; ++round) {
        auto plan = bridged_plan(host, "sleep 30");
        attach(plan, Masquerade{"nsrun-t", {"10.99.0.0/24", "fd99::/64"}});
        const auto delay = static_cast<unsigned>(random() % 9000);
        (void)launch(plan, As::root, [&](pid_t launcher) {
            usleep(delay);
            kill(launcher, SIGKILL);
        });
        INFO("killed after " << delay << " us");
        REQUIRE(remains_soon() == "");
    }
}

TEST_CASE("a keeper takes a few pages, and has one capability") {
    if (!requires_host()) return;
    const Host host;
    long pss = -1, descriptors = -1;
    std::string capabilities;
    (void)launch(bridged_plan(host, "sleep 30"), As::root, [&](pid_t launcher) {
        REQUIRE(becomes([] { return has(shell("ip -o link show master br-t"), "ns-t5"); }));
        usleep(100'000);
        const auto keepers = processes("nsrun-bridge");
        REQUIRE(keepers.size() == 1);
        const auto below = [&](const char* file) { return fmt::format("/proc/{}/{}", keepers[0], file); };
        std::ifstream rollup(below("smaps_rollup"));
        for (std::string word; rollup >> word;) {
            if (word == "Pss:") rollup >> pss;
        }
        capabilities = shell("grep -h '^Cap\\|NoNewPrivs' " + below("status"));
        descriptors = std::atol(shell("ls " + below("fd") + " | wc -l").c_str());
        kill(launcher, SIGTERM);
    });
    CHECK(pss > 0);
    CHECK(pss < 250);
    MESSAGE("PSS of a keeper: " << pss << " kB");
    CHECK(descriptors == 5);
    CHECK(capabilities == "CapInh:\t0000000000000000\nCapPrm:\t0000000000001000\nCapEff:\t0000000000001000\n"
                          "CapBnd:\t0000000000000000\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\n");
}
