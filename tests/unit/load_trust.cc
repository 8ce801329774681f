#include "load/trust.h"
#include "temporary.h"

#include <doctest/doctest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>

using namespace nsrun;

namespace {

/// Opens as a caller of that uid; the objection as one text, or "trusted".
std::string verdict(const std::string& path, std::uint32_t uid, const TemporaryDirectory& there) {
    Caller caller;
    caller.uid = uid;
    const auto file = open_trusted(path, path, caller);
    std::string text = file ? "trusted" : file.error().message + " | " + file.error().help;
    for (auto at = text.find(there.path); at != text.npos; at = text.find(there.path)) {
        text.replace(at, there.path.size(), "@");
    }
    return text;
}

}  // namespace

TEST_CASE("a user trusts files of its own and of root that not everybody can write") {
    TemporaryDirectory there;
    const auto file = there.write("a.toml", "");
    const auto me = ::geteuid() == 0 ? 1001 : ::geteuid();
    CHECK(verdict(file, me, there) == "trusted");
    CHECK(verdict("/etc/passwd", me, there) == "trusted");
    ::chmod(file.c_str(), 0664);
    CHECK(verdict(file, me, there) == "trusted");
    ::chmod(file.c_str(), 0646);
    CHECK(verdict(file, me, there) == "@/a.toml can be changed by others: its mode is 0646 | chmod o-w @/a.toml");
}

TEST_CASE("a file's real path is known") {
    TemporaryDirectory there;
    const auto file = there.write("a.toml", "");
    Caller caller;
    caller.uid = ::geteuid();
    CHECK(open_trusted(there.link("link.toml", "a.toml"), "x", caller)->real == file);
}

TEST_CASE("what is no regular file is refused without waiting for it") {
    TemporaryDirectory there;
    const auto fifo = there.path + "/fifo.toml";
    REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    CHECK(verdict(fifo, ::geteuid(), there) ==
          "@/fifo.toml is not a regular file | write the profile into a file, and name that");
    CHECK(verdict(std::string("a\0b", 3), ::geteuid(), there) == "a path cannot hold a NUL byte | ");
}

TEST_CASE("root trusts what only root can change") {
    TemporaryDirectory there;
    if (::geteuid() != 0) {
        const auto text = verdict(there.write("a.toml", ""), 0, there);
        CHECK(text == "@/a.toml can be changed by others than root: the directory @ belongs to uid " +
                          std::to_string(::geteuid()) + " | move it to /etc/nsrun/profiles");
        return;
    }
    const auto file = there.write("d/a.toml", "");
    CHECK(verdict(file, 0, there) == "trusted");
    CHECK(verdict(there.path + "/d/../d/./a.toml", 0, there) == "trusted");
    CHECK(verdict(there.link("link.toml", "d/a.toml"), 0, there) == "trusted");
    CHECK(verdict(there.link("loop.toml", "loop.toml"), 0, there) ==
          "cannot read @/loop.toml: Too many levels of symbolic links (ELOOP) | a symbolic link leads back to itself: name the file");

    SUBCASE("not a file of somebody else") {
        ::chown(file.c_str(), 1001, 0);
        CHECK(
            verdict(file, 0, there) ==
            "@/d/a.toml can be changed by others than root: it belongs to uid 1001 | as root: chown root: @/d/a.toml");
        CHECK(verdict(file, 1002, there) ==
              "@/d/a.toml can be changed by others: it belongs to uid 1001 | copy it to a directory of your own, and "
              "read it before you use it");
    }
    SUBCASE("not a file that a group can write") {
        ::chmod(file.c_str(), 0664);
        CHECK(verdict(file, 0, there) ==
              "@/d/a.toml can be changed by others than root: its mode is 0664 | chmod go-w @/d/a.toml");
    }
    SUBCASE("not in a directory of somebody else") {
        ::chown((there.path + "/d").c_str(), 1001, 0);
        CHECK(verdict(file, 0, there) ==
              "@/d/a.toml can be changed by others than root: the directory @/d belongs to uid 1001 | move it to "
              "/etc/nsrun/profiles");
        CHECK(verdict(there.path + "/link.toml", 0, there) ==
              "@/link.toml can be changed by others than root: the directory @/d belongs to uid 1001 | move it to "
              "/etc/nsrun/profiles");
    }
    SUBCASE("not in a directory that others can write") {
        ::chmod((there.path + "/d").c_str(), 0777);
        CHECK(verdict(file, 0, there) ==
              "@/d/a.toml can be changed by others than root: the directory @/d has mode 0777 | move it to "
              "/etc/nsrun/profiles");
    }
    SUBCASE("not directly in a sticky directory, nor through another's link in one") {
        ::chmod((there.path + "/d").c_str(), 01777);
        CHECK(verdict(file, 0, there) ==
              "@/d/a.toml can be changed by others than root: the directory @/d is open to everybody | move it to "
              "/etc/nsrun/profiles");
        there.write("safe/b.toml", "");
        const auto link = there.link("d/b.toml", "../safe/b.toml");
        CHECK(verdict(link, 0, there) == "trusted");
        REQUIRE(::lchown(link.c_str(), 1001, 1001) == 0);
        CHECK(verdict(link, 0, there) ==
              "@/d/b.toml can be changed by others than root: the directory @/d has a link on the way that belongs to "
              "uid 1001 | move it to /etc/nsrun/profiles");
    }
}

namespace {

/// What `ask` says in a new user namespace with this map; as root.
bool in_namespace(const char* map, const std::function<bool()>& ask) {
    int made[2], mapped[2];
    REQUIRE(::pipe(made) == 0);
    REQUIRE(::pipe(mapped) == 0);
    const pid_t child = ::fork();
    char byte = 0;
    if (child == 0) {
        if (::unshare(CLONE_NEWUSER) != 0 || ::write(made[1], &byte, 1) != 1 || ::read(mapped[0], &byte, 1) != 1) ::_exit(2);
        ::_exit(ask() ? 1 : 0);
    }
    CHECK(::read(made[0], &byte, 1) == 1);
    std::ofstream("/proc/" + std::to_string(child) + "/uid_map") << map;
    CHECK(::write(mapped[1], &byte, 1) == 1);
    int status = 0;
    ::waitpid(child, &status, 0);
    REQUIRE(WEXITSTATUS(status) < 2);
    return WEXITSTATUS(status) == 1;
}

}  // namespace

TEST_CASE("in a user namespace nobody is root where it has no nobody of its own") {
    if (::geteuid() != 0) return;
    TemporaryDirectory there;
    const auto file = there.write("a.toml", "");
    REQUIRE(::chown(file.c_str(), 65534, 65534) == 0);
    const auto trusted = [&] { return verdict(file, 0, there) == "trusted"; };
    CHECK_FALSE(trusted());
    CHECK_FALSE(in_namespace("0 0 65536", trusted));
    CHECK(in_namespace("0 0 1", trusted));
}
