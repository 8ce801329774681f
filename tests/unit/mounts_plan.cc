#include "mounts_fixture.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>

using namespace nsrun;

TEST_CASE("the default is the system, an empty home and nothing else") {
    FakeHost host;
    CHECK(host.tree() ==
          "link /bin -> usr/bin\n"
          "dir /dev 1000\n"
          "tmpfs /dev 755 1000\n"
          "link /dev/fd -> /proc/self/fd\n"
          "file /dev/full empty\n"
          "ro /dev/full /dev/full file\n"
          "file /dev/null empty\n"
          "ro /dev/null /dev/null file\n"
          "link /dev/ptmx -> pts/ptmx\n"
          "dir /dev/pts 1000\n"
          "devpts /dev/pts\n"
          "file /dev/random empty\n"
          "ro /dev/random /dev/random file\n"
          "dir /dev/shm 1000\n"
          "tmpfs /dev/shm 1777 1000\n"
          "link /dev/stderr -> /proc/self/fd/2\n"
          "link /dev/stdin -> /proc/self/fd/0\n"
          "link /dev/stdout -> /proc/self/fd/1\n"
          "file /dev/tty empty\n"
          "ro /dev/tty /dev/tty file\n"
          "file /dev/urandom empty\n"
          "ro /dev/urandom /dev/urandom file\n"
          "file /dev/zero empty\n"
          "ro /dev/zero /dev/zero file\n"
          "dir /etc 1000\n"
          "file /etc/group\n"
          "file /etc/hostname\n"
          "file /etc/hosts\n"
          "file /etc/ld.so.cache empty\n"
          "ro /etc/ld.so.cache /etc/ld.so.cache file\n"
          "link /etc/localtime -> /usr/share/zoneinfo/UTC\n"
          "file /etc/machine-id\n"
          "file /etc/nsswitch.conf\n"
          "link /etc/os-release -> ../usr/lib/os-release\n"
          "file /etc/passwd\n"
          "dir /etc/ssl 1000\n"
          "ro /etc/ssl /etc/ssl\n"
          "dir /home 1000\n"
          "dir /home/ada 1000\n"
          "tmpfs /home/ada 700 1000\n"
          "link /lib -> usr/lib\n"
          "link /lib64 -> usr/lib64\n"
          "dir /proc 1000\n"
          "proc /proc\n"
          "dir /run 1000\n"
          "dir /run/lock 1000\n"
          "link /sbin -> usr/sbin\n"
          "dir /tmp 1000\n"
          "tmpfs /tmp 1777 1000\n"
          "dir /usr 1000\n"
          "ro /usr /usr\n"
          "dir /var 1000\n"
          "link /var/lock -> ../run/lock\n"
          "link /var/run -> ../run\n"
          "link /var/tmp -> ../tmp\n");
    CHECK(host.complaints() == "");
}

TEST_CASE("rules appear parents first, with the directories they need") {
    FakeHost host;
    host.bare().profile.filesystem.ro = {FakeHost::rule("/srv/data/sub", 3), FakeHost::rule("/usr", 2)};
    CHECK(host.tree() ==
          "dir /srv 1000\ndir /srv/data 1000\ndir /srv/data/sub 1000\nro /srv/data/sub /srv/data/sub\n"
          "dir /usr 1000\nro /usr /usr\n");
}

TEST_CASE("the most specific path wins") {
    FakeHost host;
    host.bare().profile.filesystem.ro = {FakeHost::rule("/srv/data", 2)};
    host.profile.filesystem.rw = {FakeHost::rule("/srv/data/sub", 1)};
    host.profile.filesystem.hide = {FakeHost::rule("/srv", 3)};
    CHECK(host.tree() == "dir /srv 1000\ndir /srv/data 1000\nro /srv/data /srv/data\nrw /srv/data/sub /srv/data/sub\n");
}

