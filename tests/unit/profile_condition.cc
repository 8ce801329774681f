#include "profile/condition.h"

#include <doctest/doctest.h>
#include <nsrun/facilities.h>

#include <string>

using namespace nsrun;

namespace {

Context context() {
    Context facts;
    facts.caller.uid = 1000;
    facts.caller.home = "/home/ada";
    facts.environment = {"DISPLAY=:0", "EMPTY="};
    facts.instance = "x";
    facts.kernel = {6, 7};
    facts.exists = {{"/dev/dri", true}, {"/home/ada/.ssh", true}, {"/none", false}};
    facts.has = {{"landlock", true}};
    return facts;
}

/// "yes", "no", or the first diagnostic as "column-end: message".
std::string decided(std::string_view expression) {
    Diagnostics diagnostics;
    std::vector<Question> asked;
    const auto width = static_cast<std::uint32_t>(expression.size());
    const auto holds = condition(expression, {0, 1, 1, 1, width + 1}, context(), asked, diagnostics);
    CHECK(holds.has_value() == diagnostics.empty());
    if (holds) return *holds ? "yes" : "no";
    CHECK(diagnostics.list().size() == 1);
    CHECK_FALSE(diagnostics.list()[0].help.empty());
    const auto& first = diagnostics.list()[0];
    return fmt::format("{}-{}: {}", first.at.column, first.at.end_column, first.message);
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += text;
    return all;
}

std::string applied(std::string_view text, Diagnostics& diagnostics) {
    Document settled = apply_conditions(parse_toml(text, 0, diagnostics), context(), diagnostics);
    return to_json({std::move(settled), {}}, -1);
}

}  // namespace

TEST_CASE("each question is answered from the context") {
    CHECK(decided("env(DISPLAY)") == "yes");
    CHECK(decided("env(EMPTY)") == "no");
    CHECK(decided("env(NONE)") == "no");
    CHECK(decided("env(DISPLAY) == \":0\"") == "yes");
    CHECK(decided("env(DISPLAY)!=':0'") == "no");
    CHECK(decided("env(NONE) == ''") == "yes");
    CHECK(decided("exists(/dev/dri)") == "yes");
    CHECK(decided("exists( \"/dev/dri\" )") == "yes");
    CHECK(decided("exists(~/.ssh)") == "yes");
    CHECK(decided("exists(${HOME}/.ssh)") == "yes");
    CHECK(decided("exists(/none) or exists(/unasked)") == "no");
    CHECK(decided("has(landlock)") == "yes");
    CHECK(decided("has(cgroup2)") == "no");
    CHECK(decided("uid == 0") == "no");
    CHECK(decided("uid >= 1000") == "yes");
    CHECK(decided("instance == \"x\"") == "yes");
    CHECK(decided("instance != 'x'") == "no");
}

TEST_CASE("kernels compare by number") {
    CHECK(decided("kernel >= 6.7") == "yes");
    CHECK(decided("kernel >= 6.10") == "no");
    CHECK(decided("kernel > 5") == "yes");
    CHECK(decided("kernel<6.7") == "no");
    CHECK(decided("kernel <= 6.7") == "yes");
    CHECK(decided("kernel != 6.7") == "no");
    CHECK(decided("kernel == 6.7") == "yes");
}

TEST_CASE("not binds before and, and before or") {
    CHECK(decided("not uid == 0 and uid == 1000") == "yes");
    CHECK(decided("uid == 1000 or uid == 0 and uid == 0") == "yes");
    CHECK(decided("(uid == 1000 or uid == 0) and uid == 0") == "no");
    CHECK(decided("not (uid == 1000 or uid == 0)") == "no");
    CHECK(decided("not not uid == 1000") == "yes");
}

