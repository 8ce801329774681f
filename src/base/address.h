#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Internet addresses and the networks that they lie in. Pure.
namespace nsrun {

/// An address of IPv4 or IPv6 with the length of its network's prefix; a lone address has the longest one.
struct Cidr {
    std::array<std::uint8_t, 16> bytes{};  ///< the first four for IPv4
    std::uint8_t prefix = 0;               ///< bits: 0 to 32, or to 128
    bool six = false;

    std::uint8_t longest() const { return six ? 128 : 32; }
    bool operator==(const Cidr&) const = default;
};

/// Reads "10.0.0.5", "fd00::5", without a prefix. Nothing when it is neither.
std::optional<Cidr> parse_address(std::string_view text);
/// Reads "10.0.0.5/24", "fd00::5/64": the prefix is required.
std::optional<Cidr> parse_cidr(std::string_view text);

/// True when `address` lies in the network of `network`. Never across families.
bool holds(const Cidr& network, const Cidr& address);
/// The network of an address: the bits behind the prefix are zero.
Cidr network_of(Cidr address);

/// "10.0.0.5"; the shortest form of IPv6.
std::string address_text(const Cidr& address);
/// "10.0.0.5/24".
std::string cidr_text(const Cidr& address);

}  // namespace nsrun
