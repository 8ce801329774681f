#include "profile/check.h"
#include "profile/decode.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace nsrun {
namespace {

/// Which keys of a [[mount]] have a meaning for a type, besides type and target; in the order of the enumeration.
struct Takes {
    MountType type;
    std::array<std::string_view, 7> keys;
};
constexpr auto takes = std::to_array<Takes>({
    {MountType::bind, {"source", "access", "optional", "recursive", "propagation", "options", "owner-map"}},
    {MountType::tmpfs, {"access", "options", "size", "mode"}},
    {MountType::proc, {"access", "options"}},
    {MountType::devpts, {"access", "options"}},
    {MountType::mqueue, {"access", "options"}},
    {MountType::overlay, {"optional", "options", "lower", "upper", "work"}},
    {MountType::file, {"mode", "content"}},
    {MountType::symlink, {"source"}},
    {MountType::directory, {"mode"}},
    {MountType::mask, {"optional"}},
});
static_assert(takes.size() == words<MountType>.size());

constexpr bool has_meaning(MountType type, std::string_view key) {
    const auto& keys = takes[static_cast<std::size_t>(type)].keys;
    return key == "type" || key == "target" || std::ranges::find(keys, key) != keys.end();
}

/// The type with its article: "an overlay".
std::string one(MountType type) {
    return fmt::format("{} {}", type == MountType::overlay ? "an" : "a", spelling(type));
}

/// The types that a key has a meaning for: "tmpfs, file".
std::string types_with(std::string_view key) {
    std::string list;
    for (const auto& row : takes) {
        if (has_meaning(row.type, key)) list += (list.empty() ? "" : ", ") + std::string(spelling(row.type));
    }
    return list;
}

void check_meaning(const MountRule& mount, Diagnostics& diagnostics) {
    for (const Key& key : find_key("mount")->shape->keys) {
        const Span at = key.place(&mount);
        if (!at || has_meaning(*mount.type, key.name())) continue;
        diagnostics.error(Code::conflict, at, fmt::format("{} has no meaning for {}", key.name(), one(*mount.type)),
                          fmt::format("remove it; it belongs to: {}", types_with(key.name())));
    }
}

void check_presence(const MountRule& mount, Diagnostics& diagnostics) {
    const auto missing = [&](bool absent, const char* key, const char* example) {
        if (!absent) return;
        diagnostics.error(Code::missing_key, mount.at, fmt::format("{} needs '{}'", one(*mount.type), key),
                          fmt::format("add {} = {}", key, example));
    };
    const bool bind = *mount.type == MountType::bind;
    const bool overlay = *mount.type == MountType::overlay;
    missing(mount.target->text.empty() && !bind, "target", "\"/...\"");
    missing(mount.source->text.empty() && (bind || *mount.type == MountType::symlink), "source", "\"/...\"");
    missing(mount.lower.empty() && overlay, "lower", "[\"/...\"]");
    missing(overlay && mount.upper->text.empty() && !mount.work->text.empty(), "upper", "\"/...\"");
    missing(overlay && mount.work->text.empty() && !mount.upper->text.empty(), "work", "\"/...\"");
}

void check_times(const MountRule& mount, Diagnostics& diagnostics) {
    const Located<MountOption>* first = nullptr;
    for (const auto& option : mount.options) {
        const bool time =
            *option == MountOption::noatime || *option == MountOption::strictatime;
        if (!time) continue;
        if (first) {
            diagnostics.error(Code::conflict, option.at,
                              fmt::format("{} and {} contradict each other", spelling(**first), spelling(*option)),
                              "keep one of the two");
        }
        first = &option;
    }
}

/// Every written key below [filesystem], and every [[mount]], needs the mount namespace.
void check_mount_namespace(const Profile& profile, Diagnostics& diagnostics) {
    if (makes(profile, Namespace::mount)) return;
    constexpr const char* help = "add \"mount\" to namespaces";
    for (const Key& key : find_key("filesystem")->shape->keys) {
        const Span at = key.place(&profile.filesystem);
        if (!at) continue;
        diagnostics.error(Code::needs_namespace, at,
                          fmt::format("filesystem.{} needs its own mount namespace", key.name()), help);
    }
    for (const auto& mount : profile.mounts) {
        diagnostics.error(Code::needs_namespace, mount.at, "a [[mount]] needs its own mount namespace", help);
    }
    const auto& hosts = profile.network.hosts;
    if (!hosts.empty()) {
        diagnostics.error(Code::needs_namespace, hosts.front().key.at,
                          "network.hosts needs its own mount namespace: it changes /etc/hosts", help);
    }
}

/// Lists whose entries are a place inside alone.
void check_without_target(const List<PathRule>& rules, const char* name, Diagnostics& diagnostics) {
    for (const auto& rule : rules) {
        if (rule->target.empty()) continue;
        diagnostics.error(Code::bad_path, rule.at, fmt::format("{} takes a path inside, without ':TARGET'", name),
                          fmt::format("write \"{}\"", printable(rule->target)));
    }
}

void check_home_and_root(const FilesystemRules& files, Diagnostics& diagnostics) {
    if (*files.base == Base::rootfs && files.rootfs->text.empty()) {
        diagnostics.error(Code::missing_key, files.base.at, "base = \"rootfs\" without rootfs",
                          "add rootfs = \"/srv/images/alpine\"");
    }
    if (*files.base == Base::host && *files.noexec_writable) {
        diagnostics.error(Code::conflict, files.noexec_writable.at,
                          "noexec-writable cannot hold with base = \"host\": all of the host's files may be written there",
                          "write base = \"host-ro\", and rw for what may be written");
    }
    if (*files.base != Base::rootfs && files.rootfs.written()) {
        diagnostics.warning(Code::conflict, files.rootfs.at,
                            fmt::format("rootfs has no effect with base = \"{}\"", spelling(*files.base)),
                            "write base = \"rootfs\"");
    }
    if (*files.home == Home::none && files.home_dir.written()) {
        diagnostics.warning(Code::conflict, files.home_dir.at, "home-dir has no effect with home = \"none\"",
                            "write home = \"tmp\"");
    }
    if (*files.dev == Dev::host && !files.devices.empty()) {
        diagnostics.warning(Code::conflict, files.devices.front().at, "devices has no effect with dev = \"host\"",
                            "remove one of the two");
    }
}

}  // namespace

void check_filesystem(const Profile& profile, Diagnostics& diagnostics) {
    const FilesystemRules& files = profile.filesystem;
    check_mount_namespace(profile, diagnostics);
    check_home_and_root(files, diagnostics);
    check_without_target(files.hide, "hide", diagnostics);
    check_without_target(files.tmpfs, "tmpfs", diagnostics);
    check_without_target(files.devices, "devices", diagnostics);
    for (const auto& device : files.devices) {
        if (device->source.starts_with("/dev/")) continue;
        diagnostics.error(Code::bad_path, device.at, fmt::format("'{}' is not below /dev", printable(device->source)),
                          "write other paths in ro or rw");
    }
}

void check_mounts(const Profile& profile, Diagnostics& diagnostics) {
    for (const auto& mount : profile.mounts) {
        check_meaning(mount, diagnostics);
        check_presence(mount, diagnostics);
        check_times(mount, diagnostics);
        // A link may say anything; all other sources are places on the host.
        if (*mount.type == MountType::symlink || mount.source->text.empty()) continue;
        if (const Complaint complaint = judge_path(mount.source->text)) {
            diagnostics.error(complaint.code, mount.source.at, complaint.message, complaint.help);
        }
    }
}

}  // namespace nsrun
