#include <doctest/doctest.h>
#include <nsrun/nsrun.h>

#include <string>

#include "profile/keys.h"

namespace {

using namespace nsrun;

/// A value at a line, so that spans can be compared.
Value at(std::uint32_t line, decltype(Value::data) data, std::uint32_t source = 0) {
    return {std::move(data), Span{source, line, 5, line, 9}};
}

Document with(std::string_view table, std::string_view key, Value value) {
    Table inner;
    inner.members.push_back({std::string(key), Span{0, 7, 1, 7, 4}, std::move(value)});
    Document document;
    document.members.push_back({std::string(table), Span{0, 6, 1, 6, 4}, at(6, std::move(inner))});
    return document;
}

Document top(std::string_view key, Value value) {
    Document document;
    document.members.push_back({std::string(key), Span{0, 7, 1, 7, 4}, std::move(value)});
    return document;
}

/// The diagnostics of decoding, a line each: "line: message [code] help".
std::string problems(const Document& document) {
    Diagnostics diagnostics;
    (void)decode(document, diagnostics);
    std::string text;
    for (const auto& problem : diagnostics.list()) {
        text += fmt::format("{}:{}: {} [{}] {}\n", problem.at.line, problem.at.column, problem.message,
                            spelling(problem.code), problem.help);
    }
    return text;
}

Profile decoded(const Document& document) {
    Diagnostics diagnostics;
    Profile profile = decode(document, diagnostics);
    CHECK(diagnostics.empty());
    return profile;
}

}  // namespace

TEST_CASE("an empty document decodes to the defaults") {
    CHECK(decoded({}) == Profile{});
}

TEST_CASE("a value keeps the place that it was written at") {
    const Profile profile = decoded(with("network", "mode", at(7, std::string("none"))));
    CHECK(*profile.network.mode == NetworkMode::none);
    CHECK(profile.network.mode.at == Span{0, 7, 5, 7, 9});
}

TEST_CASE("a table behind a list is still a table") {
    Table ids;
    ids.set("groups", at(3, Array{at(3, std::string("video"))}));
    ids.set("gruops", at(4, Array{}), Span{0, 4, 1, 4, 7});
    CHECK(problems(top("ids", at(2, std::move(ids)))) ==
          "4:1: unknown key 'gruops' in [ids] [unknown-key] did you mean 'groups'?\n");
}

TEST_CASE("a table in a table is named in full") {
    Table range;
    range.set("inside", at(3, std::int64_t{0}));
    range.set("outside", at(3, std::int64_t{0}));
    range.set("length", at(4, std::int64_t{1}), Span{0, 4, 1, 4, 5});
    CHECK(problems(with("ids", "uid-map", at(2, Array{at(2, std::move(range))}))) ==
          "4:1: unknown key 'length' in [[ids.uid-map]] [unknown-key] 'nsrun keys ids.uid-map' lists the keys\n");
}

TEST_CASE("a written list replaces the default and knows its place") {
    const Profile profile = decoded(top("namespaces", at(7, Array{at(7, std::string("uts"))})));
    REQUIRE(profile.namespaces.size() == 1);
    CHECK(*profile.namespaces[0] == Namespace::uts);
    CHECK(profile.namespaces_at == Span{0, 7, 5, 7, 9});
}

TEST_CASE("a misspelt key of a table is answered with the right one") {
    CHECK(problems(with("network", "mod", at(7, std::string("none")))) ==
          "7:1: unknown key 'mod' in [network] [unknown-key] did you mean 'mode'?\n");
}

TEST_CASE("a misspelt key of an array of tables names it so") {
    Table mount;
    mount.set("target", at(3, std::string("/x")));
    mount.set("acces", at(4, std::string("read-write")), Span{0, 4, 1, 4, 6});
    CHECK(problems(top("mount", at(2, Array{at(2, std::move(mount))}))) ==
          "4:1: unknown key 'acces' in [[mount]] [unknown-key] did you mean 'access'?\n");
}

TEST_CASE("a key of another table is sent home") {
    CHECK(problems(top("base", at(7, std::string("host")))) ==
          "7:1: unknown key 'base' at the top level [unknown-key] 'base' belongs in [filesystem]\n");
    CHECK(problems(with("network", "hostname", at(7, std::string("x")))) ==
          "7:1: unknown key 'hostname' in [network] [unknown-key] 'hostname' belongs in the top level, above all "
          "tables\n");
}

TEST_CASE("a number in place of a size is answered with the size") {
    Table mount;
    mount.set("target", at(3, std::string("/x")));
    mount.set("size", at(4, std::int64_t{512}));
    CHECK(problems(top("mount", at(2, Array{at(2, std::move(mount))}))) ==
          "4:5: expected a size such as \"512M\", found the number 512 [wrong-type] write size = \"512M\"\n");
}

TEST_CASE("a string in place of a list is answered with the list") {
    CHECK(problems(with("filesystem", "ro", at(7, std::string("/srv")))) ==
          "7:5: expected an array, found a string [wrong-type] write ro = [\"/srv\"]\n");
}

