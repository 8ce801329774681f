#include "sandbox/host.h"

#include "network/network.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

/// What a plan says of a sandbox's network, done for real, as root.
using namespace sandbox;
using namespace nsrun;

TEST_CASE("what leaves the bridge's net has the host's address, and what stays has its own") {
    if (!requires_host()) return;
    const Host host;
    const std::string far = fmt::format("nsrun-far-{}", getpid());
    shell("ip netns add " + far + " && ip link add up0 type veth peer name eth0 netns " + far +
          " && ip addr add 192.0.2.1/24 dev up0 && ip -6 addr add 2001:db8::1/64 dev up0 nodad && ip link set up0 up && ip -n " + far +
          " addr add 192.0.2.2/24 dev eth0 && ip -n " + far + " -6 addr add 2001:db8::2/64 dev eth0 nodad && ip -n " + far +
          " link set eth0 up; echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding");
    const std::string server = "import socket\ns=socket.create_server(('::',7),family=socket.AF_INET6,dualstack_ipv6=True)\n"
                               "while 1:\n c,a=s.accept(); c.send(a[0].encode()); c.close()";
    const std::string ask = "import socket,sys\nfor a in sys.argv[1:]: print(a, socket.create_connection((a,7),3).recv(99).decode())";
    const Directory place;
    write_file(place.path() + "/server.py", server);
    write_file(place.path() + "/ask.py", ask);
    shell("ip netns exec " + far + " python3 " + place.path() + "/server.py >/dev/null 2>&1 & echo $! >" + place.path() + "/a");
    shell("python3 " + place.path() + "/server.py >/dev/null 2>&1 & echo $! >" + place.path() + "/b");
    becomes([&] { return has(shell("ss -ltn; ip netns exec " + far + " ss -ltn | sed s/^/far/"), "far"); });
    std::this_thread::sleep_for(std::chrono::milliseconds(700));
    auto plan = bridged_plan(host, "python3 " + place.path() + "/ask.py 192.0.2.2 2001:db8::2 10.99.0.1 fd99::1");
    attach(plan, AddRoute{"::/0", "fd99::1", "eth0"});
    attach(plan, Masquerade{"nsrun-t", {"10.99.0.0/24", "fd99::/64"}});
    const auto ended = launch(plan, As::root);
    shell("kill $(cat " + place.path() + "/a " + place.path() + "/b); ip netns del " + far);
    REQUIRE_LAUNCHED(ended);
    CHECK(ended.output == "192.0.2.2 ::ffff:192.0.2.1\n2001:db8::2 2001:db8::1\n10.99.0.1 ::ffff:10.99.0.5\nfd99::1 fd99::5\n");
    CHECK(shell("nft list tables") == "");
}

TEST_CASE("the rules read as they are meant") {
    if (!requires_host()) return;
    const Host host;
    auto plan = shell_plan("sleep 30");
    attach(plan, Masquerade{"nsrun-t", {"10.99.0.7/24", "fd99::7/64"}});
    std::string rules, stolen;
    (void)launch(plan, As::root, [&](pid_t launcher) {
        REQUIRE(becomes([] { return has(shell("nft list tables"), "nsrun-t"); }));
        rules = shell("nft list ruleset");
        stolen = shell("nft delete table inet nsrun-t");
        kill(launcher, SIGKILL);
    });
    const std::string chain =
        "\tchain postrouting {\n"
        "\t\ttype nat hook postrouting priority srcnat; policy accept;\n"
        "\t\tip saddr 10.99.0.0/24 ip daddr != 10.99.0.0/24 ip daddr != 224.0.0.0/4 masquerade\n"
        "\t\tip6 saddr fd99::/64 ip6 daddr != fd99::/64 ip6 daddr != ff00::/8 masquerade\n"
        "\t}\n";
    INFO(rules);
    CHECK(has(rules, chain));
    CHECK(has(rules, "flags owner"));
    CHECK(has(stolen, "Operation not permitted"));
    CHECK(remains_soon() == "");
}

TEST_CASE("what is for many at once is closed inside, and nothing is left of that") {
    if (!requires_host()) return;
    const Host host;
    auto plan = shell_plan("nft list ruleset");
    attach(plan, CloseMulticast{"lo"});
    const auto ended = launch(plan, As::root);
    REQUIRE_LAUNCHED(ended);
    const std::string table =
        "table inet nsrun {\n"
        "\tchain output {\n"
        "\t\ttype filter hook output priority filter; policy accept;\n"
        "\t\toif \"lo\" ip daddr 224.0.0.0/4 drop\n"
        "\t\toif \"lo\" ip daddr 255.255.255.255 drop\n"
        "\t}\n"
        "}\n";
    CHECK(ended.output == table);
    CHECK(shell("nft list tables") == "");
}

