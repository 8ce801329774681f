#include "network/network.h"

#include <linux/netlink.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <sched.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace nsrun::network {
namespace {

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

}  // namespace

void Socket::Free::operator()(nl_sock* socket) const { nl_socket_free(socket); }

Socket::Socket(nl_sock* socket) : socket_(socket), refusal_(std::make_unique<Refusal>()) {
    nl_socket_disable_msg_peek(socket);
    nl_cb* const callbacks = nl_socket_get_cb(socket);
    nl_cb_err(callbacks, NL_CB_CUSTOM, keep_refusal, refusal_.get());
    nl_cb_put(callbacks);
}

Result<Socket> Socket::adopt(Fd descriptor, int protocol) {
    Socket socket(nl_socket_alloc());
    const int one = 1;
    setsockopt(descriptor.get(), SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof one);  // only for better words
    if (const int answer = nl_socket_set_fd(socket.get(), protocol, descriptor.get()); answer < 0) {
        const char* const words = nl_geterror(answer);
        return fail(0, "use a netlink socket: {}", words);
    }
    (void)descriptor.release();
    return socket;
}

Result<Socket> Socket::open(int protocol) {
    Fd descriptor(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
    if (!descriptor) return fail(errno, "open a netlink socket");
    return adopt(std::move(descriptor), protocol);
}

Result<Socket> Socket::open_in(int space, int home, int protocol) {
    if (setns(space, CLONE_NEWNET) != 0) return fail(errno, "enter the sandbox's network namespace");
    auto socket = open(protocol);
    if (setns(home, CLONE_NEWNET) != 0) return fail(errno, "come back from the sandbox's network namespace");
    return socket;
}

Result<> Socket::result(int answer, std::string_view what) {
    const Refusal refusal = std::exchange(*refusal_, {});
    if (answer >= 0 && refusal.code == 0) return {};
    const int code = refusal.code != 0 ? refusal.code : EIO;
    if (!refusal.text.empty()) return fail(code, "{}: {}", what, refusal.text);
    if (refusal.code != 0) return fail(code, "{}", what);
    const char* const words = nl_geterror(answer);
    return fail(0, "{}: {}", what, words);
}

}  // namespace nsrun::network
