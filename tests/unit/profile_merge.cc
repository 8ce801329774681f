#include <doctest/doctest.h>
#include <nsrun/nsrun.h>

#include <string>

using namespace nsrun;

namespace {

Document document(std::string_view text) {
    Diagnostics diagnostics;
    Document parsed = parse_toml(text, 0, diagnostics);
    REQUIRE(diagnostics.empty());
    return parsed;
}

/// What the second text laid onto the first becomes, without the `reset` list.
std::string merged(std::string_view under, std::string_view over) {
    Diagnostics diagnostics;
    Document result = merge(document(under), document(over), diagnostics);
    if (!diagnostics.empty()) return diagnostics.list().front().message;
    std::erase_if(result.members, [](const Member& member) { return member.key == "reset"; });
    return to_json({std::move(result), {}}, -1);
}

}  // namespace

TEST_CASE("scalars replace, arrays append, tables merge") {
    CHECK(merged("a = 1\nb = 2", "a = 3\nc = 4") == R"({"a":3,"b":2,"c":4})");
    CHECK(merged("a = [1]", "a = [2, 1]") == R"({"a":[1,2,1]})");
    CHECK(merged("[t]\na = 1\n[t.u]\nb = 1", "[t]\nc = 2\nu.b = 3") == R"({"t":{"a":1,"u":{"b":3},"c":2}})");
    CHECK(merged("", "a = 1") == R"({"a":1})");
    CHECK(merged("a = 1", "") == R"({"a":1})");
}

TEST_CASE("a value of another kind replaces") {
    CHECK(merged("a = 'safe'", "a = ['LANG']") == R"({"a":["LANG"]})");
    CHECK(merged("a = ['LANG']", "a = 'safe'") == R"({"a":"safe"})");
    CHECK(merged("[a]\nb = 1", "a = 'x'") == R"({"a":"x"})");
    CHECK(merged("a = 1", "a = 'x'") == R"({"a":"x"})");
}

TEST_CASE("mounts merge by target, interfaces by name") {
    CHECK(merged("[[mount]]\ntarget = '/a'\nsize = '1M'\noptions = ['noexec']\n[[mount]]\ntarget = '/b'",
                 "[[mount]]\ntarget = '/c'\n[[mount]]\ntarget = '/a'\nsize = '2M'\noptions = ['nodev']") ==
          R"({"mount":[{"target":"/a","size":"2M","options":["noexec","nodev"]},{"target":"/b"},{"target":"/c"}]})");
    CHECK(merged("[[network.interface]]\nname = 'e'\nmtu = 1", "[[network.interface]]\nname = 'e'\nmtu = 2") ==
          R"({"network":{"interface":[{"name":"e","mtu":2}]}})");
    CHECK(merged("[[mount]]\nsize = '1M'", "[[mount]]\nsize = '2M'") == R"({"mount":[{"size":"1M"},{"size":"2M"}]})");
    CHECK(merged("[[other]]\ntarget = '/a'", "[[other]]\ntarget = '/a'") ==
          R"({"other":[{"target":"/a"},{"target":"/a"}]})");
}

TEST_CASE("one text cannot change the same mount twice") {
    CHECK(merged("[[mount]]\ntarget = '/a'", "[[mount]]\ntarget = '/a'\n[[mount]]\ntarget = '/a'") ==
          "target = '/a' is written twice in one text");
}

TEST_CASE("reset empties what lies under, not what comes with it") {
    CHECK(merged("[filesystem]\nrw = ['/a']\nro = ['/b']", "reset = ['filesystem.rw']\n[filesystem]\nrw = ['/c']") ==
          R"({"filesystem":{"ro":["/b"],"rw":["/c"]}})");
    CHECK(merged("hostname = 'a'\n[[mount]]\ntarget = '/a'", "reset = ['mount', 'network.mode']") == R"({"hostname":"a"})");
    CHECK(merged("environment.set = {A = '1', B = '2'}\nvars = {x = '1'}", "reset = ['environment.set.A', 'vars.x']") ==
          R"({"environment":{"set":{"B":"2"}},"vars":{}})");
}

TEST_CASE("reset names keys") {
    CHECK(merged("", "reset = ['filesytem.rw']") == "'filesytem.rw' is not a key that can be reset");
    CHECK(merged("", "reset = ['']") == "expected a key to reset, found \"\"");
    CHECK(merged("", "reset = [5]") == "expected a key to reset, found the number 5");
    CHECK(merged("", "reset = 'filesystem.rw'") == "expected a list of keys, found a string");
    Diagnostics diagnostics;
    (void)merge({}, document("reset = ['filesystem.ru']"), diagnostics);
    REQUIRE(diagnostics.list().size() == 1);
    CHECK(diagnostics.list()[0].code == Code::bad_reset);
    CHECK(diagnostics.list()[0].help.starts_with("did you mean 'filesystem.r"));
    CHECK(diagnostics.list()[0].at == Span{0, 1, 10, 1, 25});
}

TEST_CASE("a child takes over all but what speaks of its parent alone") {
    CHECK(to_json({inherited(document("schema = 1\nname = 'a'\ndescription = 'b'\nextends = ['c']\nhostname = 'd'")), {}}, -1) ==
          R"({"hostname":"d"})");
}

TEST_CASE("a merged value stands where the later text wrote it") {
    Diagnostics diagnostics;
    Document over = parse_toml("\n\na = 2", 1, diagnostics);
    const Document result = merge(document("a = 1"), std::move(over), diagnostics);
    CHECK(result.members[0].at == Span{1, 3, 1, 3, 2});
    CHECK(result.members[0].value.at == Span{1, 3, 5, 3, 6});
}

TEST_CASE("large tables and long lists of mounts merge like small ones") {
    std::string under, over;
    for (int i = 0; i < 2000; ++i) {
        under += fmt::format("[[mount]]\ntarget = '/{}'\n", i);
        over += fmt::format("[[mount]]\ntarget = '/{}'\nsize = '1M'\n", i + 1000);
    }
    for (int i = 0; i < 200; ++i) under += fmt::format("[k{}]\na = 1\n", i), over += fmt::format("[k{}]\nb = 1\n", i + 100);
    Diagnostics diagnostics;
    const Document result = merge(document(under), document(over), diagnostics);
    CHECK(result.find("mount")->as<Array>()->size() == 3000);
    CHECK(result.find("mount")->as<Array>()->at(1999).as<Table>()->members.size() == 2);
    CHECK(result.members.size() == 301);
    CHECK(result.find("k150")->as<Table>()->members.size() == 2);
}