TEST_CASE("a kernel without tables is told with what to do about it") {
    const auto help = [](int code) { return network::without_multicast_closed({code, "close multicast by eth0", {}}).help; };
    CHECK(help(EOPNOTSUPP) == "as root: modprobe nf_tables, or write host-loopback = true to leave the host open");
    CHECK(help(EPROTONOSUPPORT) == help(EOPNOTSUPP));
    CHECK(help(EPERM) == "");
}

TEST_CASE("a refusal of the kernel's tables is told with its words") {
    if (!requires_host()) return;
    const Host host;
    shell("nft add table inet nsrun-t");
    auto plan = shell_plan("true");
    attach(plan, Masquerade{"nsrun-t", {"10.99.0.0/24"}});
    const auto ended = launch(plan, As::root);
    CHECK_FALSE(ended.launched);
    CHECK(ended.what == "make the nftables table nsrun-t: File exists (EEXIST)");
    CHECK(ended.step == "masquerade");
}

TEST_CASE("an interface of the host comes back as it was") {
    if (!requires_host()) return;
    const Host host;
    shell("ip link add here0 mtu 1400 address 02:00:00:00:00:11 type veth peer name there0");
    const auto before = shell("cat /proc/net/dev | grep -o here0; ip -o link show here0 | grep -o 'mtu [0-9]*'; ip -o link show here0 | grep -o 'ether [^ ]*'");
    auto plan = shell_plan("ip -o link show lan0; ip -o link show here0 2>&1");
    MoveLink step;
    step.host_link = "here0";
    step.link = "lan0";
    step.mtu = 1300;
    step.mac = "02:00:00:00:00:22";
    attach(plan, step);
    attach(plan, SetLink{"lan0"});
    const auto ended = launch(plan, As::root);
    REQUIRE_LAUNCHED(ended);
    CHECK(has(ended.output, "lan0@"));
    CHECK(has(ended.output, "mtu 1300"));
    CHECK(has(ended.output, "02:00:00:00:00:22"));
    CHECK(has(ended.output, "\"here0\" does not exist"));
    CHECK(shell("cat /proc/net/dev | grep -o here0; ip -o link show here0 | grep -o 'mtu [0-9]*'; ip -o link show here0 | grep -o 'ether [^ ]*'") == before);
}

TEST_CASE("an interface comes back from a user namespace, too") {
    if (!requires_host()) return;
    const Host host;
    shell("ip link add here0 type veth peer name there0");
    MoveLink step;
    step.host_link = step.link = "here0";
    auto plan = closed_plan(As::root, {"network"});
    attach(plan, step);
    const auto ended = launch(plan, As::root);
    REQUIRE_LAUNCHED(ended);
    CHECK(has(ended["links"], "here0:"));
    CHECK(has(shell("ip -o link"), ": here0@"));
}

TEST_CASE("an interface comes back from a sandbox that did not start, and past one that took its name") {
    if (!requires_host()) return;
    const Host host;
    shell("ip link add here0 type veth peer name there0");
    MoveLink step;
    step.host_link = "here0";
    step.link = "lan0";
    auto plan = shell_plan("sleep 30");
    attach(plan, step);
    auto failing = plan;
    attach(failing, AddRoute{"10.0.0.0/8", "10.1.1.1", "lan0"});
    CHECK_FALSE(launch(failing, As::root).launched);
    CHECK(has(shell("ip -o link"), ": here0@"));
    (void)launch(plan, As::root, [&](pid_t launcher) {
        REQUIRE(becomes([] { return !has(shell("ip -o link"), ": here0@"); }));
        shell("ip link add here0 type bridge; ip link add lan0 type bridge");
        kill(launcher, SIGTERM);
    });
    CHECK(has(shell("ip -o link"), ": dev"));
    step.host_link = "absent0";
    auto wrong = shell_plan("true");
    attach(wrong, step);
    CHECK(launch(wrong, As::root).what == "find the interface absent0: No such device (ENODEV)");
}

