#include "load/layers.h"
#include "load/load.h"
#include "load/search.h"
#include "temporary.h"

#include <doctest/doctest.h>

using namespace nsrun;

namespace {

/// A machine of three search directories in one temporary place.
struct Machine {
    Machine() {
        for (const auto* name : {"home", "etc", "usr"}) {
            directories.push_back(there.path + "/" + name);
            there.write(std::string(name) + "/.keep", "");
        }
        context.caller.uid = ::geteuid();
        context.caller.cwd = there.path;
        context.caller.home = there.path + "/user";
    }

    /// The layered document as one line of JSON, or the diagnostics as a text with the temporary path as "@".
    std::string layers(const std::string& value) {
        sources.push_back({"--profile", value, true});
        Layers reader(directories, context, sources, diagnostics);
        const Document document =
            reader.profile(value, {0, 1, 1, 1, static_cast<std::uint32_t>(value.size() + 1)}, there.path, "");
        files = reader.take_files();
        std::string text =
            diagnostics.empty() ? to_json(Value{document, {}}, -1) : to_text(diagnostics, sources, false);
        for (auto at = text.find(there.path); at != text.npos; at = text.find(there.path)) {
            text.replace(at, there.path.size(), "@");
        }
        return text;
    }

    TemporaryDirectory there;
    std::vector<std::string> directories;
    Context context;
    Sources sources;
    Diagnostics diagnostics;
    std::vector<std::string> files;
};

}  // namespace

TEST_CASE("a name is searched best directory first") {
    Machine machine;
    machine.there.write("etc/web.toml", "hostname = 'etc'\n");
    machine.there.write("usr/web.toml", "hostname = 'usr'\n");
    CHECK(machine.layers("web@blue") == R"({"hostname":"etc"})");
    CHECK(machine.files == std::vector{machine.there.path + "/etc/web.toml"});
}

TEST_CASE("a name is never searched in the current directory") {
    Machine machine;
    machine.there.write("web.toml", "");
    CHECK(machine.layers("web") ==
          "--profile: error: there is no profile 'web' [unknown-profile]\n"
          "  web\n"
          "  ^^^\n"
          "  help: put it into @/home/web.toml, or write ./web.toml for a file here\n");
}

TEST_CASE("a misspelt profile gets a suggestion") {
    Machine machine;
    machine.there.write("usr/browser.toml", "");
    CHECK(machine.layers("browsr") ==
          "--profile: error: there is no profile 'browsr' [unknown-profile]\n"
          "  browsr\n"
          "  ^^^^^^\n"
          "  help: did you mean 'browser'?\n");
}

TEST_CASE("a name that no profile can have is refused") {
    Machine machine;
    CHECK(machine.layers(".web") ==
          "--profile: error: '.web' cannot be the name of a profile [unknown-profile]\n"
          "  .web\n"
          "  ^^^^\n"
          "  help: a name has letters, digits and the marks ._+:- and begins with no dot; a path has a slash\n");
}

TEST_CASE("names and instances keep to what is safe in a path") {
    CHECK(ProfileName("web@blue").valid());
    CHECK(ProfileName("web").instance.empty());
    for (const auto name : {"", "@x", ".x", "x@.y", "x@../y", "a b", "a\nb", "x@y@z"}) {
        CAPTURE(name);
        CHECK(!ProfileName(name).valid());
    }
    CHECK(is_profile_path("x.toml"));
    CHECK(is_profile_path("./x"));
    CHECK(!is_profile_path("x"));
}

TEST_CASE("a link to /dev/null switches a profile off") {
    Machine machine;
    machine.there.link("home/web.toml", "/dev/null");
    machine.there.write("usr/web.toml", "");
    CHECK(machine.layers("web") ==
          "--profile: error: the profile 'web' is switched off: @/home/web.toml leads to /dev/null [unknown-profile]\n"
          "  web\n"
          "  ^^^\n"
          "  help: rm @/home/web.toml\n");
}

TEST_CASE("parents come first, once each, and keep their names to themselves") {
    Machine machine;
    machine.there.write("usr/base.toml",
                        "name = 'base'\nhostname = 'base'\ndomainname = 'base'\n[command]\nargs = ['base']\n");
    machine.there.write("usr/a.toml", "extends = ['base']\n[command]\nargs = ['a']\n");
    machine.there.write("sub/b.toml", "extends = ['base', '../usr/a.toml']\nhostname = 'b'\n[command]\nargs = ['b']\n");
    machine.there.write("top.toml", "extends = ['a', './sub/b.toml']\n");
    CHECK(machine.layers("./top.toml") ==
          R"({"hostname":"b","domainname":"base","command":{"args":["base","a","b"]},"extends":["a","./sub/b.toml"]})");
    CHECK(machine.files.size() == 4);
}

