#include "pod/letters.h"

#include "base/address.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <iterator>

namespace nsrun::pod {
namespace {

constexpr std::string_view version = "nsrun pod 1";
constexpr std::size_t most_descriptors = 3;

/// The first line of a text, which loses it.
std::string_view take_line(std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

/// True for a name that can be a part of a file's, and a word of /etc/hosts.
bool is_word(std::string_view name) {
    return std::ranges::all_of(name, [](char letter) { return letter > ' ' && letter < 0x7f && letter != '/' && letter != '#'; });
}

/// True for what planning writes: whoever sends something else could take the names and the interfaces of others.
bool is_sound(const Request& request) {
    constexpr std::size_t longest_name = 64;
    static constexpr Cidr network{.bytes = {10, 88}, .prefix = 16};
    if (request.member.empty() || request.member.size() > longest_name || !is_word(request.member) || !is_word(request.alias)) return false;
    if (request.addresses.empty()) return false;
    for (const auto& text : request.addresses) {
        const auto address = parse_address(text);
        if (!address || address_text(*address) != text) return false;
        const bool first = &text == &request.addresses.front();
        if (first && request.share == PodShare::addresses && !holds(network, *address)) return false;
    }
    return true;
}

}  // namespace

Result<> send(const Fd& socket, std::string_view text, std::span<const int> descriptors) {
    if (text.size() > longest_letter) return fail(EMSGSIZE, "send {} bytes to the pod", text.size());
    alignas(cmsghdr) char control[CMSG_SPACE(most_descriptors * sizeof(int))] = {};
    iovec content{const_cast<char*>(text.data()), text.size()};
    msghdr header{};
    header.msg_iov = &content;
    header.msg_iovlen = 1;
    if (!descriptors.empty()) {
        header.msg_control = control;
        header.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
        cmsghdr* beside = CMSG_FIRSTHDR(&header);
        beside->cmsg_level = SOL_SOCKET;
        beside->cmsg_type = SCM_RIGHTS;
        beside->cmsg_len = CMSG_LEN(descriptors.size_bytes());
        std::memcpy(CMSG_DATA(beside), descriptors.data(), descriptors.size_bytes());
    }
    if (sendmsg(socket.get(), &header, MSG_NOSIGNAL) < 0) return fail(errno, "speak to the pod");
    return {};
}

Result<std::optional<Letter>> receive(const Fd& socket) {
    Letter letter;
    letter.text.resize(longest_letter);
    alignas(cmsghdr) char control[CMSG_SPACE(most_descriptors * sizeof(int))] = {};
    iovec content{letter.text.data(), letter.text.size()};
    msghdr header{};
    header.msg_iov = &content;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    ssize_t length = recvmsg(socket.get(), &header, MSG_CMSG_CLOEXEC);
    // When the other end closed with a letter of ours unread, that is told once.
    while (length < 0 && errno == EINTR) length = recvmsg(socket.get(), &header, MSG_CMSG_CLOEXEC);
    if (length == 0 || (length < 0 && errno == ECONNRESET)) return std::nullopt;
    if (length < 0) return fail(errno, "hear from the pod");
    for (cmsghdr* beside = CMSG_FIRSTHDR(&header); beside != nullptr; beside = CMSG_NXTHDR(&header, beside)) {
        if (beside->cmsg_level != SOL_SOCKET || beside->cmsg_type != SCM_RIGHTS) continue;
        int numbers[most_descriptors];
        const std::size_t count = std::min((beside->cmsg_len - CMSG_LEN(0)) / sizeof(int), most_descriptors);
        std::memcpy(numbers, CMSG_DATA(beside), count * sizeof(int));
        for (std::size_t index = 0; index < count; ++index) letter.descriptors.emplace_back(numbers[index]);
    }
    letter.text.resize(static_cast<std::size_t>(length));
    letter.text.shrink_to_fit();
    return letter;
}

std::string map_text(const std::vector<IdRange>& ranges) {
    std::string text;
    for (const auto& range : ranges) {
        fmt::format_to(std::back_inserter(text), "{}{}:{}:{}", text.empty() ? "" : ",", range.inside, range.outside, range.count);
    }
    return text;
}

std::string to_text(const JoinPod& step) {
    std::string text = fmt::format("{}\nshare {}\nuplink {}\nuids {}\ngids {}\nmember {}\nalias {}\n", version, spelling(step.share), spelling(step.uplink),
                                   map_text(step.uids), map_text(step.gids), step.member, step.alias);
    for (const auto& address : step.addresses) fmt::format_to(std::back_inserter(text), "address {}\n", address);
    return text + "hosts\n" + step.hosts;
}

std::optional<Request> read_request(std::string_view text) {
    Request request;
    if (take_line(text) != version) return std::nullopt;
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        const std::size_t space = std::min(line.find(' '), line.size());
        const std::string_view key = line.substr(0, space), value = line.substr(std::min(space + 1, line.size()));
        if (key == "share") request.share = value == spelling(PodShare::net) ? PodShare::net : PodShare::addresses;
        if (key == "uplink") request.uplink = value == spelling(PodUplink::user) ? PodUplink::user : PodUplink::none;
        if (key == "uids") request.uids = value;
        if (key == "gids") request.gids = value;
        if (key == "member") request.member = value;
        if (key == "alias") request.alias = value;
        if (key == "address") request.addresses.emplace_back(value);
        if (key != "hosts") continue;
        request.hosts = text;
        break;
    }
    return is_sound(request) ? std::optional(std::move(request)) : std::nullopt;
}

std::string refusal_text(const Error& error) { return fmt::format("{}\n{}\n{}", error.code, error.what, error.help); }

Error read_refusal(std::string_view text) {
    Error error;
    const std::string_view code = take_line(text);
    std::from_chars(code.data(), code.data() + code.size(), error.code);
    error.what = take_line(text);
    error.help = take_line(text);
    return error;
}

}  // namespace nsrun::pod