TEST_CASE("mistakes are shown under the word") {
    CHECK(decided("exist(/a)") ==
          "1-6: expected a question such as env(X), exists(PATH), has(FACILITY), kernel, uid or instance, found 'exist'");
    CHECK(decided("uid = 0") == "5-6: expected ==, !=, >=, <=, > or <, found '='");
    CHECK(decided("uid == root") == "8-12: expected a user id such as 0, found 'root'");
    CHECK(decided("uid == 99999999999") == "8-19: expected a user id such as 0, found '99999999999'");
    CHECK(decided("kernel >= 6.7.1") == "11-16: expected a kernel version such as 6.7, found '6.7.1'");
    CHECK(decided("kernel >= ") == "11-11: expected a kernel version such as 6.7, found the end");
    CHECK(decided("instance > \"x\"") == "10-11: expected == or !=, found '>'");
    CHECK(decided("instance == x") == "13-14: expected a text in quotes, found 'x'");
    CHECK(decided("has(landlok)") == "5-12: unknown facility 'landlok'");
    CHECK(decided("has()") == "5-6: expected the name of a facility, found ')'");
    CHECK(decided("env()") == "5-6: expected the name of an environment variable, found ')'");
    CHECK(decided("exists(a)") == "8-9: 'a' is not an absolute path");
    CHECK(decided("exists(${HOEM}/x)") == "8-15: unknown variable 'HOEM'");
    CHECK(decided("(uid == 0").ends_with("expected \")\", found the end"));
    CHECK(decided("uid == 0)") == "9-10: expected \"and\", \"or\" or the end, found ')'");
    CHECK(decided("uid == 0 uid == 1") == "10-13: expected \"and\", \"or\" or the end, found 'uid'");
    CHECK(decided("").ends_with("found the end"));
    CHECK(decided("and").ends_with("found 'and'"));
}

TEST_CASE("nesting has an end") {
    CHECK(decided(repeated("(", 63) + "uid==0" + repeated(")", 63)) == "no");
    CHECK(decided(repeated("(", 100000)).ends_with("a condition nests deeper than 64 levels"));
    CHECK(decided(repeated("not ", 100000)).ends_with("a condition nests deeper than 64 levels"));
    CHECK(decided(repeated("uid==0 or ", 10000) + "uid==1000") == "yes");
}

TEST_CASE("the questions of all sections are asked once") {
    Diagnostics diagnostics;
    const Document document = parse_toml(
        "[when.'exists(~/a) or has(landlock)'.network]\nmode='host'\n[when.'uid == 0 and has(landlock)']\n"
        "[when.'env(X)'.when.'exists(/b)']\n[when.'nonsense']\n",
        0, diagnostics);
    REQUIRE(diagnostics.empty());
    CHECK(questions(document, context()) ==
          std::vector<Question>{{Question::Kind::exists, "/home/ada/a"}, {Question::Kind::has, "landlock"},
                                {Question::Kind::exists, "/b"}});
    CHECK(questions({}, context()).empty());
}

TEST_CASE("sections that hold are laid over the text, and all are removed") {
    Diagnostics diagnostics;
    CHECK(applied("hostname = 'a'\n[network]\nmode = 'none'\n[when.'uid == 1000'.network]\nmode = 'host'\n"
                  "[when.'uid == 0']\nhostname = 'root'\n[when.'uid == 1000'.when.'has(landlock)']\nhostname = 'b'",
                  diagnostics) == R"({"hostname":"b","network":{"mode":"host"}})");
    CHECK(diagnostics.empty());
    CHECK(applied("filesystem.rw = ['/a']\n[when.'uid > 0']\nreset = ['filesystem.rw']", diagnostics) ==
          R"({"filesystem":{},"reset":["filesystem.rw"]})");
    CHECK(diagnostics.empty());
}

TEST_CASE("mistakes in conditions are diagnostics with the place inside the key") {
    Diagnostics diagnostics;
    (void)applied("[when.\"uid == x\"]\n[when]\nb = 1\n", diagnostics);
    CHECK(diagnostics.list().size() >= 1);
    diagnostics = {};
    (void)applied("[when.\"uid == 1 xor uid == 2\".network]\nmode = 'host'", diagnostics);
    REQUIRE(diagnostics.list().size() == 1);
    CHECK(diagnostics.list()[0].code == Code::bad_condition);
    CHECK(diagnostics.list()[0].at == Span{0, 1, 17, 1, 20});
    diagnostics = {};
    (void)applied("when = 1", diagnostics);
    REQUIRE(diagnostics.list().size() == 1);
    CHECK(diagnostics.list()[0].code == Code::wrong_type);
    diagnostics = {};
    (void)applied("when.'uid == 0' = 1", diagnostics);
    REQUIRE(diagnostics.list().size() == 1);
    CHECK(diagnostics.list()[0].code == Code::wrong_type);
}

TEST_CASE("a section that does not hold must still be made of keys") {
    Diagnostics diagnostics;
    (void)applied("[when.'uid == 0'.network]\nmood = 'host'", diagnostics);
    REQUIRE(diagnostics.list().size() == 1);
    CHECK(diagnostics.list()[0].code == Code::unknown_key);
}
