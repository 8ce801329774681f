#include "plan/order.h"
#include "plan/words.h"

#include <nsrun/nsrun.h>

#include <doctest/doctest.h>

#include <algorithm>

using namespace nsrun;

TEST_CASE("a step reads as its name and fields") {
    CHECK(to_text(ChildStep{BindMount{.source = "/srv/my data", .target = "/data", .attributes = {0x6}}}) ==
          "bind_mount source=\"/srv/my data\" target=/data access=read-only "
          "attributes=nosuid,nodev");
    CHECK(to_text(ChildStep{MountTmpfs{.target = "/tmp", .size = {512 << 20}, .mode = {01777}}}) ==
          "mount_tmpfs target=/tmp size=512M mode=1777 access=read-write");
    CHECK(to_text(ChildStep{SetCapabilities{.keep = {1 << 10}, .securebits = 0x2f}}) ==
          "set_capabilities keep=net-bind-service ambient=none last=40 securebits=0x2f");
    CHECK(to_text(ParentStep{DenySetgroups{}}) == "deny_setgroups");
}

TEST_CASE("steps of a network say what is not as usual") {
    CHECK(to_text(ParentStep{MoveLink{.host_link = "enp3s0", .link = "lan0"}}) == "move_link host_link=enp3s0 link=lan0");
    CHECK(to_text(ParentStep{LimitRate{"eth0", {20'000'000}}}) == "limit_rate link=eth0 rate=20mbit");
    CHECK(to_text(ParentStep{LimitRate{"ns1", {512'000}, Place::host}}) == "limit_rate link=ns1 rate=512kbit place=host");
    CHECK(to_text(ParentStep{ShareBridge{"br0", {"10.0.0.1/24"}, "/run/nsrun/bridges/br0.lock"}}) ==
          "share_bridge link=br0 addresses=10.0.0.1/24 lock=/run/nsrun/bridges/br0.lock");
    CHECK(to_text(ParentStep{Masquerade{"nsrun-1", {"10.0.0.0/24", "fd00::/64"}}}) ==
          "masquerade table=nsrun-1 sources=10.0.0.0/24,fd00::/64");
}

TEST_CASE("what a step does unless told otherwise is left out, and nothing else is") {
    CHECK(to_text(ChildStep{BindMount{.source = "/srv", .target = "/srv", .recursive = false}}) ==
          "bind_mount source=/srv target=/srv access=read-only recursive=false");
    CHECK(to_text(ChildStep{MakeFile{.path = "/f", .mode = {0600}, .uid = 33, .gid = 33}}) ==
          "make_file path=/f mode=0600 uid=33 gid=33");
}

TEST_CASE("control characters of a value cannot reach the terminal") {
    CHECK(to_text(ChildStep{SetHostname{"a\x1b[2Jb"}}) == "set_hostname hostname=\"a\\x1B[2Jb\"");
    CHECK(to_text(ChildStep{MakeFile{.path = "/etc/hosts", .content = "127.0.0.1 localhost\n"}}) ==
          "make_file path=/etc/hosts content=\"127.0.0.1 localhost\\n\"");
}

TEST_CASE("a long value is told by length and digest") {
    const auto text = to_text(ChildStep{MakeFile{.path = "/a", .content = std::string(5000, 'x')}});
    CHECK(text.find("content=<5000 bytes, digest ") != std::string::npos);
    CHECK(text.size() < 100);
}

TEST_CASE("control characters of a profile's path cannot reach the terminal") {
    Plan plan;
    plan.setup.push_back({SetHostname{"box"}, Span{0, 3, 1, 3, 9}});
    CHECK(to_text(plan, {{"a\x1b[31m.toml", "", false}}, true).find(" # a\\x1B[31m.toml:3\n") != std::string::npos);
}

TEST_CASE("a plan names the profile's lines only when asked") {
    const Sources sources{{"a.toml", "", false}};
    Plan plan;
    plan.clone.namespaces = {Namespace::user, Namespace::uts};
    plan.setup.push_back({SetHostname{"box"}, Span{0, 3, 1, 3, 9}});
    plan.exec.path = "/bin/sh";
    plan.exec.argv = {"sh", "-c", "echo a, b"};
    plan.exec.descriptors = {0, 1, 2};
    plan.supervise.forward = {2, 15};
    CHECK(to_text(plan, sources, false) ==
          "nsrun plan 1\n"
          "clone    namespaces=user,uts\n"
          "setup    set_hostname hostname=box\n"
          "exec     path=/bin/sh argv=sh,-c,\"echo a, b\" descriptors=0,1,2 init=true\n"
          "watch    forward=INT,TERM stop_signal=TERM die_with_parent=true\n");
    std::string explained = "setup    set_hostname hostname=box";
    explained.resize(80, ' ');
    CHECK(to_text(plan, sources, true).find(explained + " # a.toml:3\n") != std::string::npos);
}

TEST_CASE("a plan as a tree has stable names") {
    Plan plan;
    plan.attach.push_back({MapIds{IdKind::uid, {{0, 1000, 1}}, {}}, {}});
    const auto json = to_json(to_value(plan, {}), -1);
    CHECK(json.starts_with(
        "{\"nsrun_plan\":1,\"prepare\":[],\"clone\":{\"namespaces\":[],\"joins\":[],\"in_place\":false},"
        "\"attach\":[{\"step\":\"map_ids\",\"map\":\"uid\",\"ranges\":[{\"inside\":0,\"outside\":1000,"
        "\"count\":1}],\"helper\":\"\"}],\"setup\":[],\"exec\":{"));
}

TEST_CASE("the real-time signals are one word when all are there") {
    std::vector<int> signals{1};
    for (int signal = 34; signal <= 64; ++signal) signals.push_back(signal);
    CHECK(signal_words(signals) == std::vector<std::string>{"HUP", "RTMIN..RTMAX"});
    signals.pop_back();
    CHECK(signal_words(signals).size() == 31);
}

TEST_CASE("ordering keeps the order within a rank") {
    std::vector<Planned<ChildStep>> steps;
    steps.push_back({CheckSelf{}, {}});
    steps.push_back({MakeDirectory{.path = "/b"}, {}});
    steps.push_back({BindMount{.target = "/b/a"}, {}});
    steps.push_back({PivotRoot{}, {}});
    steps.push_back({MakeDirectory{.path = "/a"}, {}});
    put_in_order(steps);
    std::string order;
    for (const auto& step : steps) order += to_text(step.step).substr(0, 22) + "\n";
    CHECK(
        order ==
        "pivot_root\nmake_directory path=/b\nbind_mount target=/b/a\nmake_directory path=/a\ncheck_self keep=none a\n");
}
