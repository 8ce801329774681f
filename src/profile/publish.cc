#include "profile/check.h"
#include "profile/types.h"

#include "base/address.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <tuple>

/// Published ports: how they are written, and what cannot be published.
namespace nsrun {
namespace {

constexpr std::uint32_t last_port = 65535;

Complaint malformed(std::string_view text, std::string help) {
    return {Code::wrong_type, fmt::format("expected {}, found '{}'", expected_text<PublishRule>, printable(text)),
            std::move(help)};
}

Complaint read_port(std::string_view text, std::string_view digits, std::uint32_t& out) {
    const char* const end = digits.data() + digits.size();
    const bool all_digits =
        !digits.empty() && std::ranges::all_of(digits, [](char digit) { return digit >= '0' && digit <= '9'; });
    if (!all_digits)
        return malformed(text, "write \"[ADDRESS:]OUTSIDE:INSIDE\", with \"/udp\" behind it for datagrams");
    const auto read = std::from_chars(digits.data(), end, out);
    if (read.ec == std::errc{} && out >= 1 && out <= last_port) return {};
    return {Code::out_of_range, fmt::format("'{}' is not a port", printable(digits)), "ports are 1 to 65535"};
}

/// An address as the kernel's tables would show it; nothing when it is none.
std::optional<std::string> canonical(std::string_view text, bool in_brackets) {
    const auto address = parse_address(text);
    return address && address->six == in_brackets ? std::optional(address_text(*address)) : std::nullopt;
}

bool is_v6(const PublishRule& rule) {
    return rule.address.find(':') != std::string::npos;
}
bool is_wildcard(const PublishRule& rule) {
    return rule.address == "0.0.0.0" || rule.address == "::";
}

/// What two rules must differ in: all addresses of a family are one with each of it.
auto place_of(const PublishRule& rule) {
    return std::tuple(rule.protocol, rule.outside, is_v6(rule));
}

void check_doubles(const List<PublishRule>& ports, Diagnostics& diagnostics) {
    std::vector<const Located<PublishRule>*> sorted;
    for (const auto& port : ports) sorted.push_back(&port);
    std::ranges::stable_sort(sorted, {}, [](const auto* port) {
        return std::tuple(place_of(**port), !is_wildcard(**port), std::string_view((*port)->address));
    });
    for (std::size_t index = 1, group = 0; index < sorted.size(); ++index) {
        const auto& port = *sorted[index];
        if (place_of(*port) != place_of(**sorted[group])) group = index;
        if (group == index) continue;
        const bool by_all = is_wildcard(**sorted[group]);
        const auto& other = by_all ? *sorted[group] : *sorted[index - 1];
        if (!by_all && other->address != port->address) continue;
        const auto& [earlier, later] = other.at.source == port.at.source && other.at.line > port.at.line
                                           ? std::tie(port, other)
                                           : std::tie(other, port);
        diagnostics.error(Code::duplicate_entry, later.at,
                          fmt::format("port {} of {}, {}, is published by line {} already", later->outside,
                                      later->address, spelling(later->protocol), earlier.at.line),
                          "publish another port, or remove one of the two");
    }
}

}  // namespace

Complaint read_text(std::string_view text, PublishRule& out) {
    PublishRule rule;
    std::string_view rest = text;
    if (const auto slash = rest.rfind('/'); slash != rest.npos) {
        const auto protocol = from_spelling<Protocol>(rest.substr(slash + 1));
        if (!protocol) return malformed(text, "after '/' stands tcp or udp");
        rule.protocol = *protocol;
        rest = rest.substr(0, slash);
    }
    const auto inner = rest.rfind(':');
    if (inner == rest.npos)
        return malformed(text, fmt::format("write both ports: \"{0}:{0}\"", rest.empty() ? "8080" : printable(rest)));
    if (auto complaint = read_port(text, rest.substr(inner + 1), rule.inside)) return complaint;
    rest = rest.substr(0, inner);
    const auto outer = rest.rfind(':');
    if (auto complaint = read_port(text, outer == rest.npos ? rest : rest.substr(outer + 1), rule.outside))
        return complaint;
    rule.address = "127.0.0.1";
    if (outer != rest.npos) {
        std::string_view address = rest.substr(0, outer);
        const bool in_brackets = address.size() > 2 && address.front() == '[' && address.back() == ']';
        if (in_brackets) address = address.substr(1, address.size() - 2);
        auto name = canonical(address, in_brackets);
        if (!name) {
            const bool bare = !in_brackets && address.find(':') != address.npos;
            return {Code::unknown_value, fmt::format("'{}' is not an IP address", printable(address)),
                    bare ? "an IPv6 address stands in brackets: \"[::1]:8080:80\""
                         : "write one such as \"127.0.0.1\" or \"[::1]\""};
        }
        rule.address = *std::move(name);
    }
    out = std::move(rule);
    return {};
}

std::string write_text(const PublishRule& rule) {
    const bool v6 = is_v6(rule);
    return fmt::format("{}{}{}:{}:{}{}", v6 ? "[" : "", rule.address, v6 ? "]" : "", rule.outside, rule.inside,
                       rule.protocol == Protocol::udp ? "/udp" : "");
}

void check_publish(const Profile& profile, Diagnostics& diagnostics) {
    const auto& ports = profile.network.publish;
    if (ports.empty()) return;
    const auto& mode = *profile.network.mode;
    const Span& at = ports.front().at;
    if (joined(profile, Namespace::net)) {
        diagnostics.error(Code::conflict, at,
                          "ports are published into a net namespace of the sandbox's own, not into a joined one",
                          "publish them where that namespace is made, or remove join.net");
    } else if (mode == NetworkMode::host) {
        diagnostics.error(Code::conflict, at, "network.mode = \"host\" publishes every port of the sandbox already",
                          "remove publish, or write network.mode = \"loopback\"");
    } else if (mode == NetworkMode::none) {
        diagnostics.error(Code::conflict, at, "with network.mode = \"none\" no port of the sandbox can be reached",
                          "write network.mode = \"loopback\", or remove publish");
    }
    check_doubles(ports, diagnostics);
}

}  // namespace nsrun
