#include <doctest/doctest.h>
#include <nsrun/nsrun.h>

#include "profile/span.h"
#include "profile/variables.h"

#include <string>

using namespace nsrun;

namespace {

Context context() {
    Context facts;
    facts.caller.uid = 1000;
    facts.caller.gid = 100;
    facts.caller.name = "ada";
    facts.caller.home = "/home/ada";
    facts.caller.cwd = "/srv";
    facts.environment = {"FOO=foo", "EMPTY=", "DOLLAR=${HOME}"};
    facts.name = "browser";
    facts.runtime_dir = "/run/user/1000";
    facts.config_home = "/home/ada/.config";
    facts.user_dirs = {{"DOWNLOADS", "/home/ada/Downloads"}};
    return facts;
}

/// The expanded document as JSON, or all diagnostics, "line:column-end: message" each.
std::string expanded(std::string_view text) {
    Diagnostics diagnostics;
    Document document = parse_toml(text, 0, diagnostics);
    REQUIRE(diagnostics.empty());
    document = expand(std::move(document), context(), diagnostics);
    if (diagnostics.empty()) return to_json({std::move(document), {}}, -1);
    std::string all;
    for (const auto& each : diagnostics.list()) {
        CHECK_FALSE(each.help.empty());
        all += fmt::format("{}:{}-{}: {}\n", each.at.line, each.at.column, each.at.end_column, each.message);
    }
    return all;
}

std::string first_help(std::string_view text) {
    Diagnostics diagnostics;
    (void)expand(parse_toml(text, 0, diagnostics), context(), diagnostics);
    REQUIRE_FALSE(diagnostics.empty());
    return diagnostics.list().front().help;
}

}  // namespace

TEST_CASE("variables become their values") {
    CHECK(expanded("a = '${HOME}/x:${CWD}'\nb = ['${USER} ${UID} ${GID}']\nc.d = '${NAME}'") ==
          R"({"a":"/home/ada/x:/srv","b":["ada 1000 100"],"c":{"d":"browser"}})");
    CHECK(expanded("a = '${RUNTIME_DIR}'\nb = '${CONFIG_HOME}'\nc = '${DOWNLOADS}'") ==
          R"({"a":"/run/user/1000","b":"/home/ada/.config","c":"/home/ada/Downloads"})");
    CHECK(expanded("a = 1\nb = [true, {c = '${UID}'}]") == R"({"a":1,"b":[true,{"c":"1000"}]})");
}

TEST_CASE("a dollar sign before anything else stays, two are one") {
    CHECK(expanded("a = '$HOME $ 5$ $$ $${HOME} $$$${X}'") == R"({"a":"$HOME $ 5$ $ ${HOME} $${X}"})");
}

TEST_CASE("keys are expanded too, and stay different") {
    CHECK(expanded("[filesystem.files]\n'${HOME}/.rc' = 'x'") == R"({"filesystem":{"files":{"/home/ada/.rc":"x"}}})");
    CHECK(expanded("[f]\n'/home/ada' = '1'\n'${HOME}' = '2'") == "3:1-10: '/home/ada' is written twice\n");
}

TEST_CASE("environment variables, with defaults") {
    CHECK(expanded("a = '${env:FOO} ${env:FOO:-x} ${env:NONE:-x} ${env:EMPTY:-x} ${env:EMPTY}.'") ==
          R"({"a":"foo foo x x ."})");
    CHECK(expanded("a = '${env:NONE:-${HOME}/b}${env:NONE:-}'") == R"({"a":"/home/ada/b"})");
    CHECK(expanded("a = '${env:DOLLAR}'") == R"({"a":"${HOME}"})");
    CHECK(expanded("a = '${env:NONE}'") == "1:6-17: the environment variable 'NONE' is not set\n");
    CHECK(expanded("a = '${env:}'") == "1:6-13: '' cannot be the name of an environment variable\n");
}

TEST_CASE("the user's own variables, through each other, are texts or lists") {
    CHECK(expanded("a = '${vars.x}/${vars.y}'\n[vars]\nx = '${vars.y}/1'\ny = '${UID}'") == R"({"a":"1000/1/1000"})");
    CHECK(expanded("a = ['/a', '${vars.l}', '${vars.x}']\n[vars]\nl = ['/b', '${vars.m}']\nm = ['/c', '${HOME}']\nx = '/x'") ==
          R"({"a":["/a","/b","/c","/home/ada","/x"]})");
    CHECK(expanded("a = ['${vars.l}']\nvars.l = []") == R"({"a":[]})");
    CHECK(expanded("a = '${vars.l}'\nvars.l = ['/b']") == "1:6-15: 'vars.l' is a list, and cannot be part of a text\n");
    CHECK(expanded("a = ['${vars.l}/x']\nvars.l = ['/b']") == "1:7-16: 'vars.l' is a list, and cannot be part of a text\n");
    CHECK(expanded("vars.l = 5") == "1:10-11: expected a text or a list of texts, found the number 5\n");
    CHECK(expanded("vars.l = ['a', 5]") == "1:10-18: expected a text or a list of texts, found an array\n");
    CHECK(expanded("vars = 5") == "1:8-9: expected a table [vars], found the number 5\n");
}

