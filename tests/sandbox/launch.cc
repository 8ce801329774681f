#include "sandbox/sandbox.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

using namespace sandbox;
using namespace nsrun;

namespace {

constexpr std::uint64_t quiet = 2 | 4;

BindMount bind_step(const std::string& source, const std::string& target, Access access) {
    BindMount step;
    step.source = source;
    step.target = target;
    step.access = access;
    step.attributes = {quiet};
    return step;
}

#define REQUIRE_LAUNCHED(ended)                                               \
    INFO(ended.what << " " << ended.help << " " << ended.step << "\n" << ended.output); \
    REQUIRE(ended.launched)

void check_closed(As as) {
    if (!requires_sandbox(as)) return;
    const auto ended = launch(closed_plan(as, {"ids", "privileges", "process", "descriptors", "environment", "init", "network", "path",
                                               "/", "path", "/usr", "path", "/tmp", "path", "/proc", "list", "/", "attack"}),
                              as);
    REQUIRE_LAUNCHED(ended);
    CHECK(ended.status == 0);
    CHECK(ended["uid"] == "1000");
    CHECK(ended["gid"] == "1000");
    for (const char* set : {"permitted", "effective", "inheritable", "bounding", "ambient"}) CHECK(ended[set] == "0");
    CHECK(ended["securebits"] == "207");
    CHECK(ended["no_new_privs"] == "1");
    CHECK(ended["pid"] == "2");
    CHECK(ended["blocked"] == "0");
    CHECK(ended["hostname"] == "inside");
    CHECK(ended["descriptors"] == "0 1 2 ");
    CHECK(ended["environment"] == "PATH=/usr/bin");
    CHECK(ended["count /"] == "4");
    CHECK(ended["path /"] == "ro,nosuid,nodev");
    CHECK(ended["path /usr"] == "ro,nosuid,nodev");
    CHECK(ended["path /tmp"] == "nosuid,nodev");
    CHECK(ended["path /proc"] == "nosuid,nodev,noexec");
    for (const char* closed : {"init_environ", "init_exe", "init_maps", "init_mem", "init_root"}) CHECK(ended[closed] == "errno 13");
    CHECK(ended["init_cmdline"].starts_with("nsrun "));
    CHECK(ended["init_cmdline"].find_first_not_of(' ', 5) == std::string::npos);
    CHECK(ended["unshare_user"] == "errno 28");
    CHECK(ended["mount"] == "errno 1");
    CHECK(ended["chroot"] == "errno 1");
    CHECK(ended["sethostname"] == "errno 1");
    CHECK(ended["setuid0"] != "ok");
    CHECK(ended["ptrace_init"] == "errno 1");
    CHECK(ended["links"].find("lo:") != std::string::npos);
}

}  // namespace

TEST_CASE("a sandbox of an ordinary user has its own everything") { check_closed(As::user); }
TEST_CASE("a sandbox of root has its own everything") { check_closed(As::root); }

TEST_CASE("binds are read-only or writable as planned, recursively") {
    if (!requires_sandbox(As::user)) return;
    const Directory host;
    write_file(host.path() + "/file", "content");
    auto plan = closed_plan(As::user, {"write", "/ro/new", "write", "/rw/new", "read", "/ro/file"});
    for (const char* place : {"/ro", "/rw"}) insert_before<SetReadOnly>(plan, MakeDirectory{place, FileMode{0755}, 1000, 1000});
    insert_before<SetReadOnly>(plan, bind_step(host.path(), "/ro", Access::read_only));
    insert_before<SetReadOnly>(plan, bind_step(host.path(), "/rw", Access::read_write));
    const auto ended = launch(plan, As::user);
    REQUIRE_LAUNCHED(ended);
    CHECK(ended["write /ro/new"] == "errno 30");
    CHECK(ended["write /rw/new"] == "ok");
    CHECK(ended["read /ro/file"] == "content");
}

