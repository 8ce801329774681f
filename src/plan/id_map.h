#pragma once
#include <nsrun/diagnostic.h>
#include <nsrun/host.h>
#include <nsrun/plan.h>
#include <nsrun/profile.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// One of the two id maps of a user namespace: which ranges, who writes it, whether the caller may have them.
namespace nsrun {

/// What differs between the map of users and that of groups.
struct IdSide {
    IdKind kind;
    std::uint32_t own;                                 ///< the caller's id
    const std::vector<SubordinateRange>* subordinate;  ///< the caller's
    std::string_view file;                             ///< /etc/subuid
    std::string_view helper_name;                      ///< newuidmap
    const std::string* helper;                         ///< its path; empty when not installed
    std::string_view option;                           ///< of usermod: --add-subuids
};
IdSide user_side(const HostFacts& facts);
IdSide group_side(const HostFacts& facts);

/// True when the caller may write any map: CAP_SYS_ADMIN, CAP_SETUID and CAP_SETGID are his.
bool maps_anything(const HostFacts& facts);

/// The map that `ids.map` asks for on that side. Diagnoses ranges that are not the caller's; how they
/// fit together was checked with the profile.
std::vector<IdRange> wished_map(const Profile& profile, const HostFacts& facts, const IdSide& side,
                                Diagnostics& diagnostics);

/// The step that writes the map: directly where the kernel lets the caller, else through the helper. Nothing when the
/// helper is missing or cannot work, which is diagnosed.
std::optional<MapIds> map_step(const std::vector<IdRange>& ranges, const Profile& profile, const HostFacts& facts,
                               const IdSide& side, Diagnostics& diagnostics);

/// Reads the text of /proc/PID/uid_map: the map of a namespace that exists.
std::vector<IdRange> read_map(std::string_view text);

}  // namespace nsrun
