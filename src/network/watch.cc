#include "network/watch.h"

#include "network/objects.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/socket.h>
#include <sys/socket.h>

#include <cerrno>

namespace nsrun::network {
namespace {

/// The addresses that messages of rtnetlink(7) tell, as text with the length of a net of one.
struct Told {
    bool ipv6;
    std::vector<std::string> addresses{};

    void take(nlmsghdr* header) {
        if (header->nlmsg_type != RTM_NEWADDR) return;
        nlattr* attributes[IFA_MAX + 1];
        if (nlmsg_parse(header, sizeof(ifaddrmsg), attributes, IFA_MAX, nullptr) < 0) return;
        const int family = static_cast<const ifaddrmsg*>(nlmsg_data(header))->ifa_family;
        // Of a point-to-point link IFA_ADDRESS is the other end's.
        const nlattr* const own = attributes[IFA_LOCAL] != nullptr ? attributes[IFA_LOCAL] : attributes[IFA_ADDRESS];
        const int length = family == AF_INET ? 4 : 16;
        if (own == nullptr || (family != AF_INET && (family != AF_INET6 || !ipv6)) || nla_len(own) != length) return;
        char text[INET6_ADDRSTRLEN] = {};
        if (inet_ntop(family, nla_data(own), text, sizeof text) == nullptr) return;
        addresses.push_back(fmt::format("{}/{}", text, length * 8));
    }
};

int take(nl_msg* message, void* told) {
    static_cast<Told*>(told)->take(nlmsg_hdr(message));
    return NL_OK;
}

/// Lets `told` hear all that a socket has to say.
Result<> receive(Socket& socket, Told& told) {
    nl_socket_modify_cb(socket.get(), NL_CB_VALID, NL_CB_CUSTOM, take, &told);
    const int answer = nl_recvmsgs_default(socket.get());
    return socket.result(answer, "read the host's addresses");
}

}  // namespace

Result<AddressWatch> AddressWatch::start(std::shared_ptr<Places> places, const WatchAddresses& step) {
    Socket reader = NSRUN_TRY(Socket::open(NETLINK_ROUTE));
    Fd host(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    // One without a port of its own, as it is before bind(2), is told nothing.
    sockaddr_nl own{};
    own.nl_family = AF_NETLINK;
    own.nl_groups = RTMGRP_IPV4_IFADDR | (step.ipv6 ? RTMGRP_IPV6_IFADDR : 0);
    if (!host || bind(host.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0) {
        return fail(errno, "hear of the host's addresses");
    }
    AddressWatch watch(std::move(places), step, std::move(host), std::move(reader));
    NSRUN_TRY(watch.close_all());
    return watch;
}

int AddressWatch::descriptor() const { return host_.get(); }

Result<> AddressWatch::hear() {
    // What is said is not worth reading twice: after any change all addresses are asked for. They are few.
    char waste[8192];
    while (recv(descriptor(), waste, sizeof waste, MSG_DONTWAIT) > 0 || errno == ENOBUFS || errno == EINTR) {
    }
    return close_all();
}

Result<> AddressWatch::close_all() {
    Told told{ipv6_};
    const int asked = nl_rtgen_request(reader_.get(), RTM_GETADDR, AF_UNSPEC, NLM_F_DUMP);
    if (asked < 0) return fail(EIO, "ask for the host's addresses");
    NSRUN_TRY(receive(reader_, told));
    for (const auto& address : told.addresses) {
        if (address.starts_with("127.") || address == "::1/128") continue;
        const auto closed = run(*places_, CloseAddress{address, link_});
        if (!closed && closed.error().code != EEXIST) return std::unexpected(closed.error());
    }
    return {};
}

}  // namespace nsrun::network
