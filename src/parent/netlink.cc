#include "parent/parent.h"

#include <linux/netlink.h>
#include <fcntl.h>
#include <net/if.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace nsrun::parent {
namespace {

/// What the kernel really said: libnl turns most errno values into "unspecific failure".
struct Refusal {
    int code = 0;
    std::string text;  ///< of the extended acknowledgement; may be empty
};

int keep_refusal(sockaddr_nl*, nlmsgerr* answer, void* argument) {
    auto& refusal = *static_cast<Refusal*>(argument);
    refusal.code = -answer->error;
    const auto* header = reinterpret_cast<const nlmsghdr*>(reinterpret_cast<const char*>(answer) - NLMSG_HDRLEN);
    if ((header->nlmsg_flags & NLM_F_ACK_TLVS) == 0) return NL_STOP;
    std::size_t offset = NLMSG_HDRLEN + sizeof *answer;
    if ((header->nlmsg_flags & NLM_F_CAPPED) == 0) offset += NLMSG_ALIGN(answer->msg.nlmsg_len) - sizeof answer->msg;
    const char* const bytes = reinterpret_cast<const char*>(header);
    while (offset + sizeof(nlattr) <= header->nlmsg_len) {
        const auto* attribute = reinterpret_cast<const nlattr*>(bytes + offset);
        if (attribute->nla_len < sizeof *attribute || offset + attribute->nla_len > header->nlmsg_len) break;
        if ((attribute->nla_type & NLA_TYPE_MASK) == NLMSGERR_ATTR_MSG) {
            const char* const text = bytes + offset + sizeof *attribute;
            refusal.text.assign(text, strnlen(text, attribute->nla_len - sizeof *attribute));
        }
        offset += NLA_ALIGN(attribute->nla_len);
    }
    return NL_STOP;
}

using Socket = std::unique_ptr<nl_sock, decltype([](nl_sock* socket) { nl_socket_free(socket); })>;
using Link = std::unique_ptr<rtnl_link, decltype([](rtnl_link* link) { rtnl_link_put(link); })>;

}  // namespace

Result<> set_link(Fd& descriptor, const SetLink& step) {
    const Socket socket(nl_socket_alloc());
    const Link present(rtnl_link_alloc()), wanted(rtnl_link_alloc());
    const int own = fcntl(descriptor.get(), F_DUPFD_CLOEXEC, 3);
    if (!socket || !present || !wanted || own < 0) return fail(ENOMEM, "use netlink");
    const int one = 1;
    setsockopt(own, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof one);  // only for better words
    if (const int answer = nl_socket_set_fd(socket.get(), NETLINK_ROUTE, own); answer < 0) {
        close(own);
        const char* const words = nl_geterror(answer);
        return fail(0, "use the sandbox's netlink socket: {}", words);
    }
    nl_socket_disable_msg_peek(socket.get());
    Refusal refusal;
    nl_cb* const callbacks = nl_socket_get_cb(socket.get());
    nl_cb_err(callbacks, NL_CB_CUSTOM, keep_refusal, &refusal);
    nl_cb_put(callbacks);

    rtnl_link_set_name(present.get(), step.link.c_str());
    rtnl_link_set_name(wanted.get(), step.link.c_str());  // without an index the kernel finds the link by its name
    step.up ? rtnl_link_set_flags(wanted.get(), IFF_UP) : rtnl_link_unset_flags(wanted.get(), IFF_UP);
    const int answer = rtnl_link_change(socket.get(), present.get(), wanted.get(), 0);
    if (answer >= 0 && refusal.code == 0) return {};
    const char* const direction = step.up ? "up" : "down";
    if (!refusal.text.empty()) return fail(refusal.code, "set the link {} {}: {}", step.link, direction, refusal.text);
    return fail(refusal.code != 0 ? refusal.code : EIO, "set the link {} {}", step.link, direction);
}

}  // namespace nsrun::parent
