#include "network/network.h"

#include "network/objects.h"

#include <fcntl.h>
#include <linux/netlink.h>

#include <cerrno>

/// Interfaces of the host that a sandbox has for a while.
namespace nsrun::network {
namespace {

constexpr const char* own_space = "/proc/self/ns/net";

Result<> move(Socket& socket, int index, const std::string& name, int space) {
    const Link present(rtnl_link_alloc()), wanted(rtnl_link_alloc());
    if (!present || !wanted) return fail(ENOMEM, "move an interface");
    rtnl_link_set_ifindex(present.get(), index);
    rtnl_link_set_ifindex(wanted.get(), index);
    rtnl_link_set_name(wanted.get(), name.c_str());  // also where its present name is taken on the other side
    rtnl_link_set_ns_fd(wanted.get(), space);
    const int answer = rtnl_link_change(socket.get(), present.get(), wanted.get(), 0);
    return socket.result(answer, fmt::format("move the interface {}", name));
}

/// Gives an interface a hardware address and an MTU, where they are said.
Result<> tune(Socket& socket, int index, const std::string& mac, std::uint32_t mtu) {
    if (mac.empty() && mtu == 0) return {};
    const Link present(rtnl_link_alloc()), wanted(rtnl_link_alloc());
    if (!present || !wanted) return fail(ENOMEM, "change an interface");
    rtnl_link_set_ifindex(present.get(), index);
    rtnl_link_set_ifindex(wanted.get(), index);
    if (mtu != 0) rtnl_link_set_mtu(wanted.get(), mtu);
    if (!mac.empty()) {
        const Address address = NSRUN_TRY(parsed(mac, AF_LLC));
        rtnl_link_set_addr(wanted.get(), address.get());
    }
    const int answer = rtnl_link_change(socket.get(), present.get(), wanted.get(), 0);
    return socket.result(answer, "change the interface's address or MTU");
}

std::string mac_of(rtnl_link* link) {
    char text[64] = "";
    if (nl_addr* const address = rtnl_link_get_addr(link)) nl_addr2str(address, text, sizeof text);
    return text;
}

}  // namespace

Result<Borrowed> Borrowed::from_here(int space) {
    Borrowed borrowed;
    borrowed.home_ = Fd(::open(own_space, O_RDONLY | O_CLOEXEC));
    if (!borrowed.home_) return fail(errno, "open {}", own_space);
    borrowed.inside_ = NSRUN_TRY(Socket::open_in(space, borrowed.home_.get(), NETLINK_ROUTE));
    return borrowed;
}

Result<int> Borrowed::take(Socket& host, const MoveLink& step, int space) {
    const Link link = NSRUN_TRY(found(host, step.host_link));
    const int outside = rtnl_link_get_ifindex(link.get());
    Loan loan{0, step.host_link, step.mac.empty() ? std::string() : mac_of(link.get()), step.mtu == 0 ? 0 : rtnl_link_get_mtu(link.get())};
    const auto moved = move(host, outside, step.link, space);
    // The kernel may have moved it and refused its new name: it is ours to return then, too.
    const auto inside = found(*inside_, moved ? step.link : step.host_link);
    if (moved && !inside) return std::unexpected(inside.error());
    if (!inside || (!moved && found(host, step.host_link))) return std::unexpected(moved.error());
    const int index = loan.index = rtnl_link_get_ifindex(inside->get());
    loans_.push_back(std::move(loan));
    if (!moved) return std::unexpected(moved.error());
    NSRUN_TRY(tune(*inside_, index, step.mac, step.mtu));
    return index;
}

Borrowed& Borrowed::operator=(Borrowed&& other) noexcept {
    std::swap(home_, other.home_);
    std::swap(inside_, other.inside_);
    std::swap(loans_, other.loans_);
    return *this;
}

Borrowed::~Borrowed() {
    for (const Loan& loan : loans_) {
        (void)tune(*inside_, loan.index, loan.mac, loan.mtu);  // not as before, but back all the same
        if (move(*inside_, loan.index, loan.host_link, home_.get())) continue;
        // Somebody took its name. What stays behind returns by itself if it is hardware: the kernel never loses that.
        (void)move(*inside_, loan.index, "dev%d", home_.get());
    }
}

Result<> run(Places& places, const MoveLink& step) {
    Socket& host = NSRUN_TRY(places.at(Place::host));
    auto& borrowed = places.lasting.borrowed;
    if (!borrowed) borrowed = NSRUN_TRY(Borrowed::from_here(places.space()));
    places.note(Place::sandbox, step.link, NSRUN_TRY(borrowed->take(host, step, places.space())));
    return {};
}

}  // namespace nsrun::network