TEST_CASE("drop-ins beside and above are laid over, in name order, the best of a name") {
    Machine machine;
    machine.there.write("etc/web.toml", "[command]\nargs = ['main']\n");
    machine.there.write("etc/web.toml.d/20.toml", "[command]\nargs = ['etc20']\n");
    machine.there.write("etc/web.toml.d/10.toml", "[command]\nargs = ['etc10']\n");
    machine.there.write("etc/web.toml.d/40.toml", "[command]\nargs = ['etc40']\n");
    machine.there.write("etc/web.toml.d/no.txt", "junk");
    machine.there.write("home/web.toml.d/10.toml", "[command]\nargs = ['home10']\n");
    machine.there.write("usr/web.toml.d/30.toml", "[command]\nargs = ['below']\n");
    machine.there.link("home/web.toml.d/40.toml", "/dev/null");
    CHECK(machine.layers("web") == R"({"command":{"args":["main","home10","etc20"]}})");
}

TEST_CASE("outside of the search directories a profile has no drop-ins") {
    Machine machine;
    machine.there.write("site/web.toml", "[command]\nargs = ['main']\n");
    machine.there.write("site/web.toml.d/10.toml", "[command]\nargs = ['left by a sandbox']\n");
    CHECK(machine.layers("./site/web.toml") == R"({"command":{"args":["main"]}})");
    machine.there.write("usr/base.toml.d/10.toml", "[command]\nargs = ['drop-in']\n");
    machine.there.write("usr/base.toml", "");
    machine.there.write("usr/web.toml", "extends = ['./base.toml']\n");
    CHECK(machine.layers("web") == R"({"command":{"args":["drop-in"]},"extends":["./base.toml"]})");
}

TEST_CASE("a circle of extends is an error that prints the chain") {
    Machine machine;
    machine.there.write("a.toml", "extends = ['./b.toml']\n");
    machine.there.write("b.toml", "extends = ['./c.toml']\n");
    machine.there.write("c.toml", "extends = ['./b.toml']\n");
    CHECK(machine.layers("./a.toml") ==
          "c.toml:1:12: error: profiles extend each other in a circle: b.toml -> c.toml -> b.toml [extends-cycle]\n"
          "  extends = ['./b.toml']\n"
          "             ^^^^^^^^^^\n"
          "  help: take one of them out of extends\n");
}

TEST_CASE("a chain of extends has an end") {
    Machine machine;
    for (int i = 0; i < 17; ++i) {
        machine.there.write(std::to_string(i) + ".toml", "extends = ['./" + std::to_string(i + 1) + ".toml']\n");
    }
    machine.there.write("17.toml", "");
    CHECK(machine.layers("0.toml") ==
          "15.toml:1:12: error: more than 16 profiles extend one another [too-deep]\n"
          "  extends = ['./16.toml']\n"
          "             ^^^^^^^^^^^\n"
          "  help: extend the last ones directly\n");
}

TEST_CASE("the number of files has an end") {
    Machine machine;
    std::string names;
    for (int i = 0; i < 256; ++i) {
        machine.there.write("p" + std::to_string(i) + ".toml", "");
        names += "\n'./p" + std::to_string(i) + ".toml',";
    }
    machine.there.write("all.toml", "extends = [" + names + "]\n");
    CHECK(machine.layers("all.toml") ==
          "all.toml:257:1: error: more than 256 profile files [too-large]\n"
          "  './p255.toml',]\n"
          "  ^^^^^^^^^^^^^\n"
          "  help: put several into one\n");
}

TEST_CASE("extends that is no list of names is an error for each") {
    Machine machine;
    machine.there.write("a.toml", "extends = 'base'\n");
    CHECK(machine.layers("a.toml") ==
          "a.toml:1:11: error: expected an array of profile names, found a string [wrong-type]\n"
          "  extends = 'base'\n"
          "            ^^^^^^\n"
          "  help: write extends = [\"base\"]\n");
    Machine other;
    other.there.write("a.toml", "extends = [7]\n");
    CHECK(other.layers("a.toml") ==
          "a.toml:1:12: error: expected a profile name, found the number 7 [wrong-type]\n"
          "  extends = [7]\n"
          "             ^\n"
          "  help: write extends = [\"base\"]\n");
}

TEST_CASE("a parent's path may have variables and a tilde") {
    Machine machine;
    machine.there.write("user/p.toml", "hostname = 'p'\n");
    machine.there.write("user/q.toml", "domainname = 'q'\n");
    machine.there.write("a.toml", "extends = ['~/p.toml', '${vars.where}/q.toml']\n[vars]\nwhere = '" +
                                      machine.there.path + "/user'\n");
    const auto text = machine.layers("a.toml");
    CHECK(text.starts_with(R"({"hostname":"p","domainname":"q")"));
}

