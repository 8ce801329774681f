#pragma once
#include "base/fd.h"
#include "pod/pod.h"

#include <optional>
#include <string>
#include <vector>

/// What a launcher and a holder say to each other: one letter each.
namespace nsrun::pod {

inline constexpr std::size_t longest_letter = 64 * 1024;

/// A text with descriptors beside it.
struct Letter {
    std::string text;
    std::vector<Fd> descriptors;
};

/// Sends a letter. Errors: EPIPE when nobody hears; EMSGSIZE beyond the longest.
Result<> send(const Fd& socket, std::string_view text, std::span<const int> descriptors = {});
/// Receives one; nothing when the other end closed. Errors: EAGAIN from a socket that does not wait.
Result<std::optional<Letter>> receive(const Fd& socket);

/// What who wants to become a member says of itself.
struct Request {
    PodShare share = PodShare::addresses;
    PodUplink uplink = PodUplink::none;
    std::string uids, gids;  ///< the map
    std::string member, alias;
    std::vector<std::string> addresses;
    std::string hosts;
};
std::string to_text(const JoinPod& step);
/// Reads it; nothing when it is not what this version of nsrun says.
std::optional<Request> read_request(std::string_view text);

/// "inside:outside:count,..."
std::string map_text(const std::vector<IdRange>& ranges);

/// A refusal as a letter, and back.
std::string refusal_text(const Error& error);
Error read_refusal(std::string_view text);
inline constexpr std::string_view welcome = "welcome";

}  // namespace nsrun::pod