TEST_CASE("a string in place of true is answered with true") {
    CHECK(problems(with("process", "init", at(7, std::string("false")))) ==
          "7:5: expected true or false, found a string [wrong-type] write init = false\n");
}

TEST_CASE("a table in place of an array of tables is answered with brackets") {
    CHECK(problems(top("mount", at(7, Table{}))) ==
          "7:5: expected an array, found a table [wrong-type] write [[mount]]\n");
}

TEST_CASE("an unknown word lists the words and the nearest") {
    CHECK(problems(with("network", "mode", at(7, std::string("lopback")))) ==
          "7:5: 'lopback' is not one of none, loopback, host, user, private, pod, join [unknown-value] did you mean 'loopback'?\n");
}

TEST_CASE("a number of another range is refused") {
    CHECK(problems(with("ids", "uid", at(7, std::int64_t{-1}))) ==
          "7:5: -1 is out of range for uid: 0 to 4294967294 [out-of-range] write a number in that range\n");
    CHECK(problems(top("schema", at(7, std::int64_t{2}))) ==
          "7:5: 2 is out of range for schema: 1 [out-of-range] write schema = 1\n");
}

TEST_CASE("an entry twice in one text is an error, in two texts it is one entry") {
    CHECK(problems(top("namespaces", at(7, Array{at(7, std::string("user")), at(8, std::string("user"))}))) ==
          "8:5: 'user' is listed twice [duplicate-entry] keep one of the two\n");
    const Profile profile =
        decoded(top("namespaces", at(7, Array{at(7, std::string("user")), at(8, std::string("user"), 1)})));
    CHECK(profile.namespaces.size() == 1);
}

TEST_CASE("arguments may repeat") {
    const Profile profile =
        decoded(with("command", "args", at(7, Array{at(7, std::string("-v")), at(7, std::string("-v"))})));
    CHECK(profile.command.args.size() == 2);
}

TEST_CASE("a range of ids without its sides lacks two keys") {
    CHECK(problems(with("ids", "uid-map", at(7, Array{at(8, Table{})}))) ==
          "8:5: [[ids.uid-map]] has no inside [missing-key] add inside = 1000\n"
          "8:5: [[ids.uid-map]] has no outside [missing-key] add outside = 100000\n");
}

TEST_CASE("all problems are found in one go, and the right values are kept") {
    Document document = with("network", "mode", at(7, std::string("nowhere")));
    document.set("hostname", at(8, std::string("-x-")));
    document.set("name", at(9, std::string("web")));
    Diagnostics diagnostics;
    const Profile profile = decode(document, diagnostics);
    CHECK(diagnostics.list().size() == 2);
    CHECK(*profile.name == "web");
}

TEST_CASE("a NUL is refused in every text") {
    CHECK(problems(top("description", at(7, std::string("a\0b", 3)))) ==
          "7:5: a text with a NUL in it [nul-byte] remove \\u0000: no path or argument can hold it\n");
}

TEST_CASE("a word or a list takes both") {
    Document document = with("ids", "groups", at(7, Array{at(7, std::string("video"))}));
    CHECK(decoded(document).ids.groups->listed);
    CHECK(problems(with("ids", "groups", at(7, std::string("drp")))) ==
          "7:5: 'drp' is not one of drop, keep or a list [unknown-value] did you mean 'drop'?\n");
}

TEST_CASE("the rows of capabilities and signals know the names") {
    CHECK(problems(with("security", "capabilities", at(7, Array{at(7, std::string("CAP_NET_BIND_SERVIC"))}))) ==
          "7:5: 'CAP_NET_BIND_SERVIC' is not a capability [unknown-value] did you mean 'net-bind-service'?\n");
    CHECK(problems(with("process", "stop-signal", at(7, std::string("TREM")))) ==
          "7:5: 'TREM' is not a signal [unknown-value] did you mean 'TERM'?\n");
}

TEST_CASE("only what the kernel may lack can be dropped") {
    CHECK(problems(top("on-unsupported", at(7, Array{at(7, std::string("namespaces.tiem"))}))) ==
          "7:5: 'namespaces.tiem' cannot be left to the kernel: namespaces.pid, namespaces.net, namespaces.ipc, "
          "namespaces.uts, namespaces.cgroup, namespaces.time, landlock.scope, network.user [unknown-value] did you mean 'namespaces.time'?\n");
}

TEST_CASE("names of sections that are not decoded are checked") {
    Table network;
    network.set("mod", at(4, std::string("${x}")), Span{0, 4, 1, 4, 4});
    Table section;
    section.set("network", at(3, std::move(network)));
    Diagnostics diagnostics;
    check_names(section, diagnostics);
    REQUIRE(diagnostics.list().size() == 1);
    CHECK(diagnostics.list()[0].message == "unknown key 'mod' in [network]");
}