TEST_CASE("a mask hides files and directories, and what is not there needs none") {
    if (!requires_sandbox(As::user)) return;
    const Directory host;
    for (const char* name : {"/a", "/b"}) write_file(host.path() + name, "secret");
    std::filesystem::create_directories(host.path() + "/d/e");
    auto plan = closed_plan(As::user, {"read", "/m/a", "read", "/m/b", "list", "/m/d", "write", "/m/a", "stat", "/m/a"});
    insert_before<SetReadOnly>(plan, MakeDirectory{"/m", FileMode{0755}, 1000, 1000});
    insert_before<SetReadOnly>(plan, bind_step(host.path(), "/m", Access::read_write));
    for (const char* file : {"/m/a", "/m/b", "/m/absent"}) insert_before<SetReadOnly>(plan, Mask{file, NodeKind::file});
    insert_before<SetReadOnly>(plan, Mask{"/m/d", NodeKind::directory});
    const auto ended = launch(plan, As::user);
    REQUIRE_LAUNCHED(ended);
    CHECK(ended["read /m/a"] == "errno 13");
    CHECK(ended["read /m/b"] == "errno 13");
    CHECK(ended["list /m/d"] == "errno 13");
    CHECK(ended["write /m/a"] == "errno 13");
    CHECK(ended["stat /m/a"] == "32768 1000 1000");
}

TEST_CASE("an overlay keeps its changes to itself") {
    for (const As as : {As::user, As::root}) {
        if (!requires_sandbox(as)) return;
        const Directory host;
        write_file(host.path() + "/file", "below");
        auto plan = closed_plan(as, {"read", "/o/file", "write", "/o/new", "stat", "/o/new"});
        insert_before<SetReadOnly>(plan, MakeDirectory{"/o", FileMode{0755}, 1000, 1000});
        insert_before<SetReadOnly>(plan, MountOverlay{"/o", {host.path()}, {}, {}, {quiet}});
        const auto ended = launch(plan, as);
        REQUIRE_LAUNCHED(ended);
        CHECK(ended["read /o/file"] == "below");
        CHECK(ended["write /o/new"] == "ok");
        CHECK_FALSE(std::filesystem::exists(host.path() + "/new"));
    }
}

TEST_CASE("an overlay has more layers than their names have room for") {
    if (!requires_sandbox(As::user)) return;
    const Directory host;
    MountOverlay overlay{"/o", {}, {}, {}, {quiet}};
    for (int layer = 0; layer < 200; ++layer) {
        overlay.lower.push_back(host.path() + "/" + std::to_string(layer));
        std::filesystem::create_directory(overlay.lower.back());
        write_file(overlay.lower.back() + "/file", std::to_string(layer));
        write_file(overlay.lower.back() + "/of" + std::to_string(layer), "");
    }
    auto plan = closed_plan(As::user, {"read", "/o/file", "list", "/o"});
    insert_before<SetReadOnly>(plan, MakeDirectory{"/o", FileMode{0755}, 1000, 1000});
    insert_before<SetReadOnly>(plan, overlay);
    const auto ended = launch(plan, As::user);
    utsname kernel{};
    uname(&kernel);
    int major = 0, minor = 0;
    REQUIRE(std::sscanf(kernel.release, "%d.%d", &major, &minor) == 2);
    if (std::pair(major, minor) < std::pair(6, 7)) {
        CHECK_FALSE(ended.launched);
        CHECK(ended.help == "kernels before 6.7 take about 60 lower directories: merge some of them");
        return;
    }
    REQUIRE_LAUNCHED(ended);
    CHECK(ended["read /o/file"] == "0");
    CHECK(ended["count /o"] == "201");
}

TEST_CASE("files and links are made with their modes") {
    if (!requires_sandbox(As::user)) return;
    auto plan = closed_plan(As::user, {"read", "/etc/note", "stat", "/etc/note", "stat", "/etc", "read", "/link/note"});
    insert_before<SetReadOnly>(plan, MakeDirectory{"/etc", FileMode{02750}, 1000, 1000});
    insert_before<SetReadOnly>(plan, MakeFile{"/etc/note", "hello\n", FileMode{0640}, 1000, 1000});
    insert_before<SetReadOnly>(plan, MakeSymlink{"/link", "/etc"});
    const auto ended = launch(plan, As::user);
    REQUIRE_LAUNCHED(ended);
    CHECK(ended["read /etc/note"] == "hello|");
    CHECK(ended["stat /etc/note"] == std::to_string(0100640) + " 1000 1000");
    CHECK(ended["stat /etc"] == std::to_string(042750) + " 1000 1000");
    CHECK(ended["read /link/note"] == "hello|");
}

