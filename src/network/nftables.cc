#include "network/nftables.h"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/netlink.h>

#include <cerrno>
#include <cstring>

namespace nsrun::network {
namespace {

void put_data(nl_msg* message, int attribute, Bytes bytes) {
    nlattr* const data = nla_nest_start(message, attribute);
    nla_put(message, NFTA_DATA_VALUE, static_cast<int>(bytes.size()), bytes.data());
    nla_nest_end(message, data);
}

void compare(nl_msg* message, nft_cmp_ops relation, Bytes value) {
    express(message, "cmp", [&] {
        put_number(message, NFTA_CMP_SREG, NFT_REG_1);
        put_number(message, NFTA_CMP_OP, relation);
        put_data(message, NFTA_CMP_DATA, value);
    });
}

/// Goes on with packets whose address at `offset` of the network header is in the net, or is not.
void match(nl_msg* message, std::uint32_t offset, nft_cmp_ops relation, const Net& net) {
    const auto size = static_cast<std::uint32_t>(net.size);
    express(message, "payload", [&] {
        put_number(message, NFTA_PAYLOAD_DREG, NFT_REG_1);
        put_number(message, NFTA_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
        put_number(message, NFTA_PAYLOAD_OFFSET, offset);
        put_number(message, NFTA_PAYLOAD_LEN, size);
    });
    const std::array<unsigned char, 16> nothing{};
    express(message, "bitwise", [&] {
        put_number(message, NFTA_BITWISE_SREG, NFT_REG_1);
        put_number(message, NFTA_BITWISE_DREG, NFT_REG_1);
        put_number(message, NFTA_BITWISE_LEN, size);
        put_data(message, NFTA_BITWISE_MASK, {net.mask.data(), net.size});
        put_data(message, NFTA_BITWISE_XOR, {nothing.data(), net.size});
    });
    compare(message, relation, {net.address.data(), net.size});
}

bool is_v4(const Net& net) {
    return net.family == AF_INET;
}

}  // namespace

Batch::Batch(Socket& socket) : socket_(socket) {
    nl_socket_disable_seq_check(socket.get());  // what frames a batch is numbered, and never answered
    mark(NFNL_MSG_BATCH_BEGIN);
}

nl_msg* Batch::add(int type, int flags) {
    ++asked_;
    return begin(NFNL_SUBSYS_NFTABLES << 8 | type, NLM_F_REQUEST | NLM_F_ACK | flags, NFPROTO_INET, 0);
}

Result<> Batch::send(std::string_view what) {
    mark(NFNL_MSG_BATCH_END);
    std::string bytes;
    for (const Message& message : messages_) {
        if (!message) return fail(ENOMEM, "{}", what);
        const nlmsghdr* const header = nlmsg_hdr(message.get());
        bytes.append(reinterpret_cast<const char*>(header), NLMSG_ALIGN(header->nlmsg_len));
    }
    // One answer a message: its own acknowledgement, or the first refusal, for all.
    int answer = nl_sendto(socket_.get(), bytes.data(), bytes.size());
    for (int left = asked_; answer >= 0 && left > 0; --left) {
        answer = nl_wait_for_ack(socket_.get());
        NSRUN_TRY(socket_.result(answer, what));
    }
    return socket_.result(answer, what);
}

void Batch::mark(int type) {
    begin(type, NLM_F_REQUEST, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
}

nl_msg* Batch::begin(int type, int flags, int family, std::uint16_t resource) {
    messages_.emplace_back(nlmsg_alloc());
    nl_msg* const message = messages_.back().get();
    if (message == nullptr) return nullptr;
    nlmsg_put(message, NL_AUTO_PORT, nl_socket_use_seq(socket_.get()), type, 0, flags);
    nlmsg_hdr(message)->nlmsg_pid = nl_socket_get_local_port(socket_.get());
    nfgenmsg about{static_cast<std::uint8_t>(family), NFNETLINK_V0, htons(resource)};
    nlmsg_append(message, &about, sizeof about, NLMSG_ALIGNTO);
    return message;
}

void add_table(Batch& batch, const std::string& name, std::uint32_t flags) {
    nl_msg* const message = batch.add(NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL);
    if (message == nullptr) return;
    nla_put_string(message, NFTA_TABLE_NAME, name.c_str());
    put_number(message, NFTA_TABLE_FLAGS, flags);
}

void add_chain(Batch& batch, const std::string& table, const char* chain, const Hook& hook) {
    nl_msg* const message = batch.add(NFT_MSG_NEWCHAIN, NLM_F_CREATE | NLM_F_EXCL);
    if (message == nullptr) return;
    nla_put_string(message, NFTA_CHAIN_TABLE, table.c_str());
    nla_put_string(message, NFTA_CHAIN_NAME, chain);
    nla_put_string(message, NFTA_CHAIN_TYPE, hook.type);
    nlattr* const where = nla_nest_start(message, NFTA_CHAIN_HOOK);
    put_number(message, NFTA_HOOK_HOOKNUM, hook.point);
    put_number(message, NFTA_HOOK_PRIORITY, static_cast<std::uint32_t>(hook.priority));
    nla_nest_end(message, where);
}

void put_number(nl_msg* message, int attribute, std::uint32_t number) {
    nla_put_u32(message, attribute, htonl(number));
}

void match_meta(nl_msg* message, nft_meta_keys key, nft_cmp_ops relation, Bytes value) {
    express(message, "meta", [&] {
        put_number(message, NFTA_META_KEY, key);
        put_number(message, NFTA_META_DREG, NFT_REG_1);
    });
    compare(message, relation, value);
}

void verdict(nl_msg* message, std::uint32_t code) {
    express(message, "immediate", [&] {
        put_number(message, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
        nlattr* const data = nla_nest_start(message, NFTA_IMMEDIATE_DATA);
        nlattr* const value = nla_nest_start(message, NFTA_DATA_VERDICT);
        put_number(message, NFTA_VERDICT_CODE, code);
        nla_nest_end(message, value);
        nla_nest_end(message, data);
    });
}

Result<Net> net_of(const std::string& text) {
    const Address address = NSRUN_TRY(parsed(text));
    Net net;
    net.family = nl_addr_get_family(address.get());
    net.size = nl_addr_get_len(address.get());
    if (net.size > net.address.size()) return fail(EINVAL, "understand the net {}", text);
    const unsigned bits = nl_addr_get_prefixlen(address.get());
    for (unsigned bit = 0; bit < bits; ++bit) net.mask[bit / 8] |= static_cast<unsigned char>(0x80 >> bit % 8);
    std::memcpy(net.address.data(), nl_addr_get_binary_addr(address.get()), net.size);
    for (std::size_t i = 0; i < net.size; ++i) net.address[i] &= net.mask[i];
    return net;
}

void match_kind(nl_msg* message, const Net& net) {
    const unsigned char protocol = is_v4(net) ? NFPROTO_IPV4 : NFPROTO_IPV6;
    match_meta(message, NFT_META_NFPROTO, NFT_CMP_EQ, {&protocol, 1});
}

void match_source(nl_msg* message, nft_cmp_ops relation, const Net& net) {
    match(message, is_v4(net) ? 12 : 8, relation, net);
}

void match_destination(nl_msg* message, nft_cmp_ops relation, const Net& net) {
    match(message, is_v4(net) ? 16 : 24, relation, net);
}

}  // namespace nsrun::network
