#include "sandbox/sandbox.h"

#include "host/own_program.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

using namespace sandbox;
using namespace nsrun;

namespace {

BindMount bind_step(const std::string& source, const std::string& target) {
    BindMount step;
    step.source = source;
    step.target = target;
    step.access = Access::read_write;
    step.attributes = {2 | 4};
    return step;
}

/// A plan in which the directory `shared` of the host is writable at /shared.
Plan plan_with(const std::string& shared, std::vector<std::string> words) {
    auto plan = closed_plan(As::user, std::move(words));
    insert_before<SetReadOnly>(plan, MakeDirectory{"/shared", FileMode{0755}, 1000, 1000});
    insert_before<SetReadOnly>(plan, bind_step(shared, "/shared"));
    return plan;
}

}  // namespace

TEST_CASE("a planted link leads no mount outside the new root") {
    if (!requires_sandbox(As::user)) return;
    const Directory shared, outside;
    std::filesystem::create_directory_symlink(outside.path(), shared.path() + "/link");
    auto plan = plan_with(shared.path(), {"ids"});
    insert_before<SetReadOnly>(plan, MountTmpfs{"/shared/link", {}, FileMode{0755}, 1000, 1000, Access::read_write, {}});
    const auto ended = launch(plan, As::user);
    CHECK_FALSE(ended.launched);
    CHECK(ended.what.find("open the target in the sandbox: No such file or directory") != std::string::npos);
}

TEST_CASE("a planted link to the top leads into the new root, not the host's") {
    if (!requires_sandbox(As::user)) return;
    const Directory shared;
    std::filesystem::create_directory_symlink("/../../../../tmp", shared.path() + "/link");
    auto plan = plan_with(shared.path(), {"list", "/tmp", "list", "/shared/link"});
    insert_before<SetReadOnly>(plan, MountTmpfs{"/shared/link", {}, FileMode{0755}, 1000, 1000, Access::read_write, {}});
    const auto ended = launch(plan, As::user);
    CHECK(ended.launched);
    CHECK(ended["count /tmp"] == "0");
}

TEST_CASE("nothing is created in a tree of the host, through a link or without") {
    if (!requires_sandbox(As::user)) return;
    const Directory shared;
    std::filesystem::create_directory_symlink("/shared/real", shared.path() + "/link");
    std::filesystem::create_directory(shared.path() + "/real");
    chmod((shared.path() + "/real").c_str(), 0777);
    for (const char* place : {"/shared/new", "/shared/link/new", "/shared/real/new"}) {
        for (const ChildStep& step : {ChildStep{MakeDirectory{place, FileMode{0755}, 1000, 1000}},
                                      ChildStep{MakeFile{place, "", FileMode{0644}, 1000, 1000}}, ChildStep{MakeSymlink{place, "x"}}}) {
            auto plan = plan_with(shared.path(), {"ids"});
            insert_before<SetReadOnly>(plan, step);
            const auto ended = launch(plan, As::user);
            CHECK_FALSE(ended.launched);
            CHECK(ended.what.find("not in a file system of the sandbox's own") != std::string::npos);
        }
    }
    CHECK_FALSE(std::filesystem::exists(shared.path() + "/new"));
    CHECK_FALSE(std::filesystem::exists(shared.path() + "/real/new"));
}

TEST_CASE("mount points are made in a directory that nsrun made for the sandbox, and through no link out of it") {
    if (!requires_sandbox(As::user)) return;
    const Directory ours, other;
    std::filesystem::create_directory_symlink("/other", ours.path() + "/link");
    for (const auto& [place, launched] : {std::pair{"/ours/new", true}, {"/ours/link/new", false}}) {
        auto plan = closed_plan(As::user, {"stat", place});
        for (const auto& [directory, target] : {std::pair{&ours, "/ours"}, {&other, "/other"}}) {
            insert_before<SetReadOnly>(plan, MakeDirectory{target, FileMode{0755}, 1000, 1000});
            auto bind = bind_step(directory->path(), target);
            bind.grows = directory == &ours;
            insert_before<SetReadOnly>(plan, bind);
        }
        insert_before<SetReadOnly>(plan, MakeDirectory{place, FileMode{0755}, 1000, 1000});
        CHECK(launch(plan, As::user).launched == launched);
    }
    CHECK(std::filesystem::is_directory(ours.path() + "/new"));
    CHECK(std::filesystem::is_empty(other.path()));
}

TEST_CASE("a source beneath an anchor is opened through no link") {
    if (!requires_sandbox(As::user)) return;
    const Directory anchor;
    std::filesystem::create_directory_symlink("/etc", anchor.path() + "/planted");
    std::filesystem::create_directory(anchor.path() + "/honest");
    for (const auto& [name, launched] : {std::pair{"/planted", false}, {"/honest", true}, {"/honest/../../../etc", false}}) {
        auto plan = closed_plan(As::user, {"ids"});
        insert_before<SetReadOnly>(plan, MakeDirectory{"/state", FileMode{0755}, 1000, 1000});
        auto step = bind_step(anchor.path() + name, "/state");
        step.beneath = anchor.path();
        insert_before<SetReadOnly>(plan, step);
        CHECK(launch(plan, As::user).launched == launched);
    }
}

