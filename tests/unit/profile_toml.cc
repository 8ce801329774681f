#include <doctest/doctest.h>
#include <nsrun/nsrun.h>

#include <string>

using namespace nsrun;
using namespace std::string_literals;

namespace {

/// The document as JSON, or the first diagnostic as "line:column code: message".
std::string parsed(std::string_view text) {
    Diagnostics diagnostics;
    Document document = parse_toml(text, 0, diagnostics);
    if (diagnostics.empty()) return to_json({std::move(document), {}}, -1);
    const auto& first = diagnostics.list().front();
    CHECK_FALSE(first.help.empty());
    return fmt::format("{}:{} {}: {}", first.at.line, first.at.column, spelling(first.code), first.message);
}

std::string set(std::string_view setting) {
    Diagnostics diagnostics;
    Document document = parse_setting(setting, 0, diagnostics);
    if (diagnostics.empty()) return to_json({std::move(document), {}}, -1);
    const auto& first = diagnostics.list().front();
    return fmt::format("{}:{} {}: {}", first.at.line, first.at.column, spelling(first.code), first.message);
}

std::string span(const Span& at) {
    return fmt::format("{}.{}:{}-{}:{}", at.source, at.line, at.column, at.end_line, at.end_column);
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += text;
    return all;
}

}  // namespace

TEST_CASE("all kinds of values are read") {
    CHECK(parsed("a = true\nb = -5\nc = 1.5\nd = 'x'\ne = [1, 'y']\nf = { g = 0x1F }\n") ==
          R"({"a":true,"b":-5,"c":1.5,"d":"x","e":[1,"y"],"f":{"g":31}})");
    CHECK(parsed("") == "{}");
    CHECK(parsed("\xEF\xBB\xBF# only a comment") == "{}");
}

TEST_CASE("keys keep the order of the text") {
    CHECK(parsed("z = 1\na = 2\n[y]\nk = 1\n[b]\nk = 1\nc.z = 1\nc.a = 2") ==
          R"({"z":1,"a":2,"y":{"k":1},"b":{"k":1,"c":{"z":1,"a":2}}})");
    CHECK(parsed("[[mount]]\ntarget = '/b'\n[[mount]]\ntarget = '/a'") ==
          R"({"mount":[{"target":"/b"},{"target":"/a"}]})");
}

TEST_CASE("spans name keys, values and headers") {
    Diagnostics diagnostics;
    const Document document =
        parse_toml("[a.b]   # é\n\"ké\"  = \"é\" # c\nd.e = 1\nl = [\n 1,\n]\n[[mount]]\nx = 1\ny = [{z = 1}]\n", 3, diagnostics);
    REQUIRE(diagnostics.empty());
    const Value* a = document.find("a");
    const Table& b = *a->as<Table>()->find("b")->as<Table>();
    CHECK(span(a->at) == "3.1:1-1:6");
    CHECK(span(a->as<Table>()->members[0].at) == "3.1:4-1:5");
    CHECK(span(a->as<Table>()->members[0].value.at) == "3.1:1-1:6");
    CHECK(span(b.members[0].at) == "3.2:1-2:5");
    CHECK(span(b.members[0].value.at) == "3.2:9-2:12");
    CHECK(span(b.members[1].value.at) == "3.3:1-3:2");
    CHECK(span(b.find("d")->as<Table>()->members[0].at) == "3.3:3-3:4");
    CHECK(span(b.find("l")->at) == "3.4:5-6:2");
    const Value& mount = *document.find("mount");
    CHECK(span(mount.at) == "3.7:1-7:10");
    CHECK(span(mount.as<Array>()->front().at) == "3.7:1-7:10");
    const Value& y = *mount.as<Array>()->front().as<Table>()->find("y");
    CHECK(span(y.at) == "3.9:5-9:14");
    CHECK(span(y.as<Array>()->front().at) == "3.9:6-9:13");
}

