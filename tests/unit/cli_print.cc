#include <doctest/doctest.h>

#include "cli/print.h"

using namespace nsrun;

namespace {

Value text(std::string content) {
    return {std::move(content), {}};
}

}  // namespace

TEST_CASE("keys of a table stand before the tables in it") {
    Document document;
    Table filesystem;
    filesystem.set("home", text("private"));
    document.set("filesystem", Value{filesystem, {}});
    document.set("schema", Value{std::int64_t{1}, {}});
    CHECK(cli::to_toml(document) == "schema = 1\n\n[filesystem]\nhome = \"private\"\n");
}

TEST_CASE("an array of tables becomes sections") {
    Document document;
    Table mount;
    mount.set("target", text("/data"));
    mount.set("recursive", Value{false, {}});
    document.set("mount", Value{Array{Value{mount, {}}, Value{mount, {}}}, {}});
    CHECK(cli::to_toml(document) ==
          "[[mount]]\ntarget = \"/data\"\nrecursive = false\n\n[[mount]]\ntarget = \"/data\"\nrecursive = false\n");
}

TEST_CASE("a table that holds only tables has no heading of its own") {
    Document document;
    Table set;
    set.set("A", text("b"));
    Table environment;
    environment.set("set", Value{set, {}});
    document.set("environment", Value{environment, {}});
    CHECK(cli::to_toml(document) == "[environment.set]\nA = \"b\"\n");
}

TEST_CASE("strings and keys are escaped as TOML asks") {
    Document document;
    Table files;
    files.set("/etc/motd", text("a \"b\"\\\n\x1b\x7f"));
    document.set("files", Value{files, {}});
    CHECK(cli::to_toml(document) == "[files]\n\"/etc/motd\" = \"a \\\"b\\\"\\\\\\n\\u001B\\u007F\"\n");
}

TEST_CASE("a long array has a line an element") {
    Document document;
    document.set("ro", Value{Array{text(std::string(60, 'a')), text(std::string(60, 'b'))}, {}});
    CHECK(cli::to_toml(document) ==
          "ro = [\n    \"" + std::string(60, 'a') + "\",\n    \"" + std::string(60, 'b') + "\",\n]\n");
}

TEST_CASE("a whole floating number stays one") {
    Document document;
    document.set("x", Value{2.0, {}});
    CHECK(cli::to_toml(document) == "x = 2.0\n");
}

TEST_CASE("what a terminal obeys is escaped, what it shows is not") {
    Document document;
    document.set("a\u009b", text("\x1b[1m \u009b31m \u202e \U000e0041 \x7f \u00fc \u65e5"));
    CHECK(cli::to_toml(document) == "\"a\\u009B\" = \"\\u001B[1m \\u009B31m \\u202E \\U000E0041 \\u007F \u00fc \u65e5\"\n");
    CHECK(to_json(Value{document, {}}, -1) ==
          R"({"a\u009b":"\u001b[1m \u009b31m \u202e \udb40\udc41 \u007f \u00fc \u65e5"})");
}
