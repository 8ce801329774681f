#include <doctest/doctest.h>

#include "cli/layers.h"
#include "cli/print.h"

using namespace nsrun;
using cli::Flag;
using cli::Option;

namespace {

struct Laid {
    Sources sources;
    Diagnostics diagnostics;
    Document document;
};

Laid laid(Flag flag, const Context& context = {}) {
    Laid one;
    one.document = cli::layer(flag, context, one.sources, one.diagnostics);
    return one;
}

}  // namespace

TEST_CASE("a short form is a layer with its key, and is called as it was written") {
    const auto one = laid({Option::ro, "/a:/b"});
    CHECK(cli::to_toml(one.document) == "[filesystem]\nro = [\"/a:/b\"]\n");
    REQUIRE(one.sources.size() == 1);
    CHECK(one.sources[0].name == "--ro");
    CHECK(one.sources[0].text == "/a:/b");
    CHECK(one.sources[0].flag);
    const auto& rules = *one.document.find("filesystem")->as<Table>()->find("ro");
    CHECK(rules.as<Array>()->front().at == Span{0, 1, 1, 1, 6});
}

TEST_CASE("a short form of a scalar sets it") {
    CHECK(cli::to_toml(laid({Option::net, "none"}).document) == "[network]\nmode = \"none\"\n");
    CHECK(cli::to_toml(laid({Option::hostname, "web"}).document) == "hostname = \"web\"\n");
    CHECK(cli::to_toml(laid({Option::timeout, "5m"}).document) == "[limits]\ntime = \"5m\"\n");
}

TEST_CASE("--set is called by its key") {
    const auto one = laid({Option::set, "network.mode=none"});
    REQUIRE(one.sources.size() == 1);
    CHECK(one.sources[0].name == "--set network.mode");
    CHECK(one.sources[0].text == "network.mode=none");
    CHECK(one.sources[0].flag);
    CHECK(one.diagnostics.empty());
}

TEST_CASE("nothing in a variable given by option is expanded") {
    CHECK(cli::to_toml(laid({Option::env, "A=${HOME} $x"}).document) == "[environment.set]\nA = \"$${HOME} $$x\"\n");
    CHECK(cli::to_toml(laid({Option::env, "A="}).document) == "[environment.set]\nA = \"\"\n");
}

TEST_CASE("a variable without a value is the caller's, or none") {
    Context context;
    context.environment = {"TOKEN=se$cret"};
    CHECK(cli::to_toml(laid({Option::env, "TOKEN"}, context).document) == "[environment.set]\nTOKEN = \"se$$cret\"\n");
    CHECK(cli::to_toml(laid({Option::env, "OTHER"}, context).document).empty());
}
