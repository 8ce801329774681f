#include "profile/suggest.h"
#include "profile/types.h"

#include "base/address.h"

#include <fmt/format.h>
#include <nsrun/names.h>

#include <algorithm>

/// What strings must be when their type says only that they are strings. Every complaint says what would be right.
namespace nsrun {
namespace {

constexpr bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}
constexpr bool is_alphanumeric(char letter) {
    return is_digit(letter) || (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
}

constexpr bool is_name_letter(char letter) {
    return is_alphanumeric(letter) || std::string_view("._@-").find(letter) != std::string_view::npos;
}

Complaint unknown(std::string_view text, const char* kind, std::string_view close, const char* otherwise) {
    std::string help = close.empty() ? std::string(otherwise) : fmt::format("did you mean '{}'?", close);
    return {Code::unknown_value, fmt::format("'{}' is not {}", printable(text), kind), std::move(help)};
}

/// One part of a host name, between dots.
bool is_label(std::string_view label) {
    return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
           std::ranges::all_of(label, [](char letter) { return is_alphanumeric(letter) || letter == '-'; });
}

}  // namespace

Complaint judge_not_empty(std::string_view text) {
    if (!text.empty()) return {};
    return {Code::unknown_value, "the string is empty", "write a value, or leave it out"};
}

Complaint judge_profile_name(std::string_view text) {
    const bool right = !text.empty() && text.size() <= 64 && is_alphanumeric(text.front()) &&
                       std::ranges::all_of(text, is_name_letter);
    if (right) return {};
    return {Code::unknown_value, fmt::format("'{}' cannot name a sandbox", printable(text)),
            "use letters, digits and . _ @ - , at most 64, a letter or digit first"};
}

Complaint judge_namespace(std::string_view text) {
    if (text.starts_with('/')) return judge_absolute_path(text);
    // A profile's name, its instance and, where several are called so, the launcher's pid.
    constexpr std::size_t longest = 140;
    const bool name = !text.empty() && text.size() <= longest && is_alphanumeric(text.front()) &&
                      std::ranges::all_of(text, is_name_letter);
    if (name) return {};
    return {Code::bad_path, fmt::format("'{}' is neither the path of a namespace nor the name of a sandbox", printable(text)),
            "write an absolute path such as \"/proc/PID/ns/net\", or the name of a sandbox that runs"};
}

Complaint judge_host_name(std::string_view text) {
    bool right = !text.empty() && text.size() <= 64;
    for (std::size_t begin = 0; right && begin <= text.size();) {
        const std::size_t dot = std::min(text.find('.', begin), text.size());
        right = is_label(text.substr(begin, dot - begin));
        begin = dot + 1;
    }
    if (right) return {};
    return {Code::unknown_value, fmt::format("'{}' is not a host name", printable(text)),
            text.size() > 64 ? "shorten it to 64 characters, the most that the kernel takes"
                             : "use letters, digits and '-', in parts separated by '.'"};
}

Complaint judge_address(std::string_view text) {
    if (parse_address(text)) return {};
    return {Code::unknown_value, fmt::format("'{}' is not an IP address", printable(text)),
            "write one such as \"127.0.0.1\" or \"::1\""};
}

Complaint judge_cidr(std::string_view text) {
    if (parse_cidr(text)) return {};
    if (const auto lone = parse_address(text)) {
        return {Code::unknown_value, fmt::format("'{}' does not say how long the prefix of its network is", printable(text)),
                fmt::format("write \"{}/{}\"", printable(text), lone->six ? 64 : 24)};
    }
    return {Code::unknown_value, fmt::format("'{}' is not an IP address with a prefix", printable(text)),
            "write one such as \"10.0.0.5/24\" or \"fd00::5/64\""};
}

Complaint judge_link_name(std::string_view text) {
    constexpr std::size_t longest = 15;  // IFNAMSIZ less its end
    if (text.size() > longest) {
        return {Code::out_of_range, fmt::format("'{}' has {} bytes, the name of an interface at most {}", printable(text), text.size(), longest),
                "shorten it"};
    }
    // The kernel's settings of all interfaces have the last two.
    const bool taken = text == "." || text == ".." || text == "all" || text == "default";
    const bool right = !text.empty() && !taken && std::ranges::all_of(text, [](char letter) {
        return letter > ' ' && letter <= '~' && letter != '/' && letter != ':' && letter != '%';
    });
    if (right) return {};
    return {Code::unknown_value, fmt::format("'{}' cannot name an interface", printable(text)), "write a name such as \"eth0\""};
}

Complaint judge_mac(std::string_view text) {
    constexpr std::size_t length = 17;
    bool right = text.size() == length;
    for (std::size_t index = 0; right && index < length; ++index) {
        const char letter = folded(text[index]);
        right = index % 3 == 2 ? letter == ':' : is_digit(letter) || (letter >= 'a' && letter <= 'f');
    }
    if (!right) {
        return {Code::unknown_value, fmt::format("'{}' is not a link-layer address", printable(text)), "write one such as \"02:00:00:00:00:05\""};
    }
    // The lowest bit of the first byte: an address of many.
    constexpr std::string_view odd = "13579bdfBDF";
    if (odd.find(text[1]) == odd.npos && text != "00:00:00:00:00:00") return {};
    return {Code::unknown_value, fmt::format("'{}' is not the address of one interface", printable(text)),
            "write one whose first byte is even, such as \"02:00:00:00:00:05\""};
}

Complaint judge_pod_address(std::string_view text) {
    const auto read = parse_address(text);
    constexpr const char* help = "write one from \"10.88.0.2\" to \"10.88.255.254\"";
    if (!read || read->six) return {Code::unknown_value, fmt::format("'{}' is not an IPv4 address", printable(text)), help};
    const auto& address = read->bytes;
    const int host = address[2] << 8 | address[3];
    if (address[0] != 10 || address[1] != 88) {
        return {Code::out_of_range, fmt::format("{} is not in the pod's network, 10.88.0.0/16", text), help};
    }
    if (host > 1 && host < 65535) return {};
    return {Code::out_of_range, fmt::format("{} is not for a sandbox: it is the {}", text, host == 1 ? "pod's own" : "network's"),
            help};
}

Complaint judge_version(std::string_view text) {
    std::size_t parts = 0;
    bool right = true;
    for (std::size_t begin = 0; right && begin <= text.size(); ++parts) {
        const std::size_t dot = std::min(text.find('.', begin), text.size());
        right = dot - begin <= 6 && small_number(text.substr(begin, dot - begin)).has_value();
        begin = dot + 1;
    }
    if (right && parts <= 3) return {};
    return {Code::unknown_value, fmt::format("'{}' is not a version", printable(text)), "write one such as \"6.7\""};
}

Complaint judge_capability(std::string_view text) {
    if (capability_number(text)) return {};
    std::string bare;
    for (const char letter : without_prefix(text, "cap-")) bare += folded(letter);
    return unknown(text, "a capability", nearest_of(bare, capability_names, [](std::string_view name) { return name; }),
                   "capabilities(7) lists them: \"net-bind-service\"");
}

Complaint judge_signal(std::string_view text) {
    if (signal_number(text)) return {};
    return unknown(text, "a signal",
                   nearest_of(text, signal_names, [](const SignalName& signal) { return signal.name; }),
                   "signal(7) lists them: \"TERM\", \"RTMIN+1\"");
}

Complaint judge_droppable(std::string_view text) {
    for (const auto& word : droppable_names) {
        if (word.name == text) return {};
    }
    std::string all;
    for (const auto& word : droppable_names) all += (all.empty() ? "" : ", ") + std::string(word.name);
    const auto close = nearest_of(text, droppable_names, [](const WordText& word) { return word.name; });
    return {Code::unknown_value, fmt::format("'{}' cannot be left to the kernel: {}", printable(text), all),
            close.empty() ? "remove it: everything else must be there" : fmt::format("did you mean '{}'?", close)};
}

Complaint judge_variable_name(std::string_view text) {
    if (!text.empty() && text.find('=') == text.npos && text.find('\0') == text.npos) return {};
    return {Code::unknown_value, fmt::format("'{}' cannot name a variable", printable(text)),
            "a name is not empty and has no '='"};
}

Complaint judge_directory_name(std::string_view text) {
    bool right = !text.empty() && text.size() <= 255;
    for (std::size_t begin = 0; right && begin <= text.size();) {
        const std::size_t slash = std::min(text.find('/', begin), text.size());
        const std::string_view part = text.substr(begin, slash - begin);
        right = !part.empty() && part != "." && part != "..";
        begin = slash + 1;
    }
    if (right) return {};
    return {Code::bad_path, fmt::format("'{}' is not the name of a directory", printable(text)),
            "write a relative name without '.' and '..': \"nginx\""};
}

Complaint judge_run_as(std::string_view text) {
    const std::size_t colon = text.find(':');
    const bool right = colon != 0 && !text.empty() &&
                       (colon == text.npos || (colon + 1 < text.size() && text.find(':', colon + 1) == text.npos));
    if (right) return {};
    return {Code::unknown_value, fmt::format("'{}' is not user[:group]", printable(text)),
            "write \"www-data\" or \"www-data:www-data\""};
}

}  // namespace nsrun
