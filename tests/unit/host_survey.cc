#include "host/accounts.h"
#include "base/pattern.h"
#include "host/glob.h"
#include "host/paths.h"
#include "host/tool.h"
#include "temporary.h"

#include <base/file.h>
#include <doctest/doctest.h>
#include <nsrun/nsrun.h>

#include <cerrno>

using namespace nsrun;

namespace {

using Paths = std::vector<std::string>;

Paths globbed(const std::string& pattern) {
    auto found = expand_glob(pattern);
    REQUIRE(found);
    return *found;
}

/// Runs with one environment variable set, and puts the old one back.
struct Variable {
    Variable(const char* variable, const char* value) : name(variable) {
        if (const char* before = ::getenv(variable)) old = before, was_set = true;
        value ? ::setenv(variable, value, 1) : ::unsetenv(variable);
    }
    ~Variable() { was_set ? ::setenv(name, old.c_str(), 1) : ::unsetenv(name); }
    const char* name;
    std::string old;
    bool was_set = false;
};

}  // namespace

TEST_CASE("a file is read whole, up to its limit") {
    TemporaryDirectory there;
    const auto file = there.write("x", std::string(10'000, 'a'));
    CHECK(read_file(file, 10'000).value() == std::string(10'000, 'a'));
    CHECK(read_file(file, 9'999).error().code == EFBIG);
    CHECK(read_file(there.path, 100).error().code == EISDIR);
    CHECK(read_file("/dev/null", 100).error().code == EINVAL);
    CHECK(read_file("/proc/self/status", 100'000).value().starts_with("Name:"));
    CHECK(to_text(read_file(there.path + "/y", 1).error()) ==
          "open " + there.path + "/y: No such file or directory (ENOENT)");
}

TEST_CASE("a new file never replaces one") {
    TemporaryDirectory there;
    REQUIRE(write_new_file(there.path + "/x", "text"));
    CHECK(read_file(there.path + "/x", 10).value() == "text");
    CHECK(write_new_file(there.path + "/x", "other").error().code == EEXIST);
}

TEST_CASE("lines of passwd that are no accounts are passed over") {
    CHECK(parse_user("ada:x:1001:1002:Ada L:/home/ada:/bin/zsh") ==
          Account{1001, "ada", 1002, "/home/ada", "/bin/zsh", "Ada L"});
    for (const auto line : {"", "ada:x:1001:1002:Ada:/home/ada", "+::::::", "ada:x:-1:0:::", "ada:x:4294967295:0:::",
                            "ada:x:99999999999:0:::", "ada:x: 1:0:::", ":x:1:1:::"}) {
        CAPTURE(line);
        CHECK(!parse_user(line));
    }
    CHECK(parse_group("tools:x:50:ada,bob")->id == 50);
    CHECK(!parse_group("tools:x:"));
}

TEST_CASE("subordinate ranges are found by name and by id, and must fit") {
    const auto text = "ada:100000:65536\nbob:1:1\n1001:300000:10\nada:4294967290:10\nada:5:0\nada:x:1\n";
    CHECK(parse_subordinate(text, "ada", 1001) == std::vector<SubordinateRange>{{100000, 65536}, {300000, 10}});
    CHECK(parse_subordinate(text, "eve", 7).empty());
}

TEST_CASE("accounts are found by id and by name, and unknown ones are not") {
    Accounts users(Accounts::Kind::users);
    CHECK(users.with_id(0)->name == "root");
    CHECK(users.named("root")->home == "/root");
    CHECK(!users.with_id(3'999'999'999));
    CHECK(!users.named("no-such-user-here"));
    CHECK(!users.named("-s"));
    CHECK(!users.named("0"));
}

TEST_CASE("a tool's answer is what it prints; failing and hanging are errors") {
    CHECK(ask_tool({"/bin/sh", "-c", "echo $LC_ALL-$HOME"}).value() == "C-\n");
    CHECK(ask_tool({"/bin/sh", "-c", "exit 3"}).error().code == ECHILD);
    CHECK(ask_tool({"/nowhere/tool"}).error().code == ENOENT);
    CHECK(ask_tool({"/bin/sleep", "100"}, std::chrono::milliseconds{50}).error().code == ETIMEDOUT);
}

TEST_CASE("names match patterns") {
    CHECK(matches("*.toml", "a.toml"));
    CHECK(!matches("*.toml", "a.tom"));
    CHECK(matches("a?c", "abc"));
    CHECK(matches("[a-c]x", "bx"));
    CHECK(!matches("[!a-c]x", "bx"));
    CHECK(matches("[]x]", "]"));
    CHECK(matches("[", "["));
    CHECK(matches("\\*", "*"));
    CHECK(!matches("\\*", "x"));
    CHECK(!matches(std::string(2000, '*') + "b", std::string(2000, 'a')));
}

TEST_CASE("a pattern finds paths in byte order and leaves hidden ones alone") {
    TemporaryDirectory there;
    for (const auto* name : {"b/2", "b/1", "a/x/1", ".h/1", "a/.1"}) there.write(name, "");
    there.link("l", there.path + "/a");
    const auto& p = there.path;
    CHECK(globbed(p + "/*") == Paths{p + "/a", p + "/b", p + "/l"});
    CHECK(globbed(p + "/*/1") == Paths{p + "/b/1"});
    CHECK(globbed(p + "/.*/1") == Paths{p + "/.h/1"});
    CHECK(globbed(p + "/**/1") == Paths{p + "/a/x/1", p + "/b/1"});
    CHECK(globbed(p + "/**") == Paths{p + "/a", p + "/a/x", p + "/a/x/1", p + "/b", p + "/b/1", p + "/b/2", p + "/l"});
    CHECK(globbed(p + "/l/*") == Paths{p + "/l/x"});
    CHECK(globbed(p + "/[ab]/[12]") == Paths{p + "/b/1", p + "/b/2"});
    CHECK(globbed(p + "/nothing*").empty());
}

TEST_CASE("too many matches are an error, not a shorter list") {
    TemporaryDirectory there;
    for (int i = 0; i < 10'001; ++i) {
        (void)::close(::open((there.path + "/" + std::to_string(i)).c_str(), O_CREAT | O_WRONLY, 0600));
    }
    const auto found = expand_glob(there.path + "/*");
    REQUIRE(!found);
    CHECK(found.error() == Error{E2BIG, "more than 10000 paths match", ""});
    Wanted wanted;
    wanted.globs = {there.path + "/*"};
    const auto facts = survey(wanted, Context{});
    REQUIRE(facts);
    CHECK(facts->wide_globs.at(there.path + "/*") == "more than 10000 paths match");
    CHECK(facts->globs.empty());
}

TEST_CASE("a path's fact follows links and says where they lead") {
    TemporaryDirectory there;
    const auto file = there.write("d/file", "", 0640);
    there.write("d/tool", "", 0755);
    there.link("link", "d/file");
    there.link("dir", "d");
    there.link("dangling", "nowhere");
    there.link("loop", "loop");
    there.link("d/up", "../d/tool");
    there.link("odd", "dir/../d/file");
    const auto& p = there.path;
    PathReader reader;

    const auto plain = reader.fact(file);
    CHECK(plain.kind == PathKind::file);
    CHECK(plain.mode == 0640);
    CHECK(plain.uid == ::geteuid());
    CHECK(plain.real == file);
    CHECK(plain.link.empty());
    CHECK(!plain.executable);
    CHECK(reader.fact(p + "/d/tool").executable);
    CHECK(reader.fact(p + "/link").real == file);
    CHECK(reader.fact(p + "/link").link == "d/file");
    CHECK(reader.fact(p + "/dir/file").real == file);
    CHECK(reader.fact(p + "/dir/file").link.empty());
    CHECK(reader.fact(p + "/dir").kind == PathKind::directory);
    CHECK(reader.fact(p + "/dir/up").real == p + "/d/tool");
    CHECK(reader.fact(p + "/odd").real == file);
    CHECK(reader.fact(p + "/d/../link").real == file);
    CHECK(reader.fact(p + "/dangling").kind == PathKind::absent);
    CHECK(reader.fact(p + "/dangling").link == "nowhere");
    CHECK(reader.fact(p + "/dangling").real.empty());
    CHECK(reader.fact(p + "/loop").kind == PathKind::absent);
    CHECK(reader.fact(p + "/link/x").kind == PathKind::absent);
    CHECK(reader.fact(p + "/" + std::string(5000, 'x')).kind == PathKind::absent);
    CHECK(reader.fact("/").real == "/");
    CHECK(reader.fact("/").kind == PathKind::directory);
    CHECK(reader.fact("/dev/null").kind == PathKind::character_device);
    CHECK(reader.fact("/proc").in_mount_of_its_own);
    CHECK(reader.fact("relative").kind == PathKind::absent);
}

TEST_CASE("what cannot be looked at is denied, not absent") {
    if (::geteuid() == 0) return;  // root is denied nothing
    TemporaryDirectory there;
    const auto file = there.write("d/file", "");
    ::chmod((there.path + "/d").c_str(), 0);
    CHECK(PathReader().fact(file).kind == PathKind::denied);
    ::chmod((there.path + "/d").c_str(), 0700);
}

TEST_CASE("the context knows the caller and its directories") {
    TemporaryDirectory there;
    there.write(
        "config/user-dirs.dirs",
        "# comment\nXDG_DOWNLOAD_DIR=\"$HOME/Loads\"\nXDG_MUSIC_DIR=\"/srv/music/\"\nXDG_VIDEOS_DIR=\"$HOME/\"\n"
        "XDG_DESKTOP_DIR=\"relative\"\n");
    const Variable home("HOME", "/home/of/ada/");
    const Variable config("XDG_CONFIG_HOME", (there.path + "/config").c_str());
    const Variable data("XDG_DATA_HOME", "relative");
    const Variable runtime("XDG_RUNTIME_DIR", nullptr);
    const auto context = survey_context("web@blue");
    REQUIRE(context);
    CHECK(context->caller.uid == ::geteuid());
    CHECK(context->caller.home == "/home/of/ada");
    CHECK(context->config_home == there.path + "/config");
    CHECK(context->data_home == "/home/of/ada/.local/share");
    CHECK(context->runtime_dir == "/run/user/" + std::to_string(::geteuid()));
    CHECK(context->name == "web");
    CHECK(context->instance == "blue");
    CHECK(context->kernel >= Version{5, 14});
    CHECK(context->caller.cwd == std::filesystem::current_path());
    const auto directory = [&](std::string_view name) {
        for (const auto& [key, path] : context->user_dirs) {
            if (key == name) return path;
        }
        return std::string("none");
    };
    CHECK(directory("DOWNLOADS") == "/home/of/ada/Loads");
    CHECK(directory("MUSIC") == "/srv/music");
    // The home itself means "none": a profile that names it must not get everything.
    CHECK(directory("VIDEOS") == "/home/of/ada/Videos");
    CHECK(directory("DESKTOP") == "/home/of/ada/Desktop");
}

TEST_CASE("a home that is not absolute is the database's") {
    const Variable home("HOME", "relative");
    const auto context = survey_context("");
    REQUIRE(context);
    CHECK(context->caller.home.starts_with('/'));
}

TEST_CASE("questions of conditions are answered; a facility that is none stays open") {
    Context context;
    answer({{Question::Kind::exists, "/proc"},
            {Question::Kind::exists, "/no/such"},
            {Question::Kind::exists, "proc"},
            {Question::Kind::has, "seccomp"},
            {Question::Kind::has, "no-such-facility"}},
           context);
    CHECK(context.exists ==
          std::vector<std::pair<std::string, bool>>{{"/proc", true}, {"/no/such", false}, {"proc", false}});
    REQUIRE(context.has.size() == 1);
    CHECK(context.has[0].first == "seccomp");
}

TEST_CASE("a survey reads what is wanted") {
    TemporaryDirectory there;
    const auto file = there.write("a.txt", "content");
    Wanted wanted;
    wanted.paths = {file, there.path + "/none"};
    wanted.globs = {there.path + "/*.txt"};
    wanted.texts = {file, there.path + "/none"};
    wanted.users = {"root", "root", "no-such-user"};
    wanted.group_ids = {0};
    const auto facts = survey(wanted, Context{});
    REQUIRE(facts);
    CHECK(facts->path(file)->kind == PathKind::file);
    CHECK(facts->path(there.path + "/none")->kind == PathKind::absent);
    CHECK(facts->path("/other") == nullptr);
    CHECK(facts->globs.at(there.path + "/*.txt") == Paths{file});
    CHECK(facts->wide_globs.empty());
    CHECK(facts->texts.size() == 1);
    CHECK(facts->texts.at(file) == "content");
    CHECK(facts->users.size() == 1);
    CHECK(facts->groups.at(0).name == "root");
    CHECK(facts->subuid.empty());
    CHECK(facts->last_capability >= 40);
    CHECK(std::to_string(facts->last_capability) + "\n" == read_file("/proc/sys/kernel/cap_last_cap", 100).value());
    CHECK(facts->namespaces.size() == 8);
    CHECK(!facts->machine.empty());
}
