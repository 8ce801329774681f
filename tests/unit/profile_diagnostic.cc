#include <doctest/doctest.h>
#include <nsrun/nsrun.h>

using namespace nsrun;

namespace {

std::string shown(const Sources& sources, const Span& at, std::string message = "wrong", std::string help = "") {
    Diagnostics diagnostics;
    diagnostics.error(Code::syntax, at, std::move(message), std::move(help));
    return to_text(diagnostics, sources, false);
}

Sources one(std::string text) { return {{"a.toml", std::move(text), false}}; }

}  // namespace

TEST_CASE("a diagnostic shows place, line, caret under the exact words, and help") {
    Diagnostics diagnostics;
    diagnostics.error(Code::unknown_key, {0, 2, 1, 2, 6}, "unknown key 'acces' in [[mount]]", "did you mean 'access'?");
    CHECK(to_text(diagnostics, {{"browser.toml", "[[mount]]\nacces = \"read-write\"\n", false}}, false) ==
          "browser.toml:2:1: error: unknown key 'acces' in [[mount]] [unknown-key]\n"
          "  acces = \"read-write\"\n"
          "  ^^^^^\n"
          "  help: did you mean 'access'?\n");
}

TEST_CASE("a flag is named where a file has a line") {
    const Sources sources{{"--set network.mode", "network.mode=filterd", true}};
    CHECK(shown(sources, {0, 1, 14, 1, 21}) ==
          "--set network.mode: error: wrong [syntax]\n  network.mode=filterd\n               ^^^^^^^\n");
    CHECK(place({0, 1, 14, 1, 21}, sources) == "--set network.mode");
}

TEST_CASE("what stands nowhere is nsrun's own") {
    CHECK(shown({}, {}) == "nsrun: error: wrong [syntax]\n");
    CHECK(place({}, {}) == "");
    CHECK(place({0, 12, 1, 12, 2}, one("")) == "a.toml:12");
}

TEST_CASE("a failed step is shown before the help") {
    Diagnostics diagnostics;
    diagnostics.add({Severity::error, Code::step_failed, {0, 1, 1, 1, 10}, "cannot mount", "unmount it", "bind_mount source=/a"});
    CHECK(to_text(diagnostics, one("[[mount]]"), false) ==
          "a.toml:1:1: error: cannot mount [step-failed]\n  [[mount]]\n  ^^^^^^^^^\n  step: bind_mount source=/a\n"
          "  help: unmount it\n");
}

TEST_CASE("tabs and wide characters keep the caret aligned") {
    CHECK(shown(one("\ta\t= 1"), {0, 1, 4, 1, 5}) == "a.toml:1:4: error: wrong [syntax]\n  \ta\t= 1\n  \t \t^\n");
    CHECK(shown(one("\"日本\" = é"), {0, 1, 8, 1, 9}) == "a.toml:1:8: error: wrong [syntax]\n  \"日本\" = é\n           ^\n");
    CHECK(shown(one("e\u0301 x"), {0, 1, 4, 1, 5}) == "a.toml:1:4: error: wrong [syntax]\n  e\u0301 x\n    ^\n");
}

TEST_CASE("a span over several lines is underlined to the end of its first") {
    CHECK(shown(one("x = [\n1]\n"), {0, 1, 5, 2, 3}) == "a.toml:1:5: error: wrong [syntax]\n  x = [\n      ^\n");
    CHECK(shown(one("abc\ndef\n"), {0, 1, 2, 2, 1}) == "a.toml:1:2: error: wrong [syntax]\n  abc\n   ^^\n");
}

TEST_CASE("a place behind the end of a line still gets a caret") {
    CHECK(shown(one("x = "), {0, 1, 5, 1, 6}) == "a.toml:1:5: error: wrong [syntax]\n  x = \n      ^\n");
    CHECK(shown(one("x"), {0, 7, 5, 7, 6}) == "a.toml:7:5: error: wrong [syntax]\n");
    CHECK(shown(one("x\r\n"), {0, 1, 1, 1, 2}) == "a.toml:1:1: error: wrong [syntax]\n  x\n  ^\n");
}