TEST_CASE("a device is written, and stays as it is") {
    for (const As as : {As::user, As::root}) {
        if (!requires_sandbox(as)) return;
        const auto before = std::filesystem::status("/dev/null").permissions();
        auto plan = closed_plan(as, {"write", "/null", "chmod", "/null"});
        insert_before<SetReadOnly>(plan, MakeFile{"/null", "", FileMode{0644}, 1000, 1000});
        auto step = bind_step("/dev/null", "/null", Access::read_only);
        step.kind = NodeKind::file;
        step.attributes = {2};
        insert_before<SetReadOnly>(plan, step);
        const auto ended = launch(plan, as);
        REQUIRE_LAUNCHED(ended);
        CHECK(ended["write /null"] == "ok");
        CHECK(ended["chmod /null"] == "errno 30");
        CHECK(std::filesystem::status("/dev/null").permissions() == before);
    }
}

TEST_CASE("a file covers the one that is there, which stays as it is") {
    for (const As as : {As::user, As::root}) {
        if (!requires_sandbox(as)) return;
        const Directory host;
        write_file(host.path() + "/note", "the host's");
        auto plan = closed_plan(as, {"read", "/h/note", "write", "/h/note", "stat", "/h/note", "path", "/h/note"});
        insert_before<SetReadOnly>(plan, MakeDirectory{"/h", FileMode{0755}, 1000, 1000});
        insert_before<SetReadOnly>(plan, bind_step(host.path(), "/h", Access::read_write));
        insert_before<SetReadOnly>(plan, MakeFile{"/h/note", "the profile's", FileMode{0640}, 1000, 1000, true});
        const auto ended = launch(plan, as);
        REQUIRE_LAUNCHED(ended);
        CHECK(ended["read /h/note"] == "the profile's");
        CHECK(ended["write /h/note"] == "errno 30");
        CHECK(ended["stat /h/note"] == std::to_string(0100640) + " 1000 1000");
        CHECK(std::filesystem::file_size(host.path() + "/note") == 10);
    }
}

TEST_CASE("a root of the host's is read-only with every mount below it") {
    for (const As as : {As::user, As::root}) {
        if (!requires_sandbox(as)) return;
        const Directory host;
        write_file(host.path() + "/probe", "");
        for (const char* name : {"/usr", "/proc", "/tmp", "/below"}) std::filesystem::create_directory(host.path() + name);
        if (getuid() == 0) REQUIRE(mount("below", (host.path() + "/below").c_str(), "tmpfs", 0, nullptr) == 0);
        auto plan = closed_plan(as, {"write", "/below/new", "write", "/new", "path", "/below"});
        find<MountRoot>(plan) = {host.path(), Access::read_only};
        std::erase_if(plan.setup, [](const auto& planned) {
            return std::holds_alternative<MakeDirectory>(planned.step) || std::holds_alternative<MakeFile>(planned.step);
        });
        const auto ended = launch(plan, as);
        umount2((host.path() + "/below").c_str(), MNT_DETACH);
        REQUIRE_LAUNCHED(ended);
        CHECK(ended["write /below/new"] == "errno 30");
        CHECK(ended["write /new"] == "errno 30");
    }
}

TEST_CASE("root maps a range of ids, and a helper does for an ordinary user") {
    for (const As as : {As::user, As::root}) {
        if (!requires_sandbox(as) || getuid() != 0) return;
        auto plan = closed_plan(as, {"ids"});
        std::erase_if(plan.attach, [](const auto& planned) { return !std::holds_alternative<SetLink>(planned.step); });
        const bool helped = as == As::user;
        const std::uint32_t first = helped ? subordinate_ids("/etc/subuid") : 100000, first_group = helped ? subordinate_ids("/etc/subgid") : 100000;
        plan.attach.insert(plan.attach.begin(), {MapIds{IdKind::gid, {{0, first_group, 65536}}, helped ? "/usr/bin/newgidmap" : ""}, {}});
        plan.attach.insert(plan.attach.begin(), {MapIds{IdKind::uid, {{0, first, 65536}}, helped ? "/usr/bin/newuidmap" : ""}, {}});
        find<BecomeBuilder>(plan) = {0, 0};
        insert_before<SetIds>(plan, SetGroups{{5, 7}});
        const auto ended = launch(plan, as);
        REQUIRE_LAUNCHED(ended);
        CHECK(ended["uid"] == "1000");
        CHECK(ended["groups"] == "2");
    }
}