TEST_CASE("columns do not count a byte order mark") {
    CHECK(parsed("\xEF\xBB\xBF" "a = b") == "1:5 syntax: could not determine value type");
    CHECK(parsed("\xEF\xBB\xBF" "[!]") == "1:2 syntax: a name is missing in this header");
}

TEST_CASE("syntax errors point at the place") {
    CHECK(parsed("ok = 1\r\na = b\r\n") == "2:5 syntax: could not determine value type");
    CHECK(parsed("a = ") == "1:5 syntax: the text ends in the middle of: key-value pair");
    CHECK(parsed("a = \"x") == "1:5 syntax: this quote does not end");
    CHECK(parsed("a = \"x\nb = 1") == "1:5 syntax: this quote does not end");
    CHECK(parsed("a = 1\nb = '''x\n''\n") == "2:5 syntax: this quote does not end");
    CHECK(parsed("a = [1 2]") == "1:8 syntax: expected comma or closing ']', saw '2'");
    CHECK(parsed("= 1") == "1:1 syntax: expected keys, tables, whitespace or comments, saw '='");
    CHECK(parsed("a = 1\na = 2") == "2:5 duplicate-entry: cannot redefine existing integer 'a'");
    CHECK(parsed("[a]\n[b]\n[a]") == "3:1 duplicate-entry: cannot redefine existing table 'a'");
}

TEST_CASE("headers that the parser cannot bear are refused before it sees them") {
    CHECK(parsed("[!x]") == "1:2 syntax: a name is missing in this header");
    CHECK(parsed("[[\n") == "1:3 syntax: a name is missing in this header");
    CHECK(parsed("[[") == "1:3 syntax: a name is missing in this header");
    CHECK(parsed("[") == "1:2 syntax: a name is missing in this header");
    CHECK(parsed("[]") == "1:2 syntax: a name is missing in this header");
    CHECK(parsed("[a.]") == "1:4 syntax: a name is missing in this header");
    CHECK(parsed("[.a]") == "1:2 syntax: a name is missing in this header");
    CHECK(parsed("[a\n]") == "1:3 syntax: this header does not end");
    CHECK(parsed("[[a]\n]") == "1:5 syntax: this header does not end");
    CHECK(parsed("[[a] ]") == "1:5 syntax: this header does not end");
    CHECK(parsed("[\"a") == "1:2 syntax: this quote does not end");
    CHECK(parsed("[\"a\".'b' . c ]\nx=1") == R"({"a":{"b":{"c":{"x":1}}}})");
}

TEST_CASE("letters beyond ASCII stand in quotes and comments only") {
    CHECK(parsed("é = 1") == "1:1 syntax: 'é' stands outside of quotes");
    CHECK(parsed("a = é") == "1:5 syntax: 'é' stands outside of quotes");
    CHECK(parsed("[é]") == "1:2 syntax: a name is missing in this header");
    CHECK(parsed("a = 1'é'") == "1:7 syntax: 'é' stands outside of quotes");
    CHECK(parsed("a = [1, 0x\"[{=é\"]") == "1:15 syntax: 'é' stands outside of quotes");
    CHECK(parsed("a = { b = 2020-01-01 1'é' }") == "1:24 syntax: 'é' stands outside of quotes");
    CHECK(parsed("[a]é") == "1:4 syntax: 'é' stands outside of quotes");
    CHECK(parsed("'é' = \"é\" # é\nb = '''\né'''\n") == R"({"\u00e9":"\u00e9","b":"\u00e9"})");
}