TEST_CASE("what shows inside of a hidden directory keeps the rest hidden") {
    FakeHost host;
    host.bare().profile.filesystem.ro = {FakeHost::rule("/srv", 1), FakeHost::rule("/srv/data/sub", 2)};
    host.profile.filesystem.hide = {FakeHost::rule("/srv/data", 3)};
    CHECK(host.tree() ==
          "dir /srv 1000\nro /srv /srv\ntmpfs /srv/data 755 1000\n"
          "dir /srv/data/sub 1000\nro /srv/data/sub /srv/data/sub\nset-ro /srv/data\n");
}

TEST_CASE("a private home makes the mount points in it, once") {
    FakeHost host;
    host.bare();
    FakeHost::write(host.profile.filesystem.home, Home::private_, 1);
    host.profile.filesystem.rw = {FakeHost::rule("~/work", 2)};
    const std::string anchor = "/home/ada/.local/share", home = anchor + "/nsrun/homes/web";
    host.absent(home);
    host.absent(home + "/work");
    const std::string rest = "rw /home/ada/work /home/ada/work\n";
    CHECK(host.tree() ==
          "dir /home 1000\ndir /home/ada 1000\nrw " + home + " /home/ada beneath " + anchor + "\ndir /home/ada/work 1000\n" + rest);
    CHECK(host.plan().prepare == std::vector<Planned<ParentStep>>{{MakeHostDirectory{home, anchor, 1000, 1000}, FakeHost::line(1)}});
    host.directory(home + "/work");
    CHECK(host.tree() == "dir /home 1000\ndir /home/ada 1000\nrw " + home + " /home/ada beneath " + anchor + "\n" + rest);
    CHECK(host.complaints() == "");
}

TEST_CASE("directories of nsrun's own are opened beneath the outermost place that a link could be planted in") {
    FakeHost host;
    host.bare().profile.filesystem.state = {{"web", FakeHost::line(1)}, {"web/sessions", FakeHost::line(2)}};
    const std::string state = "/home/ada/.local/state";
    CHECK(host.tree().find("rw " + state + "/nsrun/web /var/lib/web beneath " + state + "\n") != std::string::npos);
    CHECK(host.tree().find("/var/lib/web/sessions beneath " + state + "\n") != std::string::npos);
    host.profile.filesystem.rw = {FakeHost::rule("/home/ada", 3)};
    CHECK(host.tree().find("rw " + state + "/nsrun/web /var/lib/web beneath /home/ada\n") != std::string::npos);
    CHECK(host.tree().find("/var/lib/web/sessions beneath /home/ada\n") != std::string::npos);
}

TEST_CASE("a file of the profile never changes a file of the host") {
    FakeHost host;
    host.profile.filesystem.base.value = Base::host_ro;
    host.profile.filesystem.files = {{{"/etc/passwd", FakeHost::line(1)}, {"x\n", {}}}};
    CHECK(host.tree().find("file /etc/passwd over\n") != std::string::npos);
    CHECK(host.complaints() == "");
    for (const auto& planned : host.plan().steps) {
        const auto* file = std::get_if<MakeFile>(&planned.step);
        if (file && file->over) CHECK(file->uid == 1000);  // who makes it: nobody else is mapped
    }
}

TEST_CASE("a root of the host's is read-only from the start") {
    FakeHost host;
    host.profile.filesystem.base.value = Base::host_ro;
    const auto steps = host.plan().steps;
    REQUIRE(steps.size() > 3);
    CHECK(std::get<MountRoot>(steps[1].step) == MountRoot{"/", Access::read_only});
    CHECK(std::get<SetReadOnly>(steps.back().step) == SetReadOnly{"/", false});
}

TEST_CASE("a source in a place that the sandbox can write is opened beneath it") {
    FakeHost host;
    host.bare().profile.filesystem.rw = {FakeHost::rule("/srv", 1)};
    host.profile.filesystem.ro = {FakeHost::rule("/srv/data", 2)};
    CHECK(host.tree() == "dir /srv 1000\nrw /srv /srv\nro /srv/data /srv/data beneath /srv\n");
    host.link("/srv/data", "/etc/ssl", "/etc/ssl");
    (void)host.plan();
    CHECK(host.complaints() ==
          "2: error: /srv/data leads out of /srv, which the sandbox can write, to /etc/ssl | "
          "name /etc/ssl itself, if that is meant\n");
}