TEST_CASE("elements of a list keep the place they were written at") {
    Diagnostics diagnostics;
    const Document result = expand(parse_toml("a = ['${vars.l}']\nvars.l = ['/b']", 0, diagnostics), context(), diagnostics);
    CHECK(result.find("a")->as<Array>()->front().at == Span{0, 2, 11, 2, 15});
}

TEST_CASE("unknown variables are shown under the variable, with what was meant") {
    CHECK(expanded("a = 'é ${HOEM}/x'\nb = [\"${vars.y}\"]\nc = \"\\t${X}\"\nd = '''\n${X}'''") ==
          "1:8-15: unknown variable 'HOEM'\n2:6-17: unknown variable 'vars.y'\n3:5-13: unknown variable 'X'\n"
          "4:5-8: unknown variable 'X'\n");
    CHECK(first_help("a = '${HOEM}'") == "did you mean '${HOME}'?");
    CHECK(first_help("a = '${vars.dwonloads}'\nvars.downloads = 'x'") == "did you mean '${vars.downloads}'?");
    CHECK(first_help("a = '${FOO}'") == "for the environment variable write ${env:FOO}");
    CHECK(first_help("a = '${downloads}'\nvars.downloads = 'x'") == "write ${vars.downloads}");
    CHECK(expanded("a = '${HOME'") == "1:6-12: \"${\" without \"}\"\n");
    CHECK(expanded("a = '${}'") == "1:6-9: unknown variable ''\n");
    CHECK(expanded("a = '${INSTANCE}'") == "1:6-17: ${INSTANCE} has no value here\n");
    CHECK(expanded("a = '${VIDEOS}'") == "1:6-15: ${VIDEOS} has no value here\n");
}

TEST_CASE("variables that lead back to themselves are refused") {
    CHECK(expanded("vars.x = '${vars.x}'") == "1:11-20: 'vars.x' leads back to itself\n");
    CHECK(expanded("[vars]\nx = '${vars.y}'\ny = '${vars.x}'") == "3:6-15: 'vars.x' leads back to itself\n");
    CHECK(expanded("[vars]\nx = ['${vars.y}']\ny = ['${vars.x}']") == "3:6-17: 'vars.x' leads back to itself\n");
}

TEST_CASE("variables cannot fill the memory or the stack") {
    std::string doubling = "[vars]\nv0 = 'aaaaaaaaaa'\n", lists = "[vars]\nv0 = ['a', 'a']\n", chain = "[vars]\n", chained = "[vars]\n";
    for (int i = 1; i < 40; ++i) {
        doubling += fmt::format("v{0} = '${{vars.v{1}}}${{vars.v{1}}}'\n", i, i - 1);
        lists += fmt::format("v{0} = ['${{vars.v{1}}}', '${{vars.v{1}}}']\n", i, i - 1);
    }
    for (int i = 0; i < 20000; ++i) {
        chain += fmt::format("v{} = '${{vars.v{}}}'\n", i, i + 1);
        chained += fmt::format("v{} = ['${{vars.v{}}}']\n", i, i + 1);
    }
    CHECK(expanded(doubling).find("variables become more than 1048576 bytes of text") != std::string::npos);
    CHECK(expanded(lists).find("variables become more than 1048576 bytes of text") != std::string::npos);
    CHECK(expanded(chain + "v20000 = 'x'").find("variables nest deeper than 64 levels") != std::string::npos);
    CHECK(expanded(chained + "v20000 = 'x'").find("variables nest deeper than 64 levels") != std::string::npos);
    std::string defaults = "x";
    for (int i = 0; i < 1000; ++i) defaults = "${env:N:-" + defaults + "}";
    CHECK(expanded("a = '" + defaults + "'").find("variables nest deeper than 64 levels") != std::string::npos);
}

TEST_CASE("every variable of the table has a meaning and is known") {
    for (const auto& variable : variables) {
        CHECK_FALSE(variable.meaning.empty());
        CHECK(expanded(fmt::format("a = '${{{}}}'", variable.name)).find("unknown") == std::string::npos);
    }
}

TEST_CASE("a part of a text is found when it was written plainly") {
    CHECK(part_of({0, 1, 5, 1, 10}, "abc", 1, 1) == Span{0, 1, 7, 1, 8});
    CHECK(part_of({0, 1, 5, 1, 8}, "abc", 1, 1) == Span{0, 1, 6, 1, 7});
    CHECK(part_of({0, 1, 5, 1, 20}, "abc", 1, 1) == Span{0, 1, 5, 1, 20});
    CHECK(part_of({0, 1, 5, 2, 3}, "abc", 1, 1) == Span{0, 1, 5, 2, 3});
    CHECK(part_of({}, "abc", 1, 1) == Span{});
}
