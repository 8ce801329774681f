#include <doctest/doctest.h>

#include "cli/parse.h"

using namespace nsrun::cli;

namespace {

CommandLine parsed(std::vector<std::string_view> words) {
    auto line = parse(std::move(words));
    REQUIRE_MESSAGE(line, (line ? "" : line.error().message));
    return *std::move(line);
}

Usage refused(std::vector<std::string_view> words) {
    auto line = parse(std::move(words));
    REQUIRE(!line);
    return line.error();
}

using Words = std::vector<std::string_view>;

}  // namespace

TEST_CASE("the first word is the command when it is no verb") {
    const auto line = parsed({"firefox", "--new-instance", "-v"});
    CHECK(line.verb == Verb::run);
    CHECK(line.words == Words{"firefox", "--new-instance", "-v"});
    CHECK(!line.verbose);
}

TEST_CASE("the first word is a verb only when it is exactly one") {
    CHECK(parsed({"plan", "ls"}).verb == Verb::plan);
    CHECK(parsed({"plans", "ls"}).words == Words{"plans", "ls"});
    CHECK(parsed({"-v", "plan", "--explain", "ls", "-l"}).words == Words{"ls", "-l"});
}

TEST_CASE("a program called like a verb runs after two dashes or after run") {
    CHECK(parsed({"--", "plan"}).words == Words{"plan"});
    CHECK(parsed({"--", "plan"}).verb == Verb::run);
    CHECK(parsed({"run", "plan"}).words == Words{"plan"});
    CHECK(parsed({"run", "plan"}).verb == Verb::run);
    CHECK(parsed({"plan", "--", "plan", "--"}).words == Words{"plan", "--"});
}

TEST_CASE("options end at the command") {
    const auto line = parsed({"-p", "shell", "sh", "-p", "x"});
    CHECK(line.profiles == Words{"shell"});
    CHECK(line.words == Words{"sh", "-p", "x"});
}

TEST_CASE("options of verbs without a command may follow their arguments") {
    const auto line = parsed({"check", "a.toml", "--format", "json", "b.toml"});
    CHECK(line.format == Format::json);
    CHECK(line.words == Words{"a.toml", "b.toml"});
}

TEST_CASE("layers keep their order") {
    const auto line = parsed({"--ro", "/a", "-sname=x", "--rw=/b:/c", "-e", "A=b=c", "--net", "none", "true"});
    CHECK(line.flags == std::vector<Flag>{{Option::ro, "/a"},
                                          {Option::set, "name=x"},
                                          {Option::rw, "/b:/c"},
                                          {Option::env, "A=b=c"},
                                          {Option::net, "none"}});
}

TEST_CASE("letters may be joined, the last one with its argument") {
    const auto line = parsed({"-vqpshell", "true"});
    CHECK(line.verbose);
    CHECK(line.quiet);
    CHECK(line.profiles == Words{"shell"});
}

TEST_CASE("a group of verbs needs its second word") {
    CHECK(parsed({"profile", "list"}).verb == Verb::profile_list);
    CHECK(refused({"profile"}).message == "'profile' needs one of list, show, path, new");
    CHECK(refused({"profile", "shwo"}) == Usage{"'shwo' is not a verb of profile", "did you mean 'profile show'?"});
}

TEST_CASE("an empty word is a command, and no verb") {
    CHECK(parsed({"", "list"}).verb == Verb::run);
    CHECK(parsed({"", "list"}).words == Words{"", "list"});
}

TEST_CASE("a misspelt option is answered with the nearest") {
    CHECK(refused({"--porfile", "x"}) == Usage{"unknown option '--porfile'", "did you mean '--profile'?"});
    CHECK(refused({"-Z"}).message == "unknown option '-Z'");
}

TEST_CASE("control characters of the command line are escaped") {
    CHECK(refused({"--\x1b[2J"}).message == "unknown option '--\\x1B[2J'");
}

TEST_CASE("an option that the verb does not take is refused") {
    CHECK(refused({"check", "--ro", "/a", "x"}).message == "'--ro' does not go with 'check'");
    CHECK(refused({"--dry-run", "profile", "list"}).message == "'--dry-run' does not go with 'profile list'");
}

TEST_CASE("arguments of options are looked at") {
    CHECK(refused({"--net", "loopbak", "x"}) ==
          Usage{"'loopbak' of '--net' is not one of none, loopback, host, user, private, pod, join", "did you mean 'loopback'?"});
    CHECK(refused({"--status-fd", "-1", "x"}).message ==
          "'--status-fd' needs the number of an open descriptor, found '-1'");
    CHECK(refused({"-p"}).message == "'-p' needs NAME|FILE");
    CHECK(refused({"--quiet=yes"}).message == "'--quiet' takes no value");
    CHECK(refused({"-s", "name"}).message == "'-s' needs KEY=VALUE, found 'name'");
}

TEST_CASE("the number of arguments is checked") {
    CHECK(refused({"check"}).message == "'check' needs a PROFILE");
    CHECK(refused({"version", "2"}).message == "'2' is one argument too many for 'version'");
    CHECK(refused({"profile", "new"}).message == "'profile new' needs a NAME");
}

TEST_CASE("help and version win over what is missing") {
    CHECK(parsed({"check", "--help"}).help);
    CHECK(parsed({"--version"}).verb == Verb::version);
}
