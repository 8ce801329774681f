#include "network/network.h"

#include "network/objects.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

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

using Message = std::unique_ptr<nl_msg, Ending<nlmsg_free>>;

/// A message about one interface; nothing without memory.
Message about(int type, int index) {
    Message message(nlmsg_alloc_simple(type, 0));
    ifinfomsg link{};
    link.ifi_index = index;
    if (message && nlmsg_append(message.get(), &link, sizeof link, NLMSG_ALIGNTO) < 0) message.reset();
    return message;
}

int take_names(nl_msg* message, void* into) {
    auto& names = *static_cast<std::vector<std::string>*>(into);
    nlattr* const list = nlmsg_find_attr(nlmsg_hdr(message), sizeof(ifinfomsg), IFLA_PROP_LIST);
    if (list == nullptr) return NL_OK;
    nlattr* attribute = nullptr;
    int rest = 0;
    nla_for_each_nested(attribute, list, rest) {
        const auto* const name = static_cast<const char*>(nla_data(attribute));
        if (nla_type(attribute) == IFLA_ALT_IFNAME) names.emplace_back(name, strnlen(name, static_cast<std::size_t>(nla_len(attribute))));
    }
    return NL_OK;
}

/// The other names that an interface has. Source: ip-link(8), altname; libnl 3.7 knows none.
std::vector<std::string> other_names(Socket& socket, int index) {
    std::vector<std::string> names;
    const Message message = about(RTM_GETLINK, index);
    if (!message) return names;
    nl_socket_modify_cb(socket.get(), NL_CB_VALID, NL_CB_CUSTOM, take_names, &names);
    // The answer and, where there was one, its acknowledgement.
    int answer = nl_send_auto(socket.get(), message.get());
    if (answer >= 0) answer = nl_recvmsgs_default(socket.get());
    if (answer >= 0) answer = nl_wait_for_ack(socket.get());
    (void)socket.result(answer, "ask for the names of an interface");  // then it has none that matter
    nl_socket_modify_cb(socket.get(), NL_CB_VALID, NL_CB_DEFAULT, nullptr, nullptr);
    return names;
}

Result<> remove_name(Socket& socket, int index, const std::string& name) {
    const Message message = about(RTM_DELLINKPROP, index);
    if (!message) return fail(ENOMEM, "change an interface");
    nlattr* const list = nla_nest_start(message.get(), IFLA_PROP_LIST);
    nla_put_string(message.get(), IFLA_ALT_IFNAME, name.c_str());
    nla_nest_end(message.get(), list);
    int answer = nl_send_auto(socket.get(), message.get());
    if (answer >= 0) answer = nl_wait_for_ack(socket.get());
    return socket.result(answer, "remove a name of an interface");
}

/// Sets an interface down, and takes from it that it hears what is for others.
void make_plain(Socket& socket, int index) {
    const Link present(rtnl_link_alloc()), wanted(rtnl_link_alloc());
    if (!present || !wanted) return;
    rtnl_link_set_ifindex(present.get(), index);
    rtnl_link_set_ifindex(wanted.get(), index);
    rtnl_link_unset_flags(wanted.get(), IFF_PROMISC | IFF_ALLMULTI | IFF_UP);
    const int answer = rtnl_link_change(socket.get(), present.get(), wanted.get(), 0);
    (void)socket.result(answer, "change an interface");  // not as before, but back all the same
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
    // All that a sandbox with CAP_NET_ADMIN may change and that would come back with it.
    Loan loan{0, step.host_link, mac_of(link.get()), rtnl_link_get_mtu(link.get()), other_names(host, outside)};
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
        // One that somebody on the host has would keep the interface from coming back.
        for (const std::string& name : other_names(*inside_, loan.index)) {
            if (std::ranges::find(loan.names, name) == loan.names.end()) (void)remove_name(*inside_, loan.index, name);
        }
        make_plain(*inside_, loan.index);
        (void)tune(*inside_, loan.index, {}, loan.mtu);
        (void)tune(*inside_, loan.index, loan.mac, 0);
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
