#include "plan/etc_files.h"

#include "base/address.h"
#include "plan/mount_expand.h"
#include "plan/network.h"
#include "plan/uplink.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace nsrun {

namespace {

bool mapped(const std::vector<IdRange>& map, std::uint32_t id) {
    return map.empty() || std::ranges::any_of(map, [&](const IdRange& range) {
               return id >= range.inside && id - range.inside < range.count;
           });
}

/// True when the sandbox has other users than the command's: only then is the host's database worth reading.
bool has_other_users(const MountRequest& request) {
    const auto map = *request.profile.ids.map;
    return map == IdMapping::range || map == IdMapping::explicit_ || !request.makes(Namespace::user);
}

constexpr std::uint32_t nobody = 65534;

/// The first addresses of the sandbox's own that others know it by, one of IPv4 and one of IPv6.
std::vector<std::string> own_addresses(const Profile& profile) {
    std::vector<std::string> found;
    for (const bool six : {false, true}) {
        const std::size_t before = found.size();
        for (const auto& interface : profile.network.interfaces) {
            for (const auto& text : interface.address) {
                const auto address = parse_cidr(*text);
                if (address && address->six == six && found.size() == before) found.push_back(address_text(*address));
            }
        }
    }
    return found;
}

/// Lines for ids in order of appearance; the first for an id or a name wins.
class Lines {
  public:
    bool claim(std::uint32_t id, std::string_view name) {
        if (name.empty() || name.find_first_of(":\n") != name.npos) return false;
        for (const auto& [known_id, known_name] : known_) {
            if (known_id == id || known_name == name) return false;
        }
        known_.emplace_back(id, name);
        return true;
    }
    std::string text;

  private:
    std::vector<std::pair<std::uint32_t, std::string>> known_;
};

}  // namespace

std::string passwd_text(const MountRequest& request) {
    const Identity& identity = request.identity;
    Lines lines;
    const auto add = [&](std::uint32_t id, std::string_view name, std::uint32_t group, std::string_view home,
                         std::string_view shell) {
        if (!lines.claim(id, name)) return;
        // The format cannot hold every path, and HOME says what it likes.
        const auto held = [](std::string_view path) { return path.find_first_of(":\n") == path.npos ? path : "/"; };
        fmt::format_to(std::back_inserter(lines.text), "{}:x:{}:{}::{}:{}\n", name, id, group, held(home), held(shell));
    };
    add(identity.uid, identity.user, identity.gid, identity.home, identity.shell);
    if (mapped(identity.uid_map, 0)) add(0, "root", 0, "/root", "/bin/sh");
    if (has_other_users(request)) {
        for (const Account& user : request.host.users()) {
            if (mapped(identity.uid_map, user.id)) add(user.id, user.name, user.group, user.home, user.shell);
        }
    }
    add(nobody, "nobody", nobody, "/nonexistent", "/usr/sbin/nologin");
    return std::move(lines.text);
}

std::string group_text(const MountRequest& request) {
    const Identity& identity = request.identity;
    Lines lines;
    const auto add = [&](std::uint32_t id, std::string_view name) {
        if (lines.claim(id, name)) fmt::format_to(std::back_inserter(lines.text), "{}:x:{}:\n", name, id);
    };
    add(identity.gid, identity.group);
    if (mapped(identity.gid_map, 0)) add(0, "root");
    if (has_other_users(request)) {
        for (const Account& group : request.host.groups()) {
            if (mapped(identity.gid_map, group.id)) add(group.id, group.name);
        }
    }
    add(nobody, "nogroup");
    return std::move(lines.text);
}

std::string hostname_text(const MountRequest& request) {
    if (!request.makes(Namespace::uts)) return {};
    for (const auto* name : {&*request.profile.hostname, &*request.profile.name}) {
        if (!name->empty()) return *name;
    }
    return request.context.name;
}

std::string hosts_text(const MountRequest& request) {
    std::string text;
    for (const Entry& entry : request.profile.network.hosts) {
        fmt::format_to(std::back_inserter(text), "{} {}\n", *entry.value, *entry.key);
    }
    const std::string hostname = hostname_text(request);
    const bool named = !hostname.empty() && hostname != "localhost";
    const auto own = named ? own_addresses(request.profile) : std::vector<std::string>{};
    for (const auto& address : own) fmt::format_to(std::back_inserter(text), "{} {}\n", address, hostname);
    const std::string alias = named && own.empty() ? " " + hostname : "";
    fmt::format_to(std::back_inserter(text), "127.0.0.1 localhost{}\n", alias);
    if (*request.profile.network.ipv6) {
        fmt::format_to(std::back_inserter(text), "::1 localhost ip6-localhost ip6-loopback{}\n", alias);
    }
    const NetworkMode mode = *request.profile.network.mode;
    if (mode == NetworkMode::host) text += request.host.text("/etc/hosts");
    if (mode == NetworkMode::user) {
        if (const auto* network = request.host.network()) text += uplink_hosts(request.profile, *network);
    }
    return text;
}

std::string resolver_text(const MountRequest& request) {
    const NetworkMode mode = *request.profile.network.mode;
    if (mode != NetworkMode::host && !reaches_others(mode) && !goes_out(request.profile)) return {};
    const std::string_view text = request.host.text(resolver_file);
    if (mode == NetworkMode::host) return std::string(text);
    if (mode == NetworkMode::private_) return direct_resolver(request.profile, text);
    const auto* network = request.host.network();
    return network ? uplink_resolver(request.profile, *network, text) : std::string{};
}

std::string nsswitch_text(const MountRequest& request) {
    const NetworkMode mode = *request.profile.network.mode;
    const bool dns = mode == NetworkMode::host || reaches_others(mode) || goes_out(request.profile);
    return fmt::format(
        "passwd: files\ngroup: files\nshadow: files\nhosts: files{}\nservices: files\nprotocols: files\n",
        dns ? " dns" : "");
}

std::string machine_id_text(const MountRequest& request) {
    // FNV-1a, twice with different starts; nothing secret goes in and nothing needs to resist a search.
    const auto digest = [&](std::uint64_t state) {
        const auto take = [&](unsigned char byte) { state = (state ^ byte) * 0x100000001b3ULL; };
        for (const char letter : own_name(request)) take(static_cast<unsigned char>(letter));
        for (int shift = 0; shift < 32; shift += 8) take(static_cast<unsigned char>(request.identity.uid >> shift));
        return state;
    };
    return fmt::format("{:016x}{:016x}\n", digest(0xcbf29ce484222325ULL), digest(0x9ae16a3b2f90404fULL));
}

}  // namespace nsrun