TEST_CASE("a long line is clipped around the caret") {
    const std::string text = shown(one(std::string(500, 'a') + "b" + std::string(500, 'c')), {0, 1, 501, 1, 502});
    CHECK(text == "a.toml:1:501: error: wrong [syntax]\n  ..." + std::string(40, 'a') + "b" + std::string(79, 'c') +
                      "...\n  " + std::string(43, ' ') + "^\n");
}

TEST_CASE("control characters never reach the terminal") {
    CHECK(printable("a\x1b[31m\n\x7f") == "a\\x1B[31m\\x0A\\x7F");
    CHECK(printable("\xff\xc0\x80") == "\\xFF\\xC0\\x80");
    CHECK(printable("\u0085\u202e\u2066é日") == "\\xC2\\x85\\xE2\\x80\\xAE\\xE2\\x81\\xA6é日");
    CHECK(printable(std::string_view("\0", 1)) == "\\x00");
    const std::string text = shown({{"\x1b.toml", "\x1b = 1", false}}, {0, 1, 3, 1, 4}, "\x1b", "\r");
    CHECK(text == "\\x1B.toml:1:3: error: \\x1B [syntax]\n  \\x1B = 1\n       ^\n  help: \\x0D\n");
}

TEST_CASE("colours are asked for") {
    Diagnostics diagnostics;
    diagnostics.warning(Code::hidden_rule, {}, "m");
    CHECK(to_text(diagnostics, {}, true) == "\033[1mnsrun:\033[0m \033[1;33mwarning:\033[0m m [hidden-rule]\n");
}

TEST_CASE("sorting follows the text and drops doubles") {
    Diagnostics diagnostics;
    diagnostics.error(Code::syntax, {}, "nowhere");
    diagnostics.error(Code::syntax, {1, 1, 1, 1, 2}, "second text");
    diagnostics.error(Code::syntax, {0, 3, 1, 3, 2}, "b");
    diagnostics.error(Code::syntax, {0, 3, 1, 3, 2}, "a");
    diagnostics.error(Code::syntax, {0, 3, 1, 3, 2}, "b");
    diagnostics.warning(Code::syntax, {0, 2, 5, 2, 6}, "first");
    diagnostics.sort();
    std::string order;
    for (const auto& diagnostic : diagnostics.list()) order += diagnostic.message + ",";
    CHECK(order == "first,b,a,second text,nowhere,");
    CHECK(diagnostics.has_errors());
}

TEST_CASE("warnings are not errors") {
    Diagnostics diagnostics;
    diagnostics.warning(Code::dropped, {}, "m");
    CHECK_FALSE(diagnostics.has_errors());
    CHECK_FALSE(diagnostics.empty());
    diagnostics.sort();
    CHECK_FALSE(diagnostics.has_errors());
}

TEST_CASE("of an endless message the two ends are shown") {
    Diagnostics diagnostics;
    diagnostics.error(Code::syntax, {}, "<" + std::string(100'000, 'a') + "é>");
    CHECK(to_text(diagnostics, one(""), false) ==
          "nsrun: error: <" + std::string(299, 'a') + "..." + std::string(298, 'a') + "é> [syntax]\n");
}

TEST_CASE("JSON has the same facts under stable names") {
    Diagnostics diagnostics;
    diagnostics.error(Code::not_utf8, {0, 1, 2, 1, 3}, "m", "h");
    diagnostics.warning(Code::dropped, {}, "w");
    CHECK(to_json(to_value(diagnostics, one("")), -1) ==
          R"([{"severity":"error","code":"not-utf8","message":"m","help":"h","source":"a.toml","line":1,"column":2,)"
          R"("end-line":1,"end-column":3},{"severity":"warning","code":"dropped","message":"w"}])");
}

TEST_CASE("every code has a spelling of its own, in the order of the codes") {
    for (std::size_t i = 0; i < words<Code>.size(); ++i) {
        CHECK(static_cast<std::size_t>(words<Code>[i].value) == i);
        CHECK(from_spelling<Code>(words<Code>[i].name) == words<Code>[i].value);
        CHECK_FALSE(words<Code>[i].meaning.empty());
    }
    CHECK(words<Code>.back().value == Code::step_failed);
}
