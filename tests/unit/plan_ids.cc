#include "plan/id_map.h"
#include "plan/ids.h"
#include "support/machine.h"

#include <nsrun/nsrun.h>

#include <doctest/doctest.h>

using namespace nsrun;
using nsrun::testing::desktop;
using nsrun::testing::service;

namespace {

constexpr Span here{0, 1, 1, 1, 2};

Clone with_user_namespace() {
    Clone clone;
    clone.namespaces = {Namespace::user, Namespace::mount};
    return clone;
}

Profile mapped(IdMapping mapping) {
    Profile profile;
    profile.ids.map = {mapping, here};
    return profile;
}

/// The steps as a plan would print them, one a line, or the diagnostics.
std::string planned(const Profile& profile, const HostFacts& facts, const Clone& clone) {
    Diagnostics diagnostics;
    const auto plan = plan_ids(profile, facts, clone, diagnostics);
    std::string text;
    for (const auto& found : diagnostics.list()) {
        text += std::string(spelling(found.code)) + ": " + found.message + "; " + found.help + "\n";
    }
    if (diagnostics.has_errors()) return text;
    for (const auto& step : plan.attach) text += to_text(step.step) + "\n";
    for (const auto& step : plan.steps) text += to_text(step.step) + "\n";
    const auto& who = plan.identity;
    return text + who.user + ":" + who.group + " " + std::to_string(who.uid) + ":" + std::to_string(who.gid) + " " +
           who.home + (who.host_root_inside ? " host root\n" : "\n");
}

}  // namespace

TEST_CASE("self keeps the caller's ids and denies setgroups first") {
    CHECK(planned(mapped(IdMapping::self), desktop(), with_user_namespace()) ==
          "deny_setgroups\n"
          "map_ids map=uid ranges=1000:1000:1\n"
          "map_ids map=gid ranges=1000:1000:1\n"
          "become_builder uid=1000 gid=1000\n"
          "ada:ada 1000:1000 /home/ada\n");
}

TEST_CASE("root shows the caller as root") {
    CHECK(planned(mapped(IdMapping::root), desktop(), with_user_namespace()) ==
          "deny_setgroups\n"
          "map_ids map=uid ranges=0:1000:1\n"
          "map_ids map=gid ranges=0:1000:1\n"
          "become_builder uid=0 gid=0\n"
          "root:root 0:0 /home/ada\n");
}

TEST_CASE("range gives a user himself as root and 65535 subordinate ids, through the helpers") {
    CHECK(planned(mapped(IdMapping::range), desktop(), with_user_namespace()) ==
          "map_ids map=uid ranges=0:1000:1,1:100000:65535 helper=/usr/bin/newuidmap\n"
          "map_ids map=gid ranges=0:1000:1,1:100000:65535 helper=/usr/bin/newgidmap\n"
          "become_builder uid=0 gid=0\n"
          "set_groups groups=none\n"
          "root:root 0:0 /home/ada\n");
}

TEST_CASE("range of root maps subordinate ids only: the host's root is nobody inside") {
    CHECK(planned(mapped(IdMapping::range), service(), with_user_namespace()) ==
          "map_ids map=uid ranges=0:1000000:65536\n"
          "map_ids map=gid ranges=0:1000000:65536\n"
          "become_builder uid=0 gid=0\n"
          "set_groups groups=none\n"
          "root:root 0:0 /root\n");
}

TEST_CASE("range of root without subordinate ids is refused, never mapped to the host's") {
    auto facts = service();
    facts.subuid.clear();
    CHECK(planned(mapped(IdMapping::range), facts, with_user_namespace()) ==
          "not-enough-ids: 65536 ids requested, 0 available to root in /etc/subuid; as root: usermod --add-subuids "
          "524288-589823 root, or another range that /etc/subuid gives to nobody\n");
}

TEST_CASE("a range is put together from several subordinate ranges, without the host's root") {
    auto facts = desktop();
    facts.subuid = {{100000, 30000}, {0, 1}, {400000, 40000}};
    CHECK(planned(mapped(IdMapping::range), facts, with_user_namespace())
              .starts_with("map_ids map=uid ranges=0:1000:1,1:100000:30000,30001:400000:35535 "));
}

TEST_CASE("a user of the database comes with his group") {
    auto profile = mapped(IdMapping::range);
    profile.ids.uid = {33, here};
    const auto text = planned(profile, desktop(), with_user_namespace());
    CHECK(text.ends_with("set_groups groups=none\nset_ids uid=33 gid=33\nwww-data:www-data 33:33 /home/ada\n"));
}