TEST_CASE("letters beyond ASCII do not follow a backslash in texts of several lines") {
    CHECK(parsed("1a = \"\"\"x\\\n\xEF\xB3\xBF  y\"&\"\"\"\nb  \"\\u0000\"\r\n") == "2:1 syntax: '\xEF\xB3\xBF' follows a backslash");
    CHECK(parsed("a = \"\"\"\\é\"\"\"") == "1:9 syntax: 'é' follows a backslash");
    CHECK(parsed("a = \"\"\"\\ \té\"\"\"") == "1:11 syntax: 'é' follows a backslash");
    CHECK(parsed("a = \"\"\"é\\\r\n \n\t　x\"\"\"") == "3:2 syntax: '　' follows a backslash");
    CHECK(parsed("[\"\"\"\\é\"\"\"]") == "1:6 syntax: 'é' follows a backslash");
    CHECK(parsed("a = \"\"\"\\\n\\U000000E9\"\"\"") == R"({"a":"\u00e9"})");
    CHECK(parsed("a = \"\"\"\\\n x é\"\"\"") == R"({"a":"x \u00e9"})");
    CHECK(parsed("a = '''\\é\\\né'''") == R"({"a":"\\\u00e9\\\n\u00e9"})");
    CHECK(parsed("a = \"\\é\"").starts_with("1:7 syntax: unknown escape sequence"));
}

TEST_CASE("text that is no text is refused") {
    CHECK(parsed("a = 1\nb = \"\xff\"") == "2:6 not-utf8: the byte 0xFF is not UTF-8");
    CHECK(parsed("# \xC3") == "1:3 not-utf8: the byte 0xC3 is not UTF-8");
    CHECK(parsed("\xED\xA0\x80") == "1:1 not-utf8: the byte 0xED is not UTF-8");
    CHECK(parsed("a = 1\nb\0 = 2"s) == "2:2 nul-byte: a NUL byte in the text");
    CHECK(parsed(R"(a = "x\u0000y")") == "1:5 nul-byte: a text with a NUL in it");
    CHECK(parsed(R"("a\u0000" = 1)") == "1:1 nul-byte: a text with a NUL in it");
    CHECK(parsed("a = \"\x01\"") ==
          "1:6 syntax: unescaped control characters other than TAB (U+0009) are explicitly prohibited");
    CHECK(parsed("a = 1\rb = 2").starts_with("1:7 syntax: "));
}

TEST_CASE("a text of more than 1 MiB is refused") {
    CHECK(parsed(std::string(std::size_t{1} << 20, '\n')) == "{}");
    CHECK(parsed(std::string((std::size_t{1} << 20) + 1, '\n')).starts_with("1:1 too-large: the text has 1048577 bytes"));
}

TEST_CASE("nesting has an end") {
    CHECK(parsed("a = " + repeated("[", 63) + repeated("]", 63)).starts_with(R"({"a":[[)"));
    CHECK(parsed("a = " + repeated("[", 64)) == "1:68 too-deep: the text nests deeper than 64 levels");
    CHECK(parsed("a = " + repeated("[", 100000)) == "1:68 too-deep: the text nests deeper than 64 levels");
    CHECK(parsed(repeated("a.", 63) + "a = 1").starts_with(R"({"a":{"a")"));
    CHECK(parsed(repeated("a.", 200000) + "a = 1") == "1:128 too-deep: the text nests deeper than 64 levels");
    CHECK(parsed("[" + repeated("a.", 200000) + "a]") == "1:130 too-deep: the text nests deeper than 64 levels");
    CHECK(parsed("[[" + repeated("a.", 100000) + "a]]").find("too-deep") != std::string::npos);
    CHECK(parsed("a = " + repeated("{a=", 100000)).find("too-deep") != std::string::npos);
    CHECK(parsed("a = " + repeated("{a.a.a.a.a.a.a.a=", 60)).find("too-deep") != std::string::npos);
    CHECK(parsed("[" + repeated("a.", 40) + "a]\n" + repeated("b.", 40) + "b = 1").find("too-deep") != std::string::npos);
}