TEST_CASE("the layers of an overlay are named by where they are, and do not lead out of what the sandbox can write") {
    FakeHost host;
    host.bare().profile.filesystem.overlay = {FakeHost::rule("/bin", 1)};
    CHECK(host.tree() == "dir /bin 1000\noverlay /usr/bin /bin\n");
    host.profile.filesystem.rw = {FakeHost::rule("/srv", 2)};
    host.profile.filesystem.overlay = {FakeHost::rule("/srv/data", 3)};
    host.link("/srv/data", "/etc/ssl", "/etc/ssl");
    (void)host.plan();
    CHECK(host.complaints() ==
          "3: error: /srv/data leads out of /srv, which the sandbox can write, to /etc/ssl | "
          "name /etc/ssl itself, if that is meant\n");
}

TEST_CASE("with the host's home, the configuration is read-only and cannot be moved away") {
    FakeHost host;
    host.bare();
    FakeHost::write(host.profile.filesystem.home, Home::host, 1);
    CHECK(host.tree() ==
          "dir /home 1000\ndir /home/ada 1000\nrw /home/ada /home/ada\n"
          "rw /home/ada/.config /home/ada/.config beneath /home/ada\n"
          "ro /home/ada/.config/nsrun /home/ada/.config/nsrun beneath /home/ada\n"
          "rw /home/ada/.local /home/ada/.local beneath /home/ada\n"
          "rw /home/ada/.local/share /home/ada/.local/share beneath /home/ada\n"
          "ro /home/ada/.local/share/nsrun /home/ada/.local/share/nsrun beneath /home/ada\n");
}

TEST_CASE("no directory is made for a drop-in that is not there: where it could be made is read-only") {
    FakeHost host;
    host.bare();
    host.profile.filesystem.rw = {FakeHost::rule("/srv/site", 1)};
    host.command.drop_ins = {"/srv/site/profiles/web.toml.d"};
    for (const auto* path : {"/srv", "/srv/site", "/srv/site/profiles"}) host.directory(path);
    host.absent("/srv/site/profiles/web.toml.d");
    CHECK(host.tree() ==
          "dir /srv 1000\ndir /srv/site 1000\nrw /srv/site /srv/site\n"
          "ro /srv/site/profiles /srv/site/profiles beneath /srv/site\n");
    CHECK(host.plan().prepare.empty());
    CHECK(host.complaints() == "");
}

TEST_CASE("links that the plan makes lead targets, and rules replace nsrun's own") {
    FakeHost host;
    host.profile.filesystem.tmpfs = {FakeHost::rule("/var/run/web", 1)};
    host.profile.filesystem.rw = {FakeHost::rule("/srv/data", 2, "/var/tmp")};
    const std::string tree = host.tree();
    CHECK(tree.find("dir /run/web 1000\ntmpfs /run/web 755 1000\n") != std::string::npos);
    CHECK(tree.find("rw /srv/data /var/tmp\n") != std::string::npos);
    CHECK(tree.find("link /var/tmp") == std::string::npos);
    CHECK(tree.find("link /var/run -> ../run\n") != std::string::npos);
}

TEST_CASE("a rule at /etc replaces all of nsrun's own /etc") {
    FakeHost host;
    host.profile.filesystem.ro = {FakeHost::rule("/etc", 1)};
    const std::string tree = host.tree();
    CHECK(tree.find("ro /etc /etc\n") != std::string::npos);
    CHECK(tree.find("/etc/passwd") == std::string::npos);
}

TEST_CASE("the order of the rules changes nothing") {
    FakeHost host;
    auto& fs = host.profile.filesystem;
    fs.ro = {FakeHost::rule("/srv", 1), FakeHost::rule("/srv/data/sub", 2), FakeHost::rule("/etc", 3),
             FakeHost::rule("/srv", 4), FakeHost::rule("/usr/share", 5)};
    fs.rw = {FakeHost::rule("/srv/data", 6), FakeHost::rule("~/work", 7), FakeHost::rule("/srv/file", 8, "/var/run/x")};
    fs.symlinks = {{{"/data", FakeHost::line(9)}, {"srv/data", {}}}};
    const std::string tree = host.tree();
    std::mt19937 random(1);
    for (int round = 0; round < 50; ++round) {
        std::ranges::shuffle(fs.ro, random);
        std::ranges::shuffle(fs.rw, random);
        REQUIRE(host.tree() == tree);
    }
}

