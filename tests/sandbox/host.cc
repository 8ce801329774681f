#include "sandbox/host.h"

#include <doctest/doctest.h>
#include <sched.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace sandbox {
using namespace nsrun;
namespace {

/// An interface eth0 on a bridge, as planning writes it.
void add_veth(Plan& plan, const std::string& bridge, const std::string& address, const std::string& gateway, const std::string& peer) {
    AddLink link;
    link.link = "eth0";
    link.index = 2;
    link.peer = peer;
    link.awaited = true;  // the next one has the same name
    link.bridge = bridge;
    attach(plan, link);
    attach(plan, AddAddress{"eth0", address});
    attach(plan, SetLink{"eth0"});
    attach(plan, AddRoute{"0.0.0.0/0", gateway, "eth0"});
}

}  // namespace

std::vector<pid_t> processes(const std::string& name) {
    const auto own = std::filesystem::read_symlink("/proc/self/ns/net");
    std::vector<pid_t> found;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        std::string comm;
        std::error_code gone;
        std::ifstream(entry.path() / "comm") >> comm;
        if (comm == name && std::filesystem::read_symlink(entry.path() / "ns/net", gone) == own) {
            found.push_back(std::atoi(entry.path().filename().c_str()));
        }
    }
    return found;
}

std::string shell(const std::string& command) {
    std::string text;
    FILE* const pipe = popen((command + " 2>&1").c_str(), "r");
    REQUIRE(pipe != nullptr);
    char buffer[4096];
    for (std::size_t count; (count = fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.append(buffer, count);
    pclose(pipe);
    return text;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Host::Host() {
    REQUIRE(unshare(CLONE_NEWNET) == 0);
    shell("ip link set lo up");
}

bool requires_host() { return requires_sandbox(As::root) && getuid() == 0; }

Plan shell_plan(const std::string& script) {
    Plan plan = bare_plan(As::root, {Namespace::pid, Namespace::net}, {});
    plan.exec.path = "/bin/sh";
    plan.exec.argv = {"sh", "-c", script};
    plan.exec.environment = {"PATH=/usr/bin:/usr/sbin:/bin:/sbin"};
    plan.attach.push_back({SetLink{"lo", true}, {}});
    return plan;
}

void attach(Plan& plan, ParentStep step) { plan.attach.push_back({std::move(step), {}}); }

Plan bridged_plan(const Host& host, const std::string& script, int number) {
    Plan plan = shell_plan(script);
    plan.prepare.push_back({ShareBridge{"br-t", {"10.99.0.1/24", "fd99::1/64"}, host.lock("br-t")}, {}});
    add_veth(plan, "br-t", fmt::format("10.99.0.{}/24", number), "10.99.0.1", fmt::format("ns-t{}", number));
    attach(plan, AddAddress{"eth0", fmt::format("fd99::{}/64", number)});
    return plan;
}

std::string reach(const std::string& address) { return "bash -c '</dev/tcp/" + address + "/9' 2>&1 | grep -q refused"; }

std::string remains() {
    std::string links = shell("ip -o link | grep -v ': lo:'");
    if (const auto keepers = processes("nsrun-bridge"); !keepers.empty()) links += fmt::format("{} keepers\n", keepers.size());
    return links + shell("nft list tables");
}

std::string remains_soon() {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
    while (!remains().empty() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return remains();
}

}  // namespace sandbox
