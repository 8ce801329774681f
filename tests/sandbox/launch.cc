#include "sandbox/sandbox.h"

#include <doctest/doctest.h>

using namespace sandbox;
using namespace nsrun;

TEST_CASE("a sandbox of an ordinary user has its own everything") {
    if (!requires_sandbox(As::user)) return;
    const auto ended = launch(closed_plan(As::user, {"ids", "privileges", "process", "descriptors", "environment", "init", "network",
                                                      "path", "/", "path", "/usr", "path", "/tmp", "list", "/"}),
                              As::user);
    INFO(ended.what << " " << ended.help << " " << ended.step);
    INFO(ended.output);
    REQUIRE(ended.launched);
    CHECK(ended.status == 0);
    CHECK(ended["uid"] == "1000");
    CHECK(ended["gid"] == "1000");
}