TEST_CASE("an id that is not mapped is refused") {
    auto profile = mapped(IdMapping::self);
    profile.ids.uid = {0, here};
    CHECK(planned(profile, desktop(), with_user_namespace()) ==
          "unmapped-id: uid 0 does not exist inside: ids.map = \"self\" maps 1000 only; write ids.map = \"range\"\n");
}

TEST_CASE("the helpers are needed for more than one id, and cannot work under no_new_privs") {
    auto facts = desktop();
    facts.newuidmap.clear();
    CHECK(planned(mapped(IdMapping::range), facts, with_user_namespace()) ==
          "needs-helper: ids.map = \"range\" needs newuidmap, which is not installed; install the package uidmap "
          "(elsewhere: shadow-utils)\n");
    facts = desktop();
    facts.no_new_privileges = true;
    CHECK(planned(mapped(IdMapping::range), facts, with_user_namespace())
              .starts_with("needs-helper: ids.map = \"range\" needs newuidmap, which cannot work where no_new_privs is "
                           "already set"));
    CHECK(planned(mapped(IdMapping::self), facts, with_user_namespace()).ends_with("ada:ada 1000:1000 /home/ada\n"));
}

TEST_CASE("explicit ranges are checked against the caller's, with the numbers") {
    auto profile = mapped(IdMapping::explicit_);
    profile.ids.uid_map = {{{0, 100000, 70000}, here}};
    profile.ids.gid_map = {{{0, 5000, 10}, here}};
    CHECK(planned(profile, desktop(), with_user_namespace()) ==
          "not-enough-ids: 70000 ids requested, 65536 available to ada in /etc/subuid; lower count to 65536\n"
          "bad-id: gid 5000 of the host is not ada's to map; write outside = 100000: /etc/subgid gives ada 65536 ids "
          "from there\n");
}

TEST_CASE("root maps anything directly and drops groups") {
    auto profile = mapped(IdMapping::explicit_);
    profile.ids.uid_map = profile.ids.gid_map = {{{0, 0, 1}, here}, {{1, 300000, 10}, here}};
    CHECK(planned(profile, service(), with_user_namespace()) ==
          "map_ids map=uid ranges=0:0:1,1:300000:10\n"
          "map_ids map=gid ranges=0:0:1,1:300000:10\n"
          "become_builder uid=0 gid=0\n"
          "set_groups groups=none\n"
          "root:root 0:0 /root host root\n");
}

TEST_CASE("run-as becomes a user of the host, as root") {
    Profile profile;
    profile.ids.run_as = {"www-data", here};
    CHECK(planned(profile, service(), {}) ==
          "set_groups groups=none\nset_ids uid=33 gid=33\nwww-data:www-data 33:33 /var/www host root\n");
    profile.ids.run_as = {"4000:33", here};
    CHECK(
        planned(profile, service(), {}).ends_with("set_ids uid=4000 gid=33\n4000:www-data 4000:33 /root host root\n"));
    profile.ids.run_as = {"4000", here};
    CHECK(planned(profile, service(), {}).starts_with("unknown-user: user 4000 is not in the user database"));
    profile.ids.run_as = {"nobody-there", here};
    CHECK(planned(profile, service(), {}).starts_with("unknown-user: no user is called 'nobody-there'"));
    profile.ids.run_as = {"www-data", here};
    CHECK(planned(profile, desktop(), {}).starts_with("needs-privilege: only root can become another user"));
}

TEST_CASE("a list of groups needs setgroups") {
    Profile profile;
    profile.ids.groups = {{.listed = true, .names = {{"www-data", here}, {"7", here}}}, here};
    CHECK(planned(profile, service(), {}).starts_with("set_groups groups=7,33\n"));
    CHECK(
        planned(profile, desktop(), with_user_namespace()).starts_with("needs-privilege: the kernel lets nobody set"));
    profile.ids.map = {IdMapping::range, here};
    CHECK(planned(profile, desktop(), with_user_namespace()).find("set_groups groups=7,33\n") != std::string::npos);
}

TEST_CASE("a joined user namespace is read from its maps") {
    Profile profile;
    profile.join.user = {"/proc/7/ns/user", here};
    Clone clone;
    clone.joins = {{Namespace::user, "/proc/7/ns/user", here}};
    auto facts = desktop();
    facts.texts["/proc/7/uid_map"] = "         0       1000          1\n";
    facts.texts["/proc/7/gid_map"] = "         0       1000          1\n";
    facts.texts["/proc/7/setgroups"] = "deny\n";
    CHECK(planned(profile, facts, clone) == "become_builder uid=0 gid=0\nroot:root 0:0 /home/ada\n");
    facts.texts.clear();
    CHECK(planned(profile, facts, clone).starts_with("missing-key: the id map of /proc/7/ns/user cannot be read"));
}
