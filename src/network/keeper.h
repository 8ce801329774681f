#pragma once
#include "network/network.h"

#include "base/bridge.h"

/// The process that removes a shared bridge after its launcher. It needs no heap: who waits for it may give that back.
namespace nsrun::network {

inline constexpr const char* bridge_alias = "nsrun";

/// What a keeper works with.
struct Keeping {
    const char* link = "";  ///< at most 15 bytes
    Mac mac{};
    int lock = -1;   ///< the file that who uses the bridge holds: shared with the launcher, as one holder
    const char* lock_name = "";  ///< at most 255 bytes
    int directory = -1;          ///< that it is in
    int route = -1;  ///< a netlink socket of the bridge's namespace
    int word = -1;   ///< to the launcher: one byte when ready; one byte back to be released
    int life = -1;   ///< a pidfd of the launcher
};

/// Gives the bridge up, and removes it and the lock if nobody else uses it and it is ours.
void release(const Keeping& keeping) noexcept;
/// The life of a keeper: waits for the launcher's word or end, whichever comes first, and gives the bridge up.
[[noreturn]] void keep(const Keeping& given, SharedBridge::Wait wait) noexcept;

}  // namespace nsrun::network
