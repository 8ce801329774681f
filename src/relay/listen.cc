#include "relay/relay.h"

#include "base/address.h"
#include "base/file.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>

#include <cerrno>
#include <cstring>

/// Sockets of published ports, opened where they are reached: in the network namespace of the host.
namespace nsrun::relay {
namespace {

constexpr int backlog = 4096;  // the kernel takes net.core.somaxconn at most

socklen_t size_of(const Endpoint& endpoint) {
    return endpoint.any.sa_family == AF_INET6 ? sizeof endpoint.v6 : sizeof endpoint.v4;
}

bool is_wildcard(const Endpoint& endpoint) {
    if (endpoint.any.sa_family == AF_INET) return endpoint.v4.sin_addr.s_addr == INADDR_ANY;
    return IN6_IS_ADDR_UNSPECIFIED(&endpoint.v6.sin6_addr);
}

/// Options without which a socket works too, only worse.
void set(const Fd& socket, int level, int option, int value) {
    (void)setsockopt(socket.get(), level, option, &value, sizeof value);
}

/// What accepted connections inherit: no delay of our own, and an end for those whose client is gone without a word.
void set_for_connections(const Fd& socket) {
    set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
    set(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(socket, IPPROTO_TCP, TCP_KEEPIDLE, 300);
    set(socket, IPPROTO_TCP, TCP_KEEPINTVL, 30);
    set(socket, IPPROTO_TCP, TCP_KEEPCNT, 4);
}

std::string remedy(int code, Protocol protocol, const std::string& address, std::uint32_t port) {
    if (code == EADDRINUSE) {
        return fmt::format("another program has that port, see: ss -l{}np 'sport = :{}'; publish another one",
                           protocol == Protocol::tcp ? 't' : 'u', port);
    }
    if (code == EADDRNOTAVAIL)
        return fmt::format("the host has no address {}: ip address lists those that it has", address);
    if (code == EAFNOSUPPORT) return "this kernel has no IPv6: publish on an IPv4 address";
    if (code != EACCES && code != EPERM) return {};
    auto first = read_file("/proc/sys/net/ipv4/ip_unprivileged_port_start", 64);
    while (first && first->ends_with('\n')) first->pop_back();
    return fmt::format(
        "ports below {} are root's: publish a higher one, or as root: "
        "sysctl net.ipv4.ip_unprivileged_port_start={}",
        first ? *first : "1024", port);
}

}  // namespace

std::optional<Endpoint> endpoint(const std::string& address, std::uint32_t port) {
    const auto read = parse_address(address);
    if (!read) return std::nullopt;
    Endpoint result{.v6 = {}};
    const in_port_t number = htons(static_cast<std::uint16_t>(port));
    if (read->six) {
        result.v6.sin6_family = AF_INET6;
        result.v6.sin6_port = number;
        std::memcpy(&result.v6.sin6_addr, read->bytes.data(), sizeof result.v6.sin6_addr);
    } else {
        result.v4.sin_family = AF_INET;
        result.v4.sin_port = number;
        std::memcpy(&result.v4.sin_addr, read->bytes.data(), sizeof result.v4.sin_addr);
    }
    return result;
}

std::vector<Endpoint> loopback(std::uint32_t port) {
    return {*endpoint("127.0.0.1", port), *endpoint("::1", port)};
}

Result<Fd> listen(Protocol protocol, const std::string& address, std::uint32_t port) {
    const auto place = endpoint(address, port);
    if (!place) return fail(EINVAL, "listen on {}", address);
    const bool v6 = place->any.sa_family == AF_INET6, tcp = protocol == Protocol::tcp;
    const auto name = spelling(protocol);
    const auto refusal = [&](int code) {
        auto failure = fail(code, "listen on {}{}{}:{}, {}", v6 ? "[" : "", address, v6 ? "]" : "", port, name);
        failure.error().help = remedy(code, protocol, address, port);
        return failure;
    };
    Fd opened(socket(place->any.sa_family, (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!opened) return refusal(errno);
    if (v6) set(opened, IPPROTO_IPV6, IPV6_V6ONLY, 1);  // "[::]" and "0.0.0.0" are two ports
    if (tcp) {
        set(opened, SOL_SOCKET, SO_REUSEADDR, 1);  // what is left of former connections is in nobody's way
        set_for_connections(opened);
    } else if (is_wildcard(*place)) {
        set(opened, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_RECVPKTINFO : IP_PKTINFO, 1);
    }
    if (bind(opened.get(), &place->any, size_of(*place)) != 0) return refusal(errno);
    if (tcp && ::listen(opened.get(), backlog) != 0) return refusal(errno);
    return opened;
}

}  // namespace nsrun::relay
