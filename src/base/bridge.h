#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

/// How a bridge tells that nsrun made it.
namespace nsrun {

using Mac = std::array<unsigned char, 6>;

/// The hardware address of a bridge of ours. It is derived from the name, stays the same whichever interfaces come and go,
/// and marks the bridge from its first moment on: an alias can only follow.
inline Mac mac_of_bridge(const char* name) {
    std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
    for (const char* letter = name; *letter != '\0'; ++letter) hash = (hash ^ static_cast<unsigned char>(*letter)) * 0x100000001b3;
    Mac mac{0x02};  // administered locally, of one station
    for (std::size_t i = 1; i < mac.size(); ++i) mac[i] = static_cast<unsigned char>(hash >> 8 * i);
    return mac;
}

}  // namespace nsrun
