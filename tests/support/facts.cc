#include "support/facts.h"

#include "support/machine.h"

#include <nlohmann/json.hpp>

#include <functional>
#include <map>
#include <stdexcept>

namespace nsrun::testing {
namespace {

using Json = nlohmann::json;

PathKind kind_of(const std::string& word) {
    static const std::map<std::string, PathKind> kinds{
        {"absent", PathKind::absent},       {"file", PathKind::file},     {"program", PathKind::file},
        {"directory", PathKind::directory}, {"socket", PathKind::socket}, {"device", PathKind::character_device},
        {"denied", PathKind::denied},       {"fifo", PathKind::fifo},     {"block-device", PathKind::block_device}};
    return kinds.at(word);
}

/// A path is a word ("directory", "program"), or a table with a kind and more.
PathFact path_fact(const std::string& path, const Json& json) {
    PathFact fact;
    const auto word = json.is_string() ? json.get<std::string>() : json.value("kind", "directory");
    fact.kind = kind_of(word);
    fact.executable = word == "program";
    fact.mode = fact.kind == PathKind::directory || fact.executable ? 0755 : 0644;
    fact.real = fact.kind == PathKind::absent ? "" : path;
    if (json.is_object()) {
        fact.uid = json.value("uid", 0U);
        fact.gid = json.value("gid", 0U);
        fact.mode = json.value("mode", fact.mode);
        fact.link = json.value("link", "");
        fact.real = json.value("real", fact.real);
        fact.in_mount_of_its_own = json.value("mounted", false);
    }
    return fact;
}

std::vector<SubordinateRange> subordinate(const Json& json) {
    std::vector<SubordinateRange> ranges;
    for (const auto& range : json) ranges.push_back({range.at(0), range.at(1)});
    return ranges;
}

/// {"name": "web", "launcher": 4711, "process": 4713, "namespaces": {"net": 4026532001}}; without a process nothing leads
/// to its namespaces, with "closed" the kernel refuses them.
RunningSandbox sandbox(const Json& json) {
    RunningSandbox running{.name = json.at("name"), .launcher = json.value("launcher", 4711U)};
    const bool closed = json.value("closed", false);
    const Json namespaces = json.value("namespaces", Json::object());
    for (const auto& [word, inode] : namespaces.items()) {
        SandboxNamespace place{.kind = from_spelling<Namespace>(word).value(), .inode = inode, .closed = closed};
        if (json.contains("process") && !closed) {
            place.path = "/proc/" + std::to_string(json.at("process").get<int>()) + "/ns/" + word;
        }
        running.namespaces.push_back(std::move(place));
    }
    return running;
}

using Setter = std::function<void(HostFacts&, const Json&)>;

const std::map<std::string, Setter>& setters() {
    static const std::map<std::string, Setter> all{
        {"machine", [](HostFacts&, const Json&) {}},
        {"cwd", [](HostFacts& facts, const Json& json) { facts.context.caller.cwd = json; }},
        {"home", [](HostFacts& facts, const Json& json) { facts.context.caller.home = json; }},
        {"name", [](HostFacts& facts, const Json& json) { facts.context.name = json; }},
        {"environment", [](HostFacts& facts, const Json& json) { facts.context.environment = json; }},
        {"kernel",
         [](HostFacts& facts, const Json& json) {
             facts.context.kernel = {json.at(0), json.at(1)};
         }},
        {"subuid", [](HostFacts& facts, const Json& json) { facts.subuid = subordinate(json); }},
        {"subgid", [](HostFacts& facts, const Json& json) { facts.subgid = subordinate(json); }},
        {"newuidmap", [](HostFacts& facts, const Json& json) { facts.newuidmap = json; }},
        {"newgidmap", [](HostFacts& facts, const Json& json) { facts.newgidmap = json; }},
        {"no_new_privileges", [](HostFacts& facts, const Json& json) { facts.no_new_privileges = json; }},
        {"registry",
         [](HostFacts& facts, const Json& json) {
             const std::map<std::string, RegistryState> states{
                 {"none", RegistryState::none}, {"missing", RegistryState::missing}, {"ready", RegistryState::ready}};
             facts.registry = states.at(json);
         }},
        {"sandboxes",
         [](HostFacts& facts, const Json& json) {
             for (const auto& each : json) facts.sandboxes.push_back(sandbox(each));
         }},
        {"landlock_abi", [](HostFacts& facts, const Json& json) { facts.landlock_abi = json; }},
        {"terminal", [](HostFacts& facts, const Json& json) { facts.terminal = json; }},
        {"capabilities", [](HostFacts& facts, const Json& json) { facts.capabilities = json; }},
        {"last_capability", [](HostFacts& facts, const Json& json) { facts.last_capability = json; }},
        {"texts",
         [](HostFacts& facts, const Json& json) {
             for (const auto& [path, text] : json.items()) facts.texts[path] = text;
         }},
        {"network",
         [](HostFacts& facts, const Json& json) {
             NetworkFacts& network = facts.network;
             network.pasta = json.value("pasta", network.pasta);
             network.slirp4netns = json.value("slirp4netns", network.slirp4netns);
             network.default_route = json.value("default_route", network.default_route);
             network.default_route6 = json.value("default_route6", network.default_route6);
             network.addresses = json.value("addresses", network.addresses);
             network.tun = kind_of(json.value("tun", "device"));
         }},
        {"globs",
         [](HostFacts& facts, const Json& json) {
             for (const auto& [pattern, found] : json.items()) facts.globs[pattern] = found;
         }},
        {"wide_globs",
         [](HostFacts& facts, const Json& json) {
             for (const auto& [pattern, why] : json.items()) facts.wide_globs[pattern] = why;
         }},
        {"paths",
         [](HostFacts& facts, const Json& json) {
             for (const auto& [path, fact] : json.items()) facts.paths[path] = path_fact(path, fact);
         }},
        {"links",
         [](HostFacts& facts, const Json& json) {
             for (const auto& [name, kind] : json.items()) {
                 facts.interfaces.links[name] = kind == "bridge" ? LinkKind::bridge : kind == "own_bridge" ? LinkKind::own_bridge : LinkKind::other;
             }
         }},
        {"forwards",
         [](HostFacts& facts, const Json& json) {
             facts.interfaces.forwards4 = json.at(0);
             facts.interfaces.forwards6 = json.at(1);
         }},
        {"namespaces",
         [](HostFacts& facts, const Json& json) {
             facts.namespaces.clear();
             for (const std::string word : json) facts.namespaces.push_back(from_spelling<Namespace>(word).value());
         }},
    };
    return all;
}

/// What a Debian has that the shipped profiles ask about.
void furnish_debian(HostFacts& facts) {
    for (const char* directory :
         {"/etc/alternatives", "/etc/ssl", "/etc/ca-certificates", "/etc/fonts", "/etc/firefox-esr", "/etc/chromium",
          "/etc/chromium.d", "/etc/gtk-3.0", "/etc/xdg", "/etc/nginx", "/etc/python3", "/etc/python3.11", "/var/www",
          "/var/tmp", "/home/ada/Downloads", "/home/ada/.cache/ccache", "/run/user/1000", "/usr/lib64"}) {
        facts.paths[directory] = path_fact(directory, "directory");
    }
    for (const char* file :
         {"/etc/ld.so.cache", "/etc/services", "/etc/protocols", "/etc/mime.types", "/dev/null", "/dev/zero",
          "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/home/ada/.gitconfig"}) {
        facts.paths[file] = path_fact(file, "file");
    }
    for (const char* program :
         {"/usr/bin/firefox-esr", "/usr/bin/curl", "/usr/bin/python3", "/usr/bin/make", "/usr/bin/bash"}) {
        facts.paths[program] = path_fact(program, "program");
    }
    for (const char* name : {"bin", "sbin", "lib", "lib64"}) {
        auto link = path_fact(std::string("/") + name, "directory");
        link.link = std::string("usr/") + name;
        link.real = "/usr/" + std::string(name);
        facts.paths[std::string("/") + name] = link;
    }
    auto time = path_fact("/etc/localtime", "file");
    time.link = time.real = "/usr/share/zoneinfo/Etc/UTC";
    facts.paths["/etc/localtime"] = time;
    facts.paths["/run/user/1000/wayland-0"] = path_fact("/run/user/1000/wayland-0", "socket");
    facts.globs["/etc/python3*"] = {"/etc/python3", "/etc/python3.11"};
    facts.context.user_dirs = {{"DOWNLOADS", "/home/ada/Downloads"}};
    facts.context.environment.push_back("WAYLAND_DISPLAY=wayland-0");
    facts.context.environment.push_back("XDG_RUNTIME_DIR=/run/user/1000");
}

/// What every machine of these tests has on disk.
void furnish(HostFacts& facts) {
    for (const char* directory : {"/", "/usr", "/usr/bin", "/usr/sbin", "/usr/lib", "/etc", "/home", "/home/ada",
                                  "/home/ada/work", "/root", "/tmp", "/var", "/run", "/dev", "/proc", "/sys"}) {
        facts.paths[directory] = path_fact(directory, "directory");
    }
    for (const char* program : {"/usr/bin/true", "/usr/bin/env", "/usr/bin/sh", "/usr/sbin/nginx"}) {
        facts.paths[program] = path_fact(program, "program");
    }
    for (const char* name : {"true", "env", "sh", "nginx"}) {
        for (const char* directory : {"/usr/local/sbin/", "/usr/local/bin/", "/usr/sbin/", "/usr/bin/"}) {
            const auto path = std::string(directory) + name;
            if (!facts.paths.contains(path)) facts.paths[path] = path_fact(path, "absent");
        }
    }
}

}  // namespace

void close(HostFacts& facts, const Wanted& wanted) {
    for (const auto& path : wanted.paths) facts.paths.try_emplace(path);
    for (const auto& pattern : wanted.globs) facts.globs.try_emplace(pattern);
}

HostFacts facts_of(const std::string& text) {
    const Json json = text.empty() ? Json::object() : Json::parse(text);
    const auto machine = json.value("machine", "desktop");
    HostFacts facts = machine == "service" ? service() : desktop();
    furnish(facts);
    if (machine == "debian") furnish_debian(facts);
    for (const auto& [name, value] : json.items()) {
        const auto found = setters().find(name);
        if (found == setters().end()) throw std::runtime_error("facts.json: no fact is called " + name);
        found->second(facts, value);
    }
    return facts;
}

}  // namespace nsrun::testing