TEST_CASE("what is no profile file is an error at where it is named") {
    Machine machine;
    machine.there.write("big.toml", std::string(1024 * 1024 + 1, '#'));
    machine.there.write("dir.toml/x", "");
    CHECK(machine.layers("big.toml") ==
          "--profile: error: big.toml is larger than 1 MiB [too-large]\n"
          "  big.toml\n"
          "  ^^^^^^^^\n"
          "  help: a profile is a short text; name the right file\n");
    machine.diagnostics = {};
    machine.sources.clear();
    CHECK(machine.layers("dir.toml") ==
          "--profile: error: dir.toml is a directory, not a profile [unreadable]\n"
          "  dir.toml\n"
          "  ^^^^^^^^\n"
          "  help: name a file in it: dir.toml/NAME.toml\n");
    machine.diagnostics = {};
    machine.sources.clear();
    CHECK(machine.layers("none.toml") ==
          "--profile: error: none.toml does not exist [unknown-profile]\n"
          "  none.toml\n"
          "  ^^^^^^^^^\n"
          "  help: nsrun profile list names those that are installed\n");
}

TEST_CASE("a relative path needs a current directory") {
    Machine machine;
    machine.sources.push_back({"--profile", "x.toml", true});
    Layers reader(machine.directories, machine.context, machine.sources, machine.diagnostics);
    reader.profile("x.toml", {0, 1, 1, 1, 7}, "", "");
    CHECK(to_text(machine.diagnostics, machine.sources, false) ==
          "--profile: error: 'x.toml' is relative to the current directory, which cannot be reached [bad-path]\n"
          "  x.toml\n"
          "  ^^^^^^\n"
          "  help: write the whole path\n");
}

TEST_CASE("conditions are settled text by text, with answers of the machine") {
    Machine machine;
    machine.there.write(
        "a.toml",
        "hostname = 'plain'\n[when.'exists(/proc)']\nhostname = 'proc'\n[when.'exists(/no/such)']\nhostname = 'no'\n");
    CHECK(machine.layers("a.toml") == R"({"hostname":"proc"})");
}

TEST_CASE("load settles the name, layers flags last, and expands") {
    Machine machine;
    machine.there.write("web.toml", "hostname = '${NAME}'\n");
    Document flag;
    flag.set("domainname", Value{std::string("${NAME}.test"), {}});
    LayerRequest request;
    request.profiles = {machine.there.path + "/web.toml"};
    request.flags = {flag};
    const Loaded loaded = load(request, machine.context, machine.sources, machine.diagnostics);
    CHECK(machine.diagnostics.empty());
    CHECK(loaded.name == "web");
    CHECK(to_json(Value{loaded.document, {}}, -1) == R"({"hostname":"web","domainname":"web.test"})");
    CHECK(loaded.files == request.profiles);
}

TEST_CASE("the name key names the run") {
    Machine machine;
    machine.there.write("web.toml", "name = 'shop'\nhostname = '${NAME}'\n");
    LayerRequest request;
    request.profiles = {machine.there.path + "/web.toml"};
    CHECK(load(request, machine.context, machine.sources, machine.diagnostics).name == "shop");
    CHECK(machine.context.name == "shop");
}

TEST_CASE("the search path of a user begins at home, that of root at /etc") {
    Context context;
    context.config_home = "/home/ada/.config";
    context.caller.uid = 1001;
    auto directories = profile_directories(context);
    REQUIRE(directories.size() == 3);
    CHECK(directories[0] == "/home/ada/.config/nsrun/profiles");
    CHECK(directories[1] == "/etc/nsrun/profiles");
    CHECK(directories[2].ends_with("/profiles"));
    context.caller.uid = 0;
    directories = profile_directories(context);
    REQUIRE(directories.size() == 2);
    CHECK(directories[0] == "/etc/nsrun/profiles");
}

TEST_CASE("profiles are listed by name, hidden ones marked") {
    TemporaryDirectory there;
    there.write("nsrun/profiles/base.toml", "description = 'mine'\n");
    there.link("nsrun/profiles/curl.toml", "/dev/null");
    Context context;
    context.config_home = there.path;
    context.caller.uid = ::geteuid() == 0 ? 1 : ::geteuid();  // files of root are trusted by all
    const auto entries = list_profiles(context);
    REQUIRE(!entries.empty());
    CHECK(entries[0] == ProfileEntry{"base", there.path + "/nsrun/profiles/base.toml", "mine", false});
    for (const auto& entry : entries) {
        CHECK((entry.name != "curl" || entry.hidden));
        CHECK((entry.name != "base" || entry.description == "mine" || entry.hidden));
    }
    CHECK(find_profile("base", context) == there.path + "/nsrun/profiles/base.toml");
    CHECK(find_profile("no-such-profile", context).empty());
}
