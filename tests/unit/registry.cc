#include "registry/registry.h"

#include "temporary.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace {

using namespace nsrun;

registry::Entry web() {
    return {.name = "web", .launcher = 4711, .first = 4712, .init = true, .namespaces = {{Namespace::user, 4026532001}, {Namespace::net, 4026532002}}};
}

std::vector<std::string> files(const std::string& directory) {
    std::vector<std::string> names;
    for (const auto& each : std::filesystem::directory_iterator(directory)) names.push_back(each.path().filename());
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace

TEST_CASE("an entry is read as it was written") {
    CHECK(registry::to_text(web()) == "name web\nlauncher 4711\ninit true\nuser 4026532001\nnet 4026532002\nfirst 4712\n");
    CHECK(registry::parse_entry(registry::to_text(web())) == web());
}

TEST_CASE("of an entry that breaks off, or says nothing, is taken what is there") {
    CHECK(registry::parse_entry("") == registry::Entry{});
    CHECK(registry::parse_entry("name web\nlauncher 47") == registry::Entry{.name = "web"});
    CHECK(registry::parse_entry("first x\nnet -1\n\n  \nfirst\nother 1\n").first == 0);
}

TEST_CASE("a sandbox is meant by its name, or by that and the pid of its nsrun") {
    CHECK(registry::called(web(), "web"));
    CHECK(registry::called(web(), "web.4711"));
    CHECK_FALSE(registry::called(web(), "web.4712"));
    CHECK_FALSE(registry::called(web(), "webb"));
    CHECK_FALSE(registry::called(web(), "we"));
}

TEST_CASE("only a directory of the caller's own is one to register in") {
    const TemporaryDirectory place;
    const std::string inner = place.path + "/nsrun";
    ::chmod(place.path.c_str(), 0700);
    CHECK(registry::examine(inner) == RegistryState::missing);
    ::mkdir(inner.c_str(), 0700);
    CHECK(registry::examine(inner) == RegistryState::ready);
    ::chmod(inner.c_str(), 0770);
    CHECK(registry::examine(inner) == RegistryState::none);
    CHECK(registry::examine(place.path + "/no/such") == RegistryState::none);
}

TEST_CASE("who is registered is listed until the end") {
    const TemporaryDirectory place;
    ::chmod(place.path.c_str(), 0700);
    {
        auto held = registry::enter(place.path + "/web");
        REQUIRE(held);
        REQUIRE(held->tell(web()));
        CHECK(registry::list(place.path) == std::vector{web()});
    }
    CHECK(files(place.path).empty());
}

TEST_CASE("a name that is taken gets the pid behind it") {
    const TemporaryDirectory place;
    auto one = registry::enter(place.path + "/web");
    auto other = registry::enter(place.path + "/web");
    REQUIRE(one);
    REQUIRE(other);
    CHECK(one->path() == place.path + "/web");
    CHECK(other->path() == place.path + "/web." + std::to_string(::getpid()));
}

TEST_CASE("a stale entry is taken over, and others like it go") {
    const TemporaryDirectory place;
    ::chmod(place.path.c_str(), 0700);
    for (const char* name : {"web", "web.12", "db"}) std::ofstream(place.path + "/" + name) << "name web\nfirst 1\n";
    CHECK(registry::list(place.path).empty());
    auto held = registry::enter(place.path + "/web");
    REQUIRE(held);
    CHECK(files(place.path) == std::vector<std::string>{"web"});
    CHECK(std::filesystem::file_size(place.path + "/web") == 0);
}
