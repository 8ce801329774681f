#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nsrun/nsrun.h>

#include <string>

#include "profile/keys.h"

namespace {

using namespace nsrun;

/// The example of a key as a TOML text, at its place.
std::string example_of(const PlacedKey& placed) {
    const std::size_t dot = placed.path.rfind('.');
    const std::string line = fmt::format("{} = {}\n", placed.key->name(), placed.key->text.example);
    if (dot == std::string::npos) return line;
    const std::string table = placed.path.substr(0, dot);
    if (table == "mount") return "[[mount]]\n" + line;
    // A range of ids has two keys that must be there.
    if (table.ends_with("-map")) {
        std::string range;
        if (placed.key->name() != "inside") range += "inside = 0\n";
        if (placed.key->name() != "outside") range += "outside = 0\n";
        return fmt::format("[[{}]]\n{}{}", table, range, line);
    }
    // An interface has a name, and a route leads somewhere.
    const std::string name = placed.key->name() != "name" ? "name = \"x0\"\n" : "";
    if (table == "network.interface") return fmt::format("[[{}]]\n{}{}", table, name, line);
    if (table == "network.interface.routes") {
        const std::string to = placed.key->name() != "to" ? "to = \"10.7.0.0/16\"\n" : "";
        return fmt::format("[[network.interface]]\n{}[[{}]]\n{}{}", name, table, to, line);
    }
    return fmt::format("[{}]\n{}", table, line);
}

/// The value that a decoded text gives a key.
Value value_at(const Value& profile, std::string_view path) {
    const Value* value = &profile;
    while (true) {
        if (const auto* array = value->as<Array>()) value = &array->front();
        const std::size_t dot = path.find('.');
        value = value->as<Table>()->find(path.substr(0, dot));
        if (dot == std::string_view::npos) return *value;
        path.remove_prefix(dot + 1);
    }
}

bool has_own_keys(const Key& key) {
    return key.shape->kind == Kind::table || key.shape->kind == Kind::tables;
}

}  // namespace

TEST_CASE("every key has a sentence") {
    for (const auto& placed : placed_keys()) {
        CAPTURE(placed.path);
        const std::string_view summary = placed.key->text.summary;
        CHECK(summary.size() > 10);
        CHECK(summary.ends_with('.'));
        CHECK((summary.front() >= 'A' && summary.front() <= 'Z'));
        const std::string_view details = placed.key->text.details;
        CHECK((details.empty() || details.ends_with('.')));
        CHECK((has_own_keys(*placed.key) || *placed.key->text.example));
    }
}

TEST_CASE("every example decodes, and changes the default") {
    for (const auto& placed : placed_keys()) {
        if (has_own_keys(*placed.key) || !placed.key->encode) continue;
        CAPTURE(placed.path);
        Diagnostics diagnostics;
        const Document document = parse_toml(example_of(placed), 0, diagnostics);
        const Profile profile = decode(document, diagnostics);
        for (const auto& problem : diagnostics.list()) CAPTURE(problem.message);
        CHECK(diagnostics.empty());
        if (placed.path == "schema" || placed.path.ends_with("-map.inside") || placed.path.ends_with("-map.outside"))
            continue;
        CHECK(value_at(to_value(profile), placed.path) != placed.fallback);
    }
}

TEST_CASE("a profile written as a tree decodes to itself") {
    Diagnostics diagnostics;
    Document document = parse_toml(R"(
        namespaces = ["user", "time"]
        [ids]
        uid-map = [{ inside = 0, outside = 100000, count = 5 }]
        groups = ["video"]
        [filesystem]
        ro = ["-/a:/b"]
        files = { "/x" = "y" }
        [[mount]]
        type = "tmpfs"
        target = "/t"
        size = "3G"
        [process]
        stop-timeout = "90s"
    )",
                                   0, diagnostics);
    const Value once = to_value(decode(document, diagnostics));
    CHECK(diagnostics.empty());
    // Keys at an empty default are left out: an empty string is not a value of most keys.
    for (const auto& placed : placed_keys()) {
        if (!has_own_keys(*placed.key) || placed.path.contains('.')) continue;
        CHECK(once.as<Table>()->find(placed.path) != nullptr);
    }
    CHECK(inline_toml(value_at(once, "ids.uid-map")) == R"([{ "inside" = 0, "outside" = 100000, "count" = 5 }])");
    CHECK(inline_toml(value_at(once, "mount.size")) == R"("3G")");
    CHECK(inline_toml(value_at(once, "process.stop-timeout")) == R"("90s")");
    CHECK(inline_toml(value_at(once, "filesystem.ro")) == R"(["-/a:/b"])");
    CHECK(inline_toml(value_at(once, "namespaces")) == R"(["user", "time"])");
}

TEST_CASE("a key is explained") {
    CHECK(explain_keys("network.mode") == R"(network.mode
    The network that the sandbox has.
    With 'host' the sandbox reaches the services that listen on the host's
    loopback addresses, too; see 'landlock.scope' for abstract sockets.  With
    'user' a helper speaks to the network with the caller's own rights: see
    'helper'. The sandbox has an interface eth0 with the address 10.0.2.100,
    and with one of IPv6 where the host reaches that. The helper ends with
    nsrun: without it there is no network.
        none         no interface is up
        loopback     the loopback interface only
        host         the host's network, shared
        user         out to the network through a helper, without privilege; nothing of the host's own
        private      the interfaces of [[network.interface]]
        pod          a network that sandboxes of one user share: see [network.pod]
        join         the network that join.net names
    Takes:   one of the words above
    Default: "loopback"
    Example: mode = "none"
)");
    CHECK(explain_keys("nothing") == "");
    CHECK(explain_keys("ids.uid").find("ids.uid-map") == std::string::npos);
    CHECK(explain_keys("ids.u").find("ids.uid-map") != std::string::npos);
}

TEST_CASE("settings are completed") {
    const auto keys = complete_setting("network.m");
    REQUIRE(keys.size() == 1);
    CHECK(keys[0].text == "network.mode=");
    const auto values = complete_setting("network.mode=l");
    REQUIRE(values.size() == 1);
    CHECK(values[0].text == "network.mode=loopback");
    CHECK(complete_setting("process.init=").size() == 2);
    CHECK(complete_setting("namespaces=")[0].text == "namespaces=[\"user\"]");
    CHECK(complete_setting("mount.").empty());
}
