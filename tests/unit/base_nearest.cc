#include <doctest/doctest.h>

#include <array>
#include <string_view>

#include "base/nearest.h"

using nsrun::nearest;

constexpr std::array<std::string_view, 5> keys{"access", "source", "target", "ro", "rw"};

TEST_CASE("a word with one slip finds its key") {
    CHECK(nearest("acces", keys) == "access");
    CHECK(nearest("accesss", keys) == "access");
    CHECK(nearest("acxess", keys) == "access");
}

TEST_CASE("swapped neighbours count as one slip") {
    CHECK(nearest("suorce", keys) == "source");
}

TEST_CASE("a word that is like none finds nothing") {
    CHECK(nearest("network", keys).empty());
    CHECK(nearest("", keys).empty());
    CHECK(nearest("x", keys).empty());
}

TEST_CASE("the first of equally near keys is taken") {
    CHECK(nearest("rx", keys) == "ro");
}