TEST_CASE("dots and brackets in values are not nesting") {
    CHECK(parsed("a = '" + repeated("[.", 500) + "'").starts_with(R"({"a":"[.)"));
    CHECK(parsed("a = [" + repeated("1.5, ", 500) + "]").starts_with(R"({"a":[1.5,)"));
    CHECK(parsed("a = 1 # " + repeated("[.", 500)) == R"({"a":1})");
    CHECK(parsed("a = \"\"\"" + repeated("\n[.\"\"", 500) + "\"\"\"").starts_with(R"({"a":"[.)"));
    CHECK(parsed(repeated("[a.b.c]\n", 1)) == R"({"a":{"b":{"c":{}}}})");
    CHECK(parsed("a = \"\"\"x\\\"\"\"\"\"\"\nb.c = 1") == R"({"a":"x\"\"\"","b":{"c":1}})");
}

TEST_CASE("dates are refused, everything else is still read") {
    Diagnostics diagnostics;
    const Document document = parse_toml("a = 1979-05-27\nb = [1, 07:32:00, 2]\nc = 1979-05-27T07:32:00Z\nd = 1", 0, diagnostics);
    CHECK(diagnostics.list().size() == 3);
    CHECK(diagnostics.list()[0].code == Code::wrong_type);
    CHECK(span(diagnostics.list()[1].at) == "0.2:9-2:17");
    CHECK(to_json({document, {}}, -1) == R"({"b":[1,2],"d":1})");
}

TEST_CASE("a setting's value is TOML, and a bare word is text") {
    CHECK(set("network.mode=host") == R"({"network":{"mode":"host"}})");
    CHECK(set("a=512") == R"({"a":512})");
    CHECK(set("a=-1.5") == R"({"a":-1.5})");
    CHECK(set("a=true") == R"({"a":true})");
    CHECK(set("a=[1, 'x']") == R"({"a":[1,"x"]})");
    CHECK(set("a = { b.c = 1 }") == R"({"a":{"b":{"c":1}}})");
    CHECK(set("a = \"x\" # why") == R"({"a":"x"})");
    CHECK(set("a=10s") == R"({"a":"10s"})");
    CHECK(set("a=1.2.3.4") == R"({"a":"1.2.3.4"})");
    CHECK(set("a=2026-01-01") == R"({"a":"2026-01-01"})");
    CHECK(set("a=x # y = \"z") == R"({"a":"x # y = \"z"})");
    CHECK(set("a=two\nlines") == R"({"a":"two\nlines"})");
    CHECK(set("a=") == R"({"a":""})");
    CHECK(set("a=é") == R"({"a":"\u00e9"})");
    CHECK(set("a=trueish") == R"({"a":"trueish"})");
    CHECK(set("a=-") == R"({"a":"-"})");
    CHECK(set("environment.set.'A=B'=c=d") == R"({"environment":{"set":{"A=B":"c=d"}}})");
}

TEST_CASE("a setting sets one key and nothing else") {
    CHECK(set("a") == "1:1 syntax: expected KEY=VALUE");
    CHECK(set("") == "1:1 syntax: expected KEY=VALUE");
    CHECK(set("=x") == "1:1 syntax: expected KEY=VALUE");
    CHECK(set("a=1\nb=2") == R"({"a":"1\nb=2"})");
    CHECK(set("a='1'\nb=2") == "1:1 syntax: a setting is one line");
    CHECK(set("[x]\na=1") == "1:1 syntax: a setting is one line");
    CHECK(set("#a=1") == "1:1 syntax: expected one KEY=VALUE");
    CHECK(set("[x] a=1").find("syntax") != std::string::npos);
    CHECK(set("a='1' b='2'").find("syntax") != std::string::npos);
    CHECK(set("a b=1").find("syntax") != std::string::npos);
    CHECK(set("a=[1") == "1:5 syntax: the text ends in the middle of: array");
    CHECK(set("a=\xff") == "1:1 not-utf8: the value is not UTF-8");
    CHECK(set("a=x\0y"s) == "1:1 nul-byte: a NUL byte in the value");
}

TEST_CASE("spans of a setting lie in its text") {
    Diagnostics diagnostics;
    const Document document = parse_setting("network.mode = é b ", 2, diagnostics);
    const Member& member = document.members[0].value.as<Table>()->members[0];
    CHECK(span(member.at) == "2.1:9-1:13");
    CHECK(span(member.value.at) == "2.1:16-1:19");
    CHECK(*member.value.as<std::string>() == "é b");
}
