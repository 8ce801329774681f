#include "base/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace nsrun {

std::optional<Cidr> parse_address(std::string_view text) {
    char copy[INET6_ADDRSTRLEN] = {};
    if (text.size() >= sizeof copy || text.find('\0') != text.npos) return std::nullopt;
    std::ranges::copy(text, copy);
    Cidr read;
    if (inet_pton(AF_INET, copy, read.bytes.data()) == 1) {
        read.prefix = 32;
    } else if (inet_pton(AF_INET6, copy, read.bytes.data()) == 1) {
        read.six = true;
        read.prefix = 128;
    } else {
        return std::nullopt;
    }
    return read;
}

std::optional<Cidr> parse_cidr(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == text.npos) return std::nullopt;
    auto read = parse_address(text.substr(0, slash));
    const std::string_view digits = text.substr(slash + 1);
    std::uint8_t prefix = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    if (!read || error != std::errc{} || end != digits.data() + digits.size() || prefix > read->longest()) return std::nullopt;
    read->prefix = prefix;
    return read;
}

bool holds(const Cidr& network, const Cidr& address) {
    Cidr other = address;
    other.prefix = network.prefix;
    return network.six == address.six && network_of(network) == network_of(other);
}

Cidr network_of(Cidr address) {
    for (std::size_t index = 0; index < address.bytes.size(); ++index) {
        const int kept = std::clamp(address.prefix - static_cast<int>(index) * 8, 0, 8);
        address.bytes[index] = static_cast<std::uint8_t>(address.bytes[index] & 0xff00 >> kept);
    }
    return address;
}

std::string address_text(const Cidr& address) {
    char text[INET6_ADDRSTRLEN] = {};
    inet_ntop(address.six ? AF_INET6 : AF_INET, address.bytes.data(), text, sizeof text);
    return text;
}

std::string cidr_text(const Cidr& address) {
    return fmt::format("{}/{}", address_text(address), address.prefix);
}

}  // namespace nsrun
