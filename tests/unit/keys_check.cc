#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nsrun/nsrun.h>

#include <string>

namespace {

using namespace nsrun;

/// A place in the text number `source`.
Span line(std::uint32_t number, std::uint32_t source = 0) {
    return {source, number, 1, number, 5};
}

std::string problems(const Profile& profile) {
    Diagnostics diagnostics;
    check(profile, diagnostics);
    std::string text;
    for (const auto& problem : diagnostics.list()) {
        text += fmt::format("{}: {}: {} [{}] {}\n", problem.at.line, spelling(problem.severity), problem.message,
                            spelling(problem.code), problem.help);
    }
    return text;
}

/// A profile that lists these namespaces from line 3 on.
Profile listing(std::initializer_list<Namespace> kinds) {
    Profile profile;
    profile.namespaces.clear();
    profile.namespaces_at = line(3);
    for (const Namespace kind : kinds) profile.namespaces.push_back({kind, line(3)});
    return profile;
}

MountRule mount_of(MountType type) {
    MountRule mount;
    mount.at = line(5);
    mount.type = {type, line(6)};
    mount.target = {{"/x"}, line(7)};
    return mount;
}

}  // namespace

TEST_CASE("the default profile checks clean") {
    CHECK(problems(Profile{}) == "");
}

TEST_CASE("names of the host need a uts namespace") {
    Profile profile = listing({Namespace::user, Namespace::mount, Namespace::net});
    profile.hostname = {"x", line(7)};
    profile.domainname = {"y", line(8)};
    CHECK(problems(profile) ==
          "7: error: a hostname needs its own uts namespace [needs-namespace] add \"uts\" to namespaces\n"
          "8: error: a domainname needs its own uts namespace [needs-namespace] add \"uts\" to namespaces\n");
}

TEST_CASE("a network mode needs a net namespace") {
    Profile profile = listing({Namespace::user, Namespace::mount});
    CHECK(problems(profile) ==
          "3: error: network.mode = \"loopback\" needs its own net namespace [needs-namespace] add \"net\" to "
          "namespaces, or write network.mode = \"host\"\n");
    profile.network.mode = {NetworkMode::host, line(9)};
    CHECK(problems(profile) == "");
}

TEST_CASE("host network beside a listed net namespace is a conflict in one text and an answer in the next") {
    Profile profile = listing({Namespace::user, Namespace::mount, Namespace::net});
    profile.network.mode = {NetworkMode::host, line(9)};
    CHECK(
        problems(profile) ==
        "9: error: network.mode = \"host\" and \"net\" in namespaces (line 3) contradict each other [conflict] remove "
        "\"net\" from namespaces to share the host's network\n");
    profile.network.mode.at.source = 1;
    CHECK(problems(profile) == "");
}

TEST_CASE("a namespace is joined or made") {
    Profile profile = listing({Namespace::user, Namespace::mount, Namespace::net, Namespace::ipc});
    profile.join.ipc = {"/proc/1/ns/ipc", line(9)};
    CHECK(problems(profile) ==
          "9: error: join.ipc and \"ipc\" in namespaces (line 3) contradict each other [conflict] remove \"ipc\" from "
          "namespaces to join, or remove the join\n");
    Profile unwritten;
    unwritten.join.ipc = {"/proc/1/ns/ipc", line(9)};
    CHECK(problems(unwritten) == "");
}

TEST_CASE("a joined network takes no mode") {
    Profile profile;
    profile.join.net = {"/run/netns/x", line(4)};
    profile.network.mode = {NetworkMode::none, line(9)};
    CHECK(problems(profile) ==
          "9: error: network.mode = \"none\" and join.net contradict each other [conflict] remove one of the two\n");
}

TEST_CASE("a pod has a user namespace of its own") {
    Profile profile = listing({Namespace::mount, Namespace::net});
    profile.network.mode = {NetworkMode::pod, line(9)};
    CHECK(problems(profile) ==
          "9: error: network.mode = \"pod\" needs a user namespace, the pod's [needs-namespace] add \"user\" to namespaces\n");
    profile = {};
    profile.network.mode = {NetworkMode::pod, line(9)};
    profile.join.user = {"/proc/1/ns/user", line(4)};
    CHECK(problems(profile) ==
          "4: error: join.user and network.mode = \"pod\" contradict each other: a pod has its own [conflict] remove one of "
          "the two\n");
}

TEST_CASE("keys of a pod go with its mode, and an address with one's own") {
    Profile profile;
    profile.network.pod.address = {"10.88.0.5", line(9)};
    CHECK(problems(profile) ==
          "9: error: network.pod.address has no meaning with network.mode = \"loopback\" [conflict] write mode = \"pod\", or "
          "remove it\n");
    profile.network.mode = {NetworkMode::pod, line(8)};
    CHECK(problems(profile) == "");
    profile.network.pod.share = {PodShare::net, line(10)};
    CHECK(problems(profile) ==
          "9: error: with share = \"net\" no sandbox of a pod has an address of its own [conflict] remove it, or write share = "
          "\"addresses\"\n");
}