TEST_CASE("a namespace is joined, and new ones are made in it") {
    if (!requires_sandbox(As::root)) return;
    auto plan = closed_plan(As::root, {"process", "ids"});
    plan.clone.joins = {{Namespace::ipc, "/proc/self/ns/ipc", {}}};
    std::erase(plan.clone.namespaces, Namespace::ipc);
    const auto ended = launch(plan, As::root);
    REQUIRE_LAUNCHED(ended);
    CHECK(ended["pid"] == "2");
    CHECK(ended["hostname"] == "inside");
}

TEST_CASE("something that is no namespace of the kind is not joined") {
    auto plan = closed_plan(As::user, {"ids"});
    plan.clone.joins = {{Namespace::net, "/proc/self/ns/ipc", {}}};
    CHECK(launch(plan, As::user).what == "/proc/self/ns/ipc is not a net namespace");
    plan.clone.joins = {{Namespace::net, "/proc/self/status", {}}};
    CHECK(launch(plan, As::user).what == "/proc/self/status is not a namespace");
}

TEST_CASE("a namespace that cannot be joined is told with what to do, in place too") {
    if (!requires_sandbox(As::user)) return;
    for (const bool in_place : {false, true}) {
        auto plan = bare_plan(As::user, {}, {"ids"});
        plan.clone.in_place = in_place;
        plan.exec.init = !in_place;
        plan.clone.joins = {{Namespace::user, "/proc/self/ns/user", {}}};
        auto ended = launch(plan, As::user);
        CHECK(ended.what == "join the user namespace /proc/self/ns/user: Invalid argument (EINVAL)");
        CHECK(ended.help == "nsrun is in that user namespace already: leave join.user out");
        plan.clone.joins = {{Namespace::net, "/proc/self/ns/net", {}}};
        ended = launch(plan, As::user);
        CHECK(ended.what == "join the net namespace /proc/self/ns/net: Operation not permitted (EPERM)");
        CHECK(ended.help == "a namespace can be joined by the owner of its user namespace: join.user that too");
    }
}

TEST_CASE("nsrun itself becomes the command in place") {
    if (!requires_sandbox(As::user)) return;
    auto plan = closed_plan(As::user, {"ids", "process", "path", "/", "exit", "7"});
    plan.clone.in_place = true;
    plan.exec.init = false;
    std::erase(plan.clone.namespaces, Namespace::pid);
    std::erase_if(plan.setup, [](const auto& planned) { return std::holds_alternative<MountKernelFs>(planned.step); });
    pid_t launcher = 0;
    const auto ended = launch(plan, As::user, [&](pid_t pid) { launcher = pid; });
    INFO(ended.what << ended.output);
    CHECK(ended["pid"] == std::to_string(launcher));
    CHECK(ended["uid"] == "1000");
    CHECK(ended["path /"] == "ro,nosuid,nodev");
}

TEST_CASE("in place, a map that is refused is told") {
    if (!requires_sandbox(As::user)) return;
    auto plan = bare_plan(As::user, {Namespace::user}, {"ids"});
    plan.clone.in_place = true;
    plan.exec.init = false;
    std::get<MapIds>(plan.attach[1].step).ranges = {{0, 0, 10}};
    const auto ended = launch(plan, As::user);
    CHECK_FALSE(ended.launched);
    CHECK(ended.what == "write uid_map of the sandbox: Operation not permitted (EPERM)");
    CHECK(ended.output.empty());
}

TEST_CASE("two thousand binds are attached") {
    if (!requires_sandbox(As::user)) return;
    auto plan = closed_plan(As::user, {"list", "/many", "descriptors"});
    insert_before<SetReadOnly>(plan, MakeDirectory{"/many", FileMode{0755}, 1000, 1000});
    for (int index = 0; index < 2000; ++index) {
        const auto place = "/many/" + std::to_string(index);
        insert_before<SetReadOnly>(plan, MakeDirectory{place, FileMode{0755}, 1000, 1000});
        insert_before<SetReadOnly>(plan, bind_step("/usr/share", place, Access::read_only));
    }
    const auto ended = launch(plan, As::user);
    REQUIRE_LAUNCHED(ended);
    CHECK(ended["count /many"] == "2000");
    CHECK(ended["descriptors"] == "0 1 2 ");
}
