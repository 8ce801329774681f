#include "network/network.h"

#include "network/objects.h"

#include <linux/netlink.h>
#include <netlink/errno.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace nsrun::network {
namespace {

constexpr int loopback = 1;  // the first interface of every network namespace

}  // namespace

Result<Link> found(Socket& socket, const std::string& link) {
    rtnl_link* present = nullptr;
    const int answer = rtnl_link_get_kernel(socket.get(), 0, link.c_str(), &present);
    Link answered(present);
    // This one call of libnl listens to the kernel itself, and answers in numbers of its own.
    if (answer == -NLE_NODEV) return fail(ENODEV, "find the interface {}", link);
    NSRUN_TRY(socket.result(answer, fmt::format("find the interface {}", link)));
    return answered;
}

Result<Address> parsed(const std::string& text, int family) {
    nl_addr* address = nullptr;
    if (nl_addr_parse(text.c_str(), family, &address) < 0) return fail(EINVAL, "understand the address {}", text);
    return Address(address);
}

Places::Places(Socket socket, Fd space) : space_(std::move(space)) {
    sockets_[static_cast<std::size_t>(Place::sandbox)] = std::move(socket);
    note(Place::sandbox, "lo", loopback);
}

void Places::open(Place place, Socket socket) { sockets_[static_cast<std::size_t>(place)] = std::move(socket); }

Result<std::reference_wrapper<Socket>> Places::at(Place place) {
    auto& socket = sockets_[static_cast<std::size_t>(place)];
    // The host's is opened when it is first needed; the others are handed over by who is there.
    if (!socket && place == Place::host) socket = NSRUN_TRY(Socket::open(NETLINK_ROUTE));
    const auto name = spelling(place);
    if (!socket) return fail(ENOTCONN, "use netlink in the {}", name);
    return std::ref(*socket);
}

Result<Socket> Places::take_tables() {
    if (!tables_) return fail(ENOTCONN, "use nf_tables in the sandbox");
    return *std::exchange(tables_, std::nullopt);
}

Result<int> Places::index(Place place, const std::string& link) {
    const auto known = std::ranges::find_if(known_, [&](const Known& each) { return each.place == place && each.link == link; });
    if (known != known_.end()) return known->index;
    Socket& socket = NSRUN_TRY(at(place));
    const Link present = NSRUN_TRY(found(socket, link));
    const int index = rtnl_link_get_ifindex(present.get());
    note(place, link, index);
    return index;
}

void Places::note(Place place, const std::string& link, int index) {
    known_.push_back({place, link, index});
}

}  // namespace nsrun::network
