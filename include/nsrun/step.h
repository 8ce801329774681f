#pragma once
#include <nsrun/enums.h>
#include <nsrun/profile.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

/// What all steps of a plan are made of.
namespace nsrun {

/// Names a member of a step.
template <class Step, class T>
struct Field {
    std::string_view name;
    T Step::* member;
};
template <class Step, class T>
Field(const char*, T Step::*) -> Field<Step, T>;

/// Bits of MOUNT_ATTR_*: see mount_setattr(2).
struct MountAttributes {
    std::uint64_t set = 0;
    bool operator==(const MountAttributes&) const = default;
};

/// A set of capabilities, bit n for capability n: see capabilities(7).
struct CapabilitySet {
    std::uint64_t bits = 0;
    bool operator==(const CapabilitySet&) const = default;
};

enum class IdKind : std::uint8_t { uid, gid };
template <>
inline constexpr auto words<IdKind> = std::to_array<Word<IdKind>>({{IdKind::uid, "uid", ""}, {IdKind::gid, "gid", ""}});

enum class NodeKind : std::uint8_t { directory, file };
template <>
inline constexpr auto words<NodeKind> =
    std::to_array<Word<NodeKind>>({{NodeKind::directory, "directory", ""}, {NodeKind::file, "file", ""}});

}  // namespace nsrun