TEST_CASE("ids need a user namespace") {
    Profile profile = listing({Namespace::mount, Namespace::net});
    profile.ids.map = {IdMapping::root, line(8)};
    CHECK(problems(profile) ==
          "8: error: ids.map needs its own user namespace [needs-namespace] add \"user\" to namespaces\n");
}

TEST_CASE("explicit maps need ranges, and ranges need the explicit map") {
    Profile profile;
    profile.ids.map = {IdMapping::explicit_, line(8)};
    profile.ids.uid_map = {{{0, 100000, 10}, line(9)}};
    CHECK(problems(profile) ==
          "8: error: map = \"explicit\" without gid-map [missing-key] add gid-map = [{ inside = 0, outside = 100000, "
          "count = 65536 }]\n");
    profile.ids.map = {IdMapping::self, line(8)};
    CHECK(problems(profile) ==
          "9: error: uid-map has no meaning with map = \"self\" [conflict] write map = \"explicit\"\n");
}

TEST_CASE("ranges overlap on neither side and end where ids end") {
    Profile profile;
    profile.ids.map = {IdMapping::explicit_, line(8)};
    profile.ids.gid_map = {{{0, 100000, 10}, line(9)}};
    profile.ids.uid_map = {{{10, 200000, 10}, line(10)}, {{0, 100000, 11}, line(11)}};
    CHECK(problems(profile) ==
          "10: error: inside ids 10 to 19 overlap those of line 11, 0 to 10 [overlapping-ids] move one of the two, or "
          "lower its count\n");
    profile.ids.uid_map = {{{0, 100000, 10}, line(10)}, {{50, 100009, 5}, line(11)}};
    CHECK(problems(profile) ==
          "11: error: outside ids 100009 to 100013 overlap those of line 10, 100000 to 100009 [overlapping-ids] move "
          "one of the two, or lower its count\n");
    profile.ids.uid_map = {{{0, 4294967290, 6}, line(10)}};
    CHECK(problems(profile) ==
          "10: error: 6 ids from 4294967290 exceed the last id, 4294967294 [out-of-range] lower count to 5\n");
    profile.ids.uid_map = {{{0, 4294967290, 5}, line(10)}};
    CHECK(problems(profile) == "");
}

TEST_CASE("more than 340 ranges are refused") {
    Profile profile;
    profile.ids.map = {IdMapping::explicit_, line(8)};
    profile.ids.gid_map = {{{0, 100000, 10}, line(9)}};
    for (std::uint32_t i = 0; i < 341; ++i) profile.ids.uid_map.push_back({{i, 100000 + i, 1}, line(10 + i)});
    CHECK(
        problems(profile) ==
        "350: error: uid-map has 341 ranges, the kernel takes 340 [out-of-range] join neighbouring ranges into one\n");
}

TEST_CASE("the command's ids exist inside") {
    Profile profile;
    profile.ids.uid = {33, line(9)};
    profile.ids.map = {IdMapping::root, line(8)};
    CHECK(problems(profile) ==
          "9: error: uid 33 does not exist inside: map = \"root\" does not map it [unmapped-id] write map = \"range\", "
          "which maps 0 to 65535\n");
    profile.ids.map = {IdMapping::range, line(8)};
    CHECK(problems(profile) == "");
    profile.ids.uid = {65536, line(9)};
    CHECK(problems(profile) ==
          "9: error: uid 65536 does not exist inside: map = \"range\" does not map it [unmapped-id] write an id below "
          "65536\n");
}

TEST_CASE("run-as is for runs without a user namespace") {
    Profile profile;
    profile.ids.run_as = {"www-data", line(9)};
    CHECK(
        problems(profile) ==
        "9: error: run-as names a user of the host, but the sandbox has a user namespace [conflict] write uid and gid "
        "instead, or remove \"user\" from namespaces\n");
    profile = listing({Namespace::mount, Namespace::net});
    profile.ids.run_as = {"www-data", line(9)};
    CHECK(problems(profile) == "");
    profile.ids.uid = {33, line(10)};
    CHECK(problems(profile) ==
          "10: error: uid and run-as (line 9) contradict each other [conflict] keep one of the two\n");
}

TEST_CASE("ambient capabilities are among the capabilities") {
    Profile profile;
    profile.security.capabilities = {{"CAP_CHOWN", line(8)}};
    profile.security.ambient = {{"chown", line(9)}, {"kill", line(10)}};
    CHECK(problems(profile) ==
          "10: error: 'kill' is ambient but not among capabilities [conflict] add \"kill\" to capabilities\n");
}

TEST_CASE("what nsrun must watch needs a process that watches") {
    Profile profile = listing({Namespace::user, Namespace::mount, Namespace::net});
    profile.process.init = {false, line(7)};
    CHECK(problems(profile) == "");
    profile.limits.time = {{std::chrono::seconds(5)}, line(8)};
    CHECK(
        problems(profile) ==
        "8: error: limits.time needs a process of nsrun that watches the command [needs-init] remove init = false, or "
        "add \"pid\" to namespaces\n");
}

