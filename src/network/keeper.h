#pragma once
#include "network/network.h"

#include <array>

/// The process that removes a shared bridge after its launcher. It needs no heap: who waits for it may give that back.
namespace nsrun::network {

using Mac = std::array<unsigned char, 6>;

/// The hardware address of a bridge of ours. It is derived from the name, stays the same whichever interfaces come and go,
/// and marks the bridge from its first moment on: an alias can only follow.
Mac mac_of_bridge(const char* name);

inline constexpr const char* bridge_alias = "nsrun";

/// What a keeper works with.
struct Keeping {
    const char* link = "";  ///< at most 15 bytes
    Mac mac{};
    int lock = -1;   ///< the file that who uses the bridge holds: shared with the launcher, as one holder
    int route = -1;  ///< a netlink socket of the bridge's namespace
    int word = -1;   ///< to the launcher: one byte when ready; one byte back to be released
    int life = -1;   ///< a pidfd of the launcher
};

/// Gives the bridge up, and removes it if nobody else uses it and it is ours.
void release(const Keeping& keeping) noexcept;
/// The life of a keeper: waits for the launcher's word or end, whichever comes first, and gives the bridge up.
[[noreturn]] void keep(const Keeping& given, SharedBridge::Wait wait) noexcept;

}  // namespace nsrun::network
