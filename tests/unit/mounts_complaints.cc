#include "mounts_fixture.h"

#include <doctest/doctest.h>

using namespace nsrun;

namespace {

/// What a profile without a base complains about.
template <class Change>
std::string complaints(Change change) {
    FakeHost host;
    host.bare();
    change(host);
    (void)host.plan();
    return host.complaints();
}

}  // namespace

TEST_CASE("two verbs for one path are an error that names both lines") {
    CHECK(complaints([](FakeHost& host) {
              host.profile.filesystem.ro = {FakeHost::rule("/srv", 14)};
              host.profile.filesystem.rw = {FakeHost::rule("/srv", 22)};
          }) == "22: error: /srv is both read-only (line 14) and read-write here | keep one of the two\n");
}

TEST_CASE("a path below a file is an error") {
    CHECK(complaints([](FakeHost& host) {
              host.profile.filesystem.ro = {FakeHost::rule("/srv/file", 1)};
              host.profile.filesystem.tmpfs = {FakeHost::rule("/srv/file/x", 2)};
          }) == "2: error: /srv/file/x lies below /srv/file, which is no directory (line 1) | keep one of the two\n");
}

TEST_CASE("a missing source is an error with a way out, and silent when it is optional") {
    const auto with = [](bool optional) {
        return complaints([&](FakeHost& host) {
            host.absent("/nowhere");
            host.profile.filesystem.ro = {FakeHost::rule("/nowhere", 2, {}, optional)};
        });
    };
    CHECK(with(false) == "2: error: /nowhere does not exist | create it, or write \"-/nowhere\" to run without it\n");
    CHECK(with(true) == "");
}

TEST_CASE("nothing is created in the host's tree") {
    CHECK(complaints([](FakeHost& host) {
              host.absent("/srv/new");
              host.profile.filesystem.ro = {FakeHost::rule("/srv", 1)};
              host.profile.filesystem.tmpfs = {FakeHost::rule("/srv/new", 2)};
          }) ==
          "2: error: /srv/new does not exist: /srv shows the host's /srv, where nothing is created | "
          "create /srv/new on the host\n");
}

TEST_CASE("a rule that an outer one contains is a warning") {
    CHECK(complaints([](FakeHost& host) {
              host.profile.filesystem.ro = {FakeHost::rule("/srv", 1), FakeHost::rule("/srv/data", 2)};
          }) == "2: warning: /srv/data is already part of /srv (line 1) | remove it: it changes nothing\n");
}

TEST_CASE("a /proc needs a pid namespace") {
    CHECK(complaints([](FakeHost& host) {
              FakeHost::write(host.profile.filesystem.proc, Proc::private_, 4);
              std::erase_if(host.profile.namespaces, [](const auto& each) { return *each == Namespace::pid; });
          }) ==
          "4: error: a /proc of the sandbox's own processes needs its own pid namespace | add \"pid\" to namespaces, "
          "or write proc = \"none\"; ro = [\"/proc\"] shows the host's processes\n");
}

TEST_CASE("the configuration itself cannot be made writable") {
    CHECK(complaints([](FakeHost& host) { host.profile.filesystem.rw = {FakeHost::rule("~/.config/nsrun", 3)}; }) ==
          "3: error: the sandbox could write /home/ada/.config/nsrun, which decides about the sandbox | "
          "make it read-only, or name a narrower directory\n");
}

TEST_CASE("a link that leads to the configuration cannot be replaced") {
    CHECK(complaints([](FakeHost& host) {
              host.link("/home/ada/.config", "dotfiles", "/home/ada/dotfiles");
              host.link("/home/ada/.config/nsrun", "", "/home/ada/dotfiles/nsrun");
              FakeHost::write(host.profile.filesystem.home, Home::host, 1);
          })
              .starts_with(
                  "1: error: /home/ada/.config/nsrun goes through a symbolic link that the sandbox could replace"));
}

TEST_CASE("a directory that happens to be the home is not shown by accident") {
    CHECK(complaints([](FakeHost& host) {
              host.facts.context.caller.cwd = "/home/ada";
              FakeHost::write(host.profile.filesystem.cwd, Cwd::rw, 5);
          }) ==
          "5: error: the current directory is /home/ada, which filesystem.home decides | "
          "run it from another directory, or add --set filesystem.cwd=none\n");
}

TEST_CASE("paths that a text cannot decide are refused") {
    CHECK(complaints([](FakeHost& host) {
              host.profile.filesystem.ro = {FakeHost::rule("/srv/../etc", 1), FakeHost::rule("srv", 2),
                                            FakeHost::rule("/", 3)};
          }) ==
          "1: error: '/srv/../etc' goes up with '..' | write the path that is meant: what '..' leads to depends on "
          "symbolic links\n"
          "2: error: 'srv' is not an absolute path | begin it with '/', '~/' or './'\n"
          "3: error: '/' is what filesystem.base decides, no rule of its own | write base = \"host-ro\" to see the "
          "host's files read-only\n");
}

TEST_CASE("owner-map needs privilege outside") {
    CHECK(complaints([](FakeHost& host) {
              MountRule rule{.at = FakeHost::line(1)};
              FakeHost::write(rule.source, Path{"/srv"}, 2);
              FakeHost::write(rule.owner_map, true, 3);
              host.profile.mounts = {rule};
          }) == "3: error: owner-map needs CAP_SYS_ADMIN on the host | run nsrun as root, or remove owner-map\n");
}

TEST_CASE("rules about files need a mount namespace") {
    CHECK(complaints([](FakeHost& host) {
              host.profile.namespaces = {{Namespace::user, {}}};
              host.profile.filesystem.ro = {FakeHost::rule("/srv", 7)};
          }) == "7: error: rules about files need their own mount namespace | add \"mount\" to namespaces\n");
}