TEST_CASE("the files of /etc name the sandbox's users and hosts only") {
    FakeHost host;
    host.profile.network.hosts = {{{"db", FakeHost::line(1)}, {"10.0.0.2", {}}}};
    const auto content = [&](std::string_view path) {
        for (const auto& planned : host.plan().steps) {
            if (const auto* file = std::get_if<MakeFile>(&planned.step); file && file->path == path)
                return file->content;
        }
        return std::string("none");
    };
    CHECK(content("/etc/passwd") ==
          "ada:x:1000:1000::/home/ada:/bin/bash\n"
          "nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\n");
    CHECK(content("/etc/group") == "ada:x:1000:\nnogroup:x:65534:\n");
    host.identity.home = "/home/ada\nroot2:x:0:0::/";
    CHECK(content("/etc/passwd").starts_with("ada:x:1000:1000::/:/bin/bash\nnobody:"));
    host.identity.home = "/home/ada";
    CHECK(content("/etc/hosts") ==
          "10.0.0.2 db\n127.0.0.1 localhost web\n::1 localhost ip6-localhost ip6-loopback web\n");
    CHECK(content("/etc/machine-id").size() == 33);
    CHECK(content("/etc/resolv.conf") == "none");
}

TEST_CASE("where the host's root is inside, every procfs is closed to it") {
    FakeHost host;
    host.bare();
    host.directory("/proc/sys");
    host.file("/proc/sysrq-trigger");
    host.file("/proc/kcore");
    auto& row = host.profile.mounts.emplace_back();
    row.at = FakeHost::line(1);
    FakeHost::write(row.type, MountType::proc, 1);
    FakeHost::write(row.target, Path{"/other"}, 1);
    CHECK(host.tree() == "dir /other 1000\nproc /other\n");
    host.identity.host_root_inside = true;
    CHECK(host.tree() ==
          "dir /other 1000\nproc /other\nmask file /other/kcore\nro /proc/sys /other/sys\n"
          "ro /proc/sysrq-trigger /other/sysrq-trigger file\n");
    host.profile.mounts.clear();
    host.profile.filesystem.rw = {FakeHost::rule("/proc", 1, "/outside")};
    CHECK(host.tree().find("ro /proc/sys /outside/sys") != std::string::npos);
    CHECK(host.complaints() == "");
}

TEST_CASE("a survey is asked for what planning looks at") {
    FakeHost host;
    host.bare().profile.filesystem.ro = {FakeHost::rule("/srv/data", 1), FakeHost::rule("/opt/*", 2)};
    Wanted wanted;
    want_mounts(host.profile, host.command, host.facts.context, wanted);
    using Set = std::set<std::string>;
    CHECK(Set(wanted.paths.begin(), wanted.paths.end()) == Set{"/srv/data"});
    CHECK(Set(wanted.globs.begin(), wanted.globs.end()) == Set{"/opt/*"});
}

TEST_CASE("the view says what shows where") {
    using Kind = View::Place::Kind;
    FakeHost host;
    host.profile.filesystem.rw = {FakeHost::rule("/srv/data", 1)};
    const MountPlan plan = host.plan();
    const View view(plan.steps);
    CHECK(view.at("/bin/sh") == View::Place{Kind::host, "/usr/bin/sh", Access::read_only});
    CHECK(view.at("/srv/data/x") == View::Place{Kind::host, "/srv/data/x", Access::read_write});
    CHECK(view.at("/srv/file").kind == Kind::absent);
    CHECK(view.at("/etc/passwd").kind == Kind::own);
    CHECK(view.at("/proc/self").kind == Kind::own);
    CHECK(view.at("/home/ada/work").kind == Kind::absent);
}