TEST_CASE("waiting for the last process needs nsrun's init") {
    Profile profile;
    profile.process.init = {false, line(7)};
    profile.process.on_exit = {OnExit::wait, line(8)};
    CHECK(problems(profile) ==
          "8: error: on-exit = \"wait\" needs nsrun's init: the kernel ends a pid namespace with its first process "
          "[needs-init] remove init = false\n");
}

TEST_CASE("only a pid namespace ends with the command") {
    Profile profile = listing({Namespace::user, Namespace::net});
    CHECK(problems(profile) == "");
    profile.process.on_exit = {OnExit::kill, line(8)};
    CHECK(problems(profile) ==
          "8: error: on-exit = \"kill\" needs its own pid namespace: the kernel ends one as a whole [needs-namespace] "
          "add \"pid\" to namespaces, or write on-exit = \"wait\"\n");
    profile.process.on_exit.value = OnExit::wait;
    CHECK(problems(profile) == "");
}

TEST_CASE("rules about files need a mount namespace") {
    Profile profile = listing({Namespace::user, Namespace::net});
    profile.filesystem.home = {Home::host, line(8)};
    profile.filesystem.ro = {{{false, "/srv", ""}, line(9)}};
    profile.mounts.push_back(mount_of(MountType::tmpfs));
    CHECK(problems(profile) ==
          "8: error: filesystem.home needs its own mount namespace [needs-namespace] add \"mount\" to namespaces\n"
          "9: error: filesystem.ro needs its own mount namespace [needs-namespace] add \"mount\" to namespaces\n"
          "5: error: a [[mount]] needs its own mount namespace [needs-namespace] add \"mount\" to namespaces\n");
}

TEST_CASE("a mount takes the keys of its type") {
    Profile profile;
    MountRule mount = mount_of(MountType::bind);
    mount.source = {{"/srv"}, line(8)};
    mount.size = {{1024}, line(9)};
    profile.mounts.push_back(mount);
    CHECK(problems(profile) == "9: error: size has no meaning for a bind [conflict] remove it; it belongs to: tmpfs\n");
}

TEST_CASE("a mount has the keys that its type needs") {
    Profile profile;
    profile.mounts.push_back(mount_of(MountType::bind));
    profile.mounts.push_back(mount_of(MountType::overlay));
    MountRule tmpfs = mount_of(MountType::tmpfs);
    tmpfs.target = {};
    profile.mounts.push_back(tmpfs);
    CHECK(problems(profile) ==
          "5: error: a bind needs 'source' [missing-key] add source = \"/...\"\n"
          "5: error: an overlay needs 'lower' [missing-key] add lower = [\"/...\"]\n"
          "5: error: a tmpfs needs 'target' [missing-key] add target = \"/...\"\n");
}

TEST_CASE("a source is a path, what a link says is not") {
    Profile profile;
    MountRule bind = mount_of(MountType::bind);
    bind.source = {{"srv"}, line(8)};
    profile.mounts = {bind};
    CHECK(problems(profile) == "8: error: 'srv' is not absolute [bad-path] write \"${CWD}/srv\" or \"~/srv\"\n");
    profile.mounts[0].type.value = MountType::symlink;
    CHECK(problems(profile) == "");
}

TEST_CASE("options about access times exclude each other") {
    Profile profile;
    MountRule mount = mount_of(MountType::tmpfs);
    mount.options = {{MountOption::noatime, line(8)}, {MountOption::strictatime, line(9)}};
    profile.mounts = {mount};
    CHECK(problems(profile) ==
          "9: error: noatime and strictatime contradict each other [conflict] keep one of the two\n");
}

TEST_CASE("lists of places inside take no target, and devices are below /dev") {
    Profile profile;
    profile.filesystem.hide = {{{false, "/a", "/b"}, line(8)}};
    profile.filesystem.devices = {{{false, "/srv", ""}, line(9)}};
    CHECK(problems(profile) ==
          "8: error: hide takes a path inside, without ':TARGET' [bad-path] write \"/b\"\n"
          "9: error: '/srv' is not below /dev [bad-path] write other paths in ro or rw\n");
}

TEST_CASE("the rootfs goes with its base") {
    Profile profile;
    profile.filesystem.base = {Base::rootfs, line(8)};
    CHECK(problems(profile) ==
          "8: error: base = \"rootfs\" without rootfs [missing-key] add rootfs = \"/srv/images/alpine\"\n");
    profile.filesystem.base = {Base::host, line(8)};
    profile.filesystem.rootfs = {{"/srv"}, line(9)};
    CHECK(problems(profile) ==
          "9: warning: rootfs has no effect with base = \"host\" [conflict] write base = \"rootfs\"\n");
}

TEST_CASE("a umask is made of permission bits") {
    Profile profile;
    profile.command.umask = {{01777}, line(8)};
    CHECK(problems(profile) == "8: error: a umask has no bits above 0777 [out-of-range] write umask = \"0027\"\n");
}

TEST_CASE("arguments without a program have no effect") {
    Profile profile;
    profile.command.args = {{"-v", line(8)}};
    CHECK(
        problems(profile) ==
        "8: warning: args without exec has no effect: a command line brings its own arguments [conflict] write exec as "
        "well\n");
}