TEST_CASE("a directory of nsrun's own is made and opened through no link") {
    if (!requires_sandbox(As::user)) return;
    const Directory anchor, outside;
    const sandbox::Account who = getuid() == 0 ? ordinary_user() : sandbox::Account{getuid(), getgid(), {}};
    std::filesystem::create_directory_symlink(outside.path(), anchor.path() + "/planted");
    std::filesystem::create_directory(anchor.path() + "/honest");
    for (const auto& [name, launched] :
         {std::pair{"/planted", false}, {"/planted/new", false}, {"/honest", true}, {"/fresh/new", true}}) {
        auto plan = closed_plan(As::user, {"ids"});
        plan.prepare.push_back({MakeHostDirectory{anchor.path() + name, anchor.path(), who.uid, who.gid}, {}});
        const auto ended = launch(plan, As::user);
        CHECK(ended.launched == launched);
        if (!launched) CHECK(ended.what.find("/planted is a symbolic link") != std::string::npos);
    }
    CHECK(std::filesystem::is_empty(outside.path()));
    CHECK(std::filesystem::is_directory(anchor.path() + "/fresh/new"));
}

TEST_CASE("a layer of an overlay is opened through no link") {
    if (!requires_sandbox(As::user)) return;
    const Directory shared;
    std::filesystem::create_directory_symlink("/etc", shared.path() + "/planted");
    std::filesystem::create_directory(shared.path() + "/honest");
    for (const auto& [name, launched] : {std::pair{"/planted", false}, {"/planted/ssl", false}, {"/honest", true}}) {
        auto plan = closed_plan(As::user, {"ids"});
        insert_before<SetReadOnly>(plan, MakeDirectory{"/layered", FileMode{0755}, 1000, 1000});
        insert_before<SetReadOnly>(plan, MountOverlay{"/layered", {shared.path() + name}, {}, {}, {}});
        CHECK(launch(plan, As::user).launched == launched);
    }
}

TEST_CASE("a directory swapped for a link during set-up leads nothing outside") {
    if (!requires_sandbox(As::user)) return;
    const Directory shared, outside;
    const std::string place = shared.path() + "/place", spare = shared.path() + "/spare";
    std::filesystem::create_directory(place);
    std::filesystem::create_directory_symlink(outside.path(), spare);
    const pid_t swapper = fork();
    if (swapper == 0) {
        for (;;) renameat2(AT_FDCWD, place.c_str(), AT_FDCWD, spare.c_str(), RENAME_EXCHANGE);
    }
    for (int attempt = 0; attempt < 40; ++attempt) {
        auto plan = plan_with(shared.path(), {"write", "/shared/place/mark"});
        insert_before<SetReadOnly>(plan, MountTmpfs{"/shared/place", {}, FileMode{0777}, 1000, 1000, Access::read_write, {}});
        (void)launch(plan, As::user);
    }
    kill(swapper, SIGKILL);
    waitpid(swapper, nullptr, 0);
    CHECK(std::filesystem::is_empty(outside.path()));
}

TEST_CASE("descriptors of the caller do not leak, and those that are named arrive") {
    if (!requires_sandbox(As::user)) return;
    for (const bool init : {true, false}) {
        auto plan = closed_plan(As::user, {"descriptors"});
        plan.exec.init = init;
        const auto leak = [] {
            dup2(open("/", O_RDONLY), 77);
            dup2(open("/etc/passwd", O_RDONLY), 78);
        };
        CHECK(launch(plan, As::user, {}, leak)["descriptors"] == "0 1 2 ");
        plan.exec.descriptors = {0, 1, 2, 78};
        CHECK(launch(plan, As::user, {}, leak)["descriptors"] == "0 1 2 78 ");
        plan.exec.descriptors = {1};
        CHECK(launch(plan, As::user, {}, leak)["descriptors"] == "0 1 2 ");
    }
}

TEST_CASE("a number that the caller left closed brings no descriptor of nsrun's own inside") {
    if (!requires_sandbox(As::user)) return;
    for (int number = 3; number < 24; ++number) {
        auto plan = closed_plan(As::user, {"descriptors"});
        plan.exec.descriptors = {0, 1, 2, number};
        const auto ended = launch(plan, As::user, {}, [] { close_range(3, 23, CLOSE_RANGE_CLOEXEC); });
        CHECK_FALSE(ended.launched);
        CHECK(ended.what == "the descriptor " + std::to_string(number) + " is to be passed on, and is not open");
    }
}

TEST_CASE("a program of a mount that is not seen starts nothing") {
    if (!requires_sandbox(As::user)) return;
    CHECK(check_own_program());
    const pid_t inside = fork();
    if (inside == 0) {
        const std::string directory = std::filesystem::read_symlink("/proc/self/exe").parent_path();
        if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0 || mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) _exit(2);
        // The same file under the same name, on another mount.
        if (mount(directory.c_str(), directory.c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0) _exit(3);
        _exit(check_own_program() ? 1 : 0);
    }
    int status = 0;
    waitpid(inside, &status, 0);
    CHECK(status == 0);
}

TEST_CASE("closed standard descriptors are /dev/null, a directory there is refused") {
    if (!requires_sandbox(As::user)) return;
    auto plan = closed_plan(As::user, {"descriptors"});
    CHECK(launch(plan, As::user, {}, [] { close(0), close(2); })["descriptors"] == "0 1 2 ");
    const auto ended = launch(plan, As::user, {}, [] { dup2(open("/", O_RDONLY), 0); });
    CHECK_FALSE(ended.launched);
    CHECK(ended.what.find("is a directory of the host") != std::string::npos);
    plan.exec.descriptors = {0, 1, 2, 9};
    CHECK(launch(plan, As::user, {}, [] { dup2(open("/", O_RDONLY), 9); }).what ==
          "the inherited descriptor 9 is a directory of the host, which would let the command out");
}
