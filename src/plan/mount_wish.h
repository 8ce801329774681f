#pragma once
#include "plan/mounts.h"

#include <nsrun/diagnostic.h>
#include <nsrun/host.h>
#include <nsrun/plan.h>
#include <nsrun/profile.h>

#include <linux/mount.h>

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What the passes over the mounts work on: wishes, each a step that may still be moved, replaced or dropped.
namespace nsrun {

/// The steps that put something at a place of the sandbox's tree.
using MountStep = std::variant<BindMount, MountTmpfs, MountKernelFs, MountOverlay, Mask, MakeFile, MakeSymlink, MakeDirectory>;

/// Who wishes, the weakest first: at the same target the stronger wish wins silently.
enum class Rank : std::uint8_t {
    base,   ///< nsrun's own, from `base`, `etc`, `dev`, `proc`, `sys`, `tmp`
    home,   ///< nsrun's own, from `home`
    named,  ///< things the profile names by a word: `cwd`, `state`, `cache`, `runtime`
    match,  ///< a match of a pattern
    rule,   ///< a path that the profile spells out
};

/// What is made for a mount to be attached to.
struct MountPoint {
    NodeKind kind = NodeKind::directory;
    std::uint32_t uid = 0, gid = 0;  ///< ids inside
    bool operator==(const MountPoint&) const = default;
};

/// Something that shall be at a place, and who asked for it.
struct MountWish {
    MountStep what;
    Rank rank = Rank::rule;
    Span why{};
    bool optional = false;       ///< may silently be left out when the host lacks what it needs
    bool ours = false;           ///< a bind of a host directory that nsrun makes: mount points may be made in it
    bool made = false;           ///< the source is made before the sandbox starts
    const MountRule* row = nullptr;  ///< of [[mount]], that wishes it
    std::string_view part_of{};  ///< a directory whose replacement by a rule takes this away too
    std::optional<MountPoint> point{};  ///< made before it
    std::optional<const PathFact*> source{};  ///< of a bind: the fact about its source, once it has been looked up
    bool operator==(const MountWish&) const = default;
};

using MountWishes = std::vector<MountWish>;

/// Where a wish appears.
const std::string& target_of(const MountWish& wish);
void move_to(MountWish& wish, std::string target);
/// True for what is mounted over something that exists; false for what is created.
bool is_mount(const MountWish& wish);
/// The bind mount of a wish, or null.
inline const BindMount* bind_of(const MountWish& wish) { return std::get_if<BindMount>(&wish.what); }
inline BindMount* bind_of(MountWish& wish) { return std::get_if<BindMount>(&wish.what); }
/// Names what a wish does, for "is both ... and ...": "read-only", "hidden".
std::string described(const MountWish& wish);

/// What every mount has.
inline constexpr MountAttributes plain_attributes{MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV};
/// What mounts of device files have.
inline constexpr MountAttributes device_attributes{MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC};
/// What file systems of the kernel have.
inline constexpr MountAttributes kernel_attributes{MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC};

/// The machine as planning asks about it. Made from facts, it answers. Made for a survey, it knows nothing and notes each
/// question: so planning itself is the only list of what is read.
class Lookup {
  public:
    explicit Lookup(const HostFacts& facts) : facts_(&facts) {}
    explicit Lookup(Wanted& wanted) : wanted_(&wanted) {}

    /// The fact about a path of the host; null when it is not known.
    const PathFact* path(std::string_view path);
    /// False only when the path is known to be absent.
    bool exists(std::string_view path);
    /// Where a path leads to; the path itself when that is not known.
    std::string_view real(std::string_view path);
    /// The same of the source of a bind.
    const PathFact* source(const MountWish& wish);
    std::string_view real_source(const MountWish& wish);
    /// The paths that match a pattern.
    const std::vector<std::string>& matches(std::string_view pattern);
    /// Why a pattern was given up; "" when it was not.
    std::string_view too_wide(std::string_view pattern) const;
    /// The content of a small file; "" when it is not known.
    std::string_view text(std::string_view path);
    /// What the host has of a network; null when it is not known.
    const NetworkFacts* network();
    /// Every user and group that the profile can make visible.
    const std::vector<Account>& users();
    const std::vector<Account>& groups();
    /// What the directory of running sandboxes is; while a survey is prepared, one that is there.
    RegistryState registry();
    /// True while a survey is prepared.
    bool noting() const { return wanted_ != nullptr; }

  private:
    const HostFacts* facts_ = nullptr;
    Wanted* wanted_ = nullptr;
};

/// What the passes read, and where they report.
struct MountRequest {
    const Profile& profile;
    const Context& context;
    const Identity& identity;
    const Command& command;
    Lookup& host;
    Diagnostics& diagnostics;

    /// True when the sandbox gets a new namespace of this kind.
    bool makes(Namespace kind) const;
};

}  // namespace nsrun