TEST_CASE("rates are limited in both directions") {
    if (!requires_host()) return;
    const Host host;
    auto plan = bridged_plan(host, "tc qdisc show dev eth0; sleep 30");
    attach(plan, LimitRate{"eth0", {20'000'000}});
    attach(plan, LimitRate{"ns-t5", {512'000}, Place::host});
    std::string outside;
    const auto ended = launch(plan, As::root, [&](pid_t launcher) {
        REQUIRE(becomes([] { return has(shell("tc qdisc show dev ns-t5"), "tbf"); }));
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        outside = shell("tc qdisc show dev ns-t5");
        kill(launcher, SIGTERM);
    });
    REQUIRE_LAUNCHED(ended);
    INFO(ended.output << outside);
    CHECK(has(ended.output, "tbf"));
    CHECK(has(ended.output, "rate 20Mbit burst 10000b"));
    CHECK(has(outside, "rate 512Kbit burst"));
}

TEST_CASE("a limited link carries what it may, and hardly more") {
    if (!requires_host() || access("/usr/bin/iperf3", X_OK) != 0) return;
    const Host host;
    const Directory place;
    shell("iperf3 -s -D -I " + place.path() + "/pid");
    for (const auto& [rate, low, high] : {std::tuple{20'000'000ULL, 17.0, 20.5}, {512'000ULL, 0.25, 0.6}}) {
        for (const bool in : {false, true}) {
            // Short blocks: iperf3 3.18 counts whole ones only, and two seconds of the slow link are one of 128 KiB.
            auto plan = bridged_plan(host, fmt::format("sleep 0.1; iperf3 -c 10.99.0.1 -t 2 -l 4K -J {} | python3 -c 'import json,sys; "
                                                       "print(\"rate:\", json.load(sys.stdin)[\"end\"][\"sum_received\"][\"bits_per_second\"] / 1e6)'",
                                                       in ? "-R" : ""));
            attach(plan, LimitRate{in ? "ns-t5" : "eth0", {rate}, in ? Place::host : Place::sandbox});
            const auto ended = launch(plan, As::root);
            REQUIRE_LAUNCHED(ended);
            const double measured = std::atof(ended["rate"].c_str());
            INFO(fmt::format("{}{} {}", ended.output, rate, in ? "in" : "out"));
            CHECK(measured > low);
            CHECK(measured < high);
            REQUIRE(remains_soon() == "");
        }
    }
    shell("kill $(tr -d '\\0' < " + place.path() + "/pid)");
}

TEST_CASE("a rate beyond what can be told is refused") {
    if (!requires_host()) return;
    const Host host;
    auto plan = bridged_plan(host, "true");
    attach(plan, LimitRate{"eth0", {100'000'000'000}});
    const auto ended = launch(plan, As::root);
    CHECK_FALSE(ended.launched);
    CHECK(ended.what == "limit eth0 to 12500000000 bytes a second: Numerical result out of range (ERANGE)");
    CHECK(ended.step == "limit_rate");
}

TEST_CASE("what went through the interfaces is told at the end") {
    if (!requires_host()) return;
    const Host host;
    const Directory place;
    const auto listen = [&] {
        if (dup2(open((place.path() + "/events").c_str(), O_WRONLY | O_CREAT, 0600), 9) != 9) std::abort();
    };
    const auto ended = launch(bridged_plan(host, "python3 -c 'import socket; s = socket.socket(2, 2)\nfor _ in range(3): s.sendto(bytes(1000), (\"10.99.0.1\", 9))' "),
                              As::root, {}, listen, 9);
    REQUIRE_LAUNCHED(ended);
    std::ifstream events(place.path() + "/events");
    std::string line;
    while (std::getline(events, line) && !has(line, "\"exited\"")) {
    }
    INFO(line);
    CHECK(has(line, "\"network\":{\"eth0\":{\"received_bytes\":"));
    const auto sent = line.find("\"sent_bytes\":");
    REQUIRE(sent != std::string::npos);
    CHECK(std::atol(line.c_str() + sent + 13) > 3000);
    CHECK_FALSE(has(line, "\"lo\""));
}

TEST_CASE("nsrun does not become a sandbox whose network it must take back") {
    auto plan = shell_plan("true");
    plan.clone.namespaces = {Namespace::net};
    plan.clone.in_place = true;
    plan.exec.init = false;
    attach(plan, Masquerade{"nsrun-t", {"10.99.0.0/24"}});
    const auto ended = launch(plan, As::user);
    CHECK(ended.what == "nsrun cannot become the sandbox itself where something is to be kept or taken back at its end");
    CHECK(ended.step == "masquerade");
}
