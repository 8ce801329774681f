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
        {"terminal", [](HostFacts& facts, const Json& json) { facts.terminal = json; }},
        {"capabilities", [](HostFacts& facts, const Json& json) { facts.capabilities = json; }},
        {"last_capability", [](HostFacts& facts, const Json& json) { facts.last_capability = json; }},
        {"texts",
         [](HostFacts& facts, const Json& json) {
             for (const auto& [path, text] : json.items()) facts.texts[path] = text;
         }},
        {"globs",
         [](HostFacts& facts, const Json& json) {
             for (const auto& [pattern, found] : json.items()) facts.globs[pattern] = found;
         }},
        {"paths",
         [](HostFacts& facts, const Json& json) {
             for (const auto& [path, fact] : json.items()) facts.paths[path] = path_fact(path, fact);
         }},
        {"namespaces",
         [](HostFacts& facts, const Json& json) {
             facts.namespaces.clear();
             for (const std::string word : json) facts.namespaces.push_back(from_spelling<Namespace>(word).value());
         }},
    };
    return all;
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

HostFacts facts_of(const std::string& text) {
    const Json json = text.empty() ? Json::object() : Json::parse(text);
    HostFacts facts = json.value("machine", "desktop") == "service" ? service() : desktop();
    furnish(facts);
    for (const auto& [name, value] : json.items()) {
        const auto found = setters().find(name);
        if (found == setters().end()) throw std::runtime_error("facts.json: no fact is called " + name);
        found->second(facts, value);
    }
    return facts;
}

}  // namespace nsrun::testing
