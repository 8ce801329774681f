#include "host/sandboxes.h"

#include <base/file.h>
#include <registry/registry.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

namespace nsrun {
namespace {

SandboxNamespace place_of(const registry::Entry& entry, const registry::OwnNamespace& own) {
    SandboxNamespace place{.kind = own.kind};
    if (auto door = registry::door_of(entry, own)) {
        place.path = std::move(door->path);
        place.inode = door->inode;
    } else {
        place.closed = door.error().code != ENOENT;
    }
    return place;
}

/// How the user namespace of a process maps ids, as the caller sees it.
void read_maps(std::string_view path, HostFacts& facts) {
    const std::string_view process = path.substr(0, path.rfind("/ns/"));
    constexpr std::size_t most = 64 * 1024;
    for (const std::string_view name : {"uid_map", "gid_map", "setgroups"}) {
        const auto file = fmt::format("{}/{}", process, name);
        if (auto text = read_file(file, most)) facts.texts.insert_or_assign(file, *std::move(text));
    }
}

}  // namespace

void find_sandboxes(const std::vector<std::string>& wanted, HostFacts& facts) {
    for (const auto& entry : registry::list(facts.context.registry)) {
        RunningSandbox sandbox{.name = entry.name, .launcher = entry.launcher};
        if (std::ranges::any_of(wanted, [&](const auto& name) { return registry::called(entry, name); })) {
            for (const auto& own : entry.namespaces) {
                sandbox.namespaces.push_back(place_of(entry, own));
                const auto& place = sandbox.namespaces.back();
                if (own.kind == Namespace::user && !place.path.empty()) read_maps(place.path, facts);
            }
        }
        facts.sandboxes.push_back(std::move(sandbox));
    }
}

}  // namespace nsrun
