#include "host/network.h"

#include <base/file.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

namespace nsrun {
namespace {

constexpr std::size_t largest_table = 16 * 1024 * 1024;  // of a router with a full view
constexpr unsigned long route_is_up = 0x1, route_rejects = 0x200;  // RTF_UP, RTF_REJECT

unsigned long hexadecimal(std::string_view digits) {
    unsigned long number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
    return number;
}

/// True when a route of a table of /proc/net leads everywhere. `everywhere` tells by the fields of its line.
template <class Everywhere>
bool has_route(const char* file, Everywhere everywhere) {
    const auto table = read_file(file, largest_table);
    if (!table) return false;
    std::string_view rest = *table;
    while (!rest.empty()) {
        std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        std::array<std::string_view, 11> fields{};
        std::size_t count = 0;
        while (count < fields.size()) {
            line.remove_prefix(std::min(line.size(), line.find_first_not_of(" \t")));
            if (line.empty()) break;
            fields[count] = line.substr(0, line.find_first_of(" \t"));
            line.remove_prefix(fields[count++].size());
        }
        if (everywhere(fields)) return true;
    }
    return false;
}

bool leads(std::string_view flags) {
    const auto bits = hexadecimal(flags);
    return (bits & route_is_up) != 0 && (bits & route_rejects) == 0;
}

/// Source: proc_pid_net(5): Iface Destination Gateway Flags RefCnt Use Metric Mask ...
bool has_default_route() {
    return has_route("/proc/net/route", [](const auto& fields) {
        return fields[1] == "00000000" && fields[7] == "00000000" && leads(fields[3]);
    });
}

/// The same for IPv6: destination, its length, source, its length, next hop, metric, use, reference, flags, device.
bool has_default_route6() {
    return has_route("/proc/net/ipv6_route", [](const auto& fields) {
        return fields[1] == "00" && fields[0] == "00000000000000000000000000000000" && leads(fields[8]) && fields[9] != "lo";
    });
}

bool is_loopback(const sockaddr* address) {
    if (address->sa_family == AF_INET) {
        return (ntohl(reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr) >> 24) == 127;
    }
    return IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr);
}

std::vector<std::string> own_addresses() {
    std::vector<std::string> found;
    ifaddrs* first = nullptr;
    if (getifaddrs(&first) != 0) return found;
    for (const ifaddrs* each = first; each; each = each->ifa_next) {
        const sockaddr* address = each->ifa_addr;
        if (!address || (address->sa_family != AF_INET && address->sa_family != AF_INET6) || is_loopback(address)) continue;
        char text[INET6_ADDRSTRLEN] = {};
        const void* const bytes = address->sa_family == AF_INET
                                      ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(address)->sin_addr)
                                      : static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr);
        if (inet_ntop(address->sa_family, bytes, text, sizeof text)) found.emplace_back(text);
    }
    freeifaddrs(first);
    // One address may stand on several interfaces.
    std::ranges::sort(found);
    const auto doubles = std::ranges::unique(found);
    found.erase(doubles.begin(), doubles.end());
    return found;
}

PathKind tun_device() {
    constexpr const char* device = "/dev/net/tun";
    if (::faccessat(AT_FDCWD, device, R_OK | W_OK, AT_EACCESS) == 0) return PathKind::character_device;
    return errno == EACCES || errno == EPERM ? PathKind::denied : PathKind::absent;
}

}  // namespace

std::string installed_program(std::string_view name) {
    for (const auto place : {"/usr/bin", "/bin", "/usr/local/bin", "/run/current-system/sw/bin"}) {
        std::string path = fmt::format("{}/{}", place, name);
        if (::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0) return path;
    }
    return {};
}

NetworkFacts network_facts() {
    NetworkFacts facts;
    facts.pasta = installed_program("pasta");
    facts.slirp4netns = installed_program("slirp4netns");
    facts.default_route = has_default_route();
    facts.default_route6 = has_default_route6();
    facts.addresses = own_addresses();
    facts.tun = tun_device();
    return facts;
}

}  // namespace nsrun
