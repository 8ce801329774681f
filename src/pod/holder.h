#pragma once
#include "base/fd.h"
#include "pod/pod.h"

/// The process that holds a pod.
namespace nsrun::pod {

/// What it begins with.
struct Holding {
    Fd listener;   ///< where members come
    Fd directory;  ///< of the pod
    Fd lock;       ///< held as long as the pod is there
    Fd birth;      ///< whom it tells whether it stands; as long as that is open, somebody wants to come
    std::string name;  ///< as ps(1) shows it
    PodShare share = PodShare::addresses;
    PodUplink uplink = PodUplink::none;
    std::string uids, gids;    ///< the map, as text
    std::vector<std::string> settings;  ///< "ipv4/ip_forward=1": below /proc/sys/net
    Fd lifeline;               ///< of the helper: readable once it has ended; none where there is no way out
    const Hands* hands = nullptr;
};

/// Becomes nobody's process: a session of its own, no signal but SIGKILL, none of the caller's words and descriptors but
/// `kept`. `name`: as ps(1) shows it.
void withdraw(std::vector<int> kept, const std::string& name);

/// Lives as the process that starts the helper and ends it with the holder, or says why it has ended. It stays where the
/// launcher is: the helper reaches the network from there. `word`: to and from the launcher. Never returns.
[[noreturn]] void keep_uplink(pid_t holder, Fd word, Fd lifeline, const std::string& name, const Hands& hands);

/// Lives as the holder, in a user and a network namespace of its own that are to be mapped. Never returns.
[[noreturn]] void hold(Holding holding);

}  // namespace nsrun::pod
