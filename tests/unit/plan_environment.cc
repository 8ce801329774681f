#include "base/pattern.h"
#include "plan/environment.h"
#include "plan/mount_paths.h"
#include "plan/path.h"

#include <doctest/doctest.h>

#include <string>

using namespace nsrun;

TEST_CASE("a pattern of names has stars, single letters and classes") {
    CHECK(matches("LC_*", "LC_ALL"));
    CHECK(matches("*", ""));
    CHECK(matches("*_TOKEN", "GITHUB_TOKEN_TOKEN"));
    CHECK(matches("A?C", "ABC"));
    CHECK(matches("[A-C]X", "BX"));
    CHECK(matches("[!A-C]X", "DX"));
    CHECK(matches("[]]", "]"));
    CHECK(matches("[open", "[open"));
    CHECK_FALSE(matches("LC_*", "LANG"));
    CHECK_FALSE(matches("A?C", "AC"));
    CHECK_FALSE(matches("[A-C]X", "DX"));
    CHECK_FALSE(matches("", "A"));
}

TEST_CASE("a pattern of many stars takes no exponential time") {
    std::string pattern, name(5000, 'a');
    for (int i = 0; i < 50; ++i) pattern += "a*";
    CHECK_FALSE(matches(pattern + "b", name));
}

TEST_CASE("programs are searched in absolute entries only, once each") {
    CHECK(path_entries(":/usr/bin:.:bin:/bin::/usr/bin:") == std::vector<std::string_view>{"/usr/bin", "/bin"});
    CHECK(path_entries("").empty());
}

TEST_CASE("paths are made normal as texts") {
    CHECK(normal_path("/usr//bin/./x/") == "/usr/bin/x");
    CHECK(normal_path("/a/../../b") == "/b");
    CHECK(normal_path("/") == "/");
    CHECK(joined_path("/", "/bin") == "/bin");
    CHECK(expand_home("~/x", "/home/ada") == "/home/ada/x");
    CHECK(expand_home("~other/x", "/home/ada") == "~other/x");
    CHECK(within("/usr/bin", "/usr"));
    CHECK(within("/usr", "/"));
    CHECK_FALSE(within("/usrlocal", "/usr"));
}
