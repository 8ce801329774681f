#include "network/network.h"

#include "network/objects.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <initializer_list>
#include <span>

/// Speaks to nf_tables in its own messages: a library for its language would bring another licence. Source: nft(8), and
/// the kernel's net/netfilter/nf_tables_api.c for what nobody wrote down.
namespace nsrun::network {
namespace {

constexpr std::uint32_t table_owned = 0x2;  // NFT_TABLE_F_OWNER, since Linux 5.12
constexpr std::int32_t after_routing = 100;  // the priority of source NAT
constexpr const char* chain_name = "postrouting";

using Message = std::unique_ptr<nl_msg, Ending<nlmsg_free>>;
using Bytes = std::span<const unsigned char>;

/// Messages that take effect together or not at all.
class Batch {
  public:
    explicit Batch(Socket& socket) : socket_(socket) { mark(NFNL_MSG_BATCH_BEGIN); }

    /// A message of nf_tables, to be filled.
    nl_msg* add(int type, int flags) {
        ++asked_;
        return begin(NFNL_SUBSYS_NFTABLES << 8 | type, NLM_F_REQUEST | NLM_F_ACK | flags, NFPROTO_INET, 0);
    }
    Result<> send(std::string_view what) {
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

  private:
    void mark(int type) { begin(type, NLM_F_REQUEST, AF_UNSPEC, NFNL_SUBSYS_NFTABLES); }
    nl_msg* begin(int type, int flags, int family, std::uint16_t resource) {
        messages_.emplace_back(nlmsg_alloc());
        nl_msg* const message = messages_.back().get();
        if (message == nullptr) return nullptr;
        nlmsg_put(message, NL_AUTO_PORT, nl_socket_use_seq(socket_.get()), type, 0, flags);
        nlmsg_hdr(message)->nlmsg_pid = nl_socket_get_local_port(socket_.get());
        nfgenmsg about{static_cast<std::uint8_t>(family), NFNETLINK_V0, htons(resource)};
        nlmsg_append(message, &about, sizeof about, NLMSG_ALIGNTO);
        return message;
    }

    Socket& socket_;
    std::vector<Message> messages_;
    int asked_ = 0;
};

void put_number(nl_msg* message, int attribute, std::uint32_t number) { nla_put_u32(message, attribute, htonl(number)); }

void put_data(nl_msg* message, int attribute, Bytes bytes) {
    nlattr* const data = nla_nest_start(message, attribute);
    nla_put(message, NFTA_DATA_VALUE, static_cast<int>(bytes.size()), bytes.data());
    nla_nest_end(message, data);
}

/// An expression of a rule. `fill` puts what it consists of.
template <class Fill>
void express(nl_msg* message, const char* name, Fill fill) {
    nlattr* const element = nla_nest_start(message, NFTA_LIST_ELEM);
    nla_put_string(message, NFTA_EXPR_NAME, name);
    nlattr* const data = nla_nest_start(message, NFTA_EXPR_DATA);
    fill();
    nla_nest_end(message, data);
    nla_nest_end(message, element);
}

void compare(nl_msg* message, nft_cmp_ops relation, Bytes value) {
    express(message, "cmp", [&] {
        put_number(message, NFTA_CMP_SREG, NFT_REG_1);
        put_number(message, NFTA_CMP_OP, relation);
        put_data(message, NFTA_CMP_DATA, value);
    });
}

/// A net of IPv4 or IPv6, in the order of the network.
struct Net {
    int family = AF_INET;
    std::array<unsigned char, 16> address{}, mask{};
    std::size_t size = 4;
};

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

/// Masquerades what comes from the net, and goes neither to it nor to many at once. What its members say to each other
/// and to the host keeps their addresses.
void add_rule(Batch& batch, const std::string& table, const Net& net) {
    nl_msg* const message = batch.add(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
    if (message == nullptr) return;
    const bool v4 = net.family == AF_INET;
    const std::uint32_t source = v4 ? 12 : 8, destination = v4 ? 16 : 24;
    Net many = net;
    many.address = {static_cast<unsigned char>(v4 ? 0xe0 : 0xff)};
    many.mask = {static_cast<unsigned char>(v4 ? 0xf0 : 0xff)};
    nla_put_string(message, NFTA_RULE_TABLE, table.c_str());
    nla_put_string(message, NFTA_RULE_CHAIN, chain_name);
    nlattr* const expressions = nla_nest_start(message, NFTA_RULE_EXPRESSIONS);
    express(message, "meta", [&] {
        put_number(message, NFTA_META_KEY, NFT_META_NFPROTO);
        put_number(message, NFTA_META_DREG, NFT_REG_1);
    });
    const unsigned char protocol = v4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
    compare(message, NFT_CMP_EQ, {&protocol, 1});
    match(message, source, NFT_CMP_EQ, net);
    match(message, destination, NFT_CMP_NEQ, net);
    match(message, destination, NFT_CMP_NEQ, many);
    express(message, "masq", [] {});
    nla_nest_end(message, expressions);
}

void add_table(Batch& batch, const std::string& name) {
    nl_msg* const message = batch.add(NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL);
    if (message == nullptr) return;
    nla_put_string(message, NFTA_TABLE_NAME, name.c_str());
    put_number(message, NFTA_TABLE_FLAGS, table_owned);
}

void add_chain(Batch& batch, const std::string& table) {
    nl_msg* const message = batch.add(NFT_MSG_NEWCHAIN, NLM_F_CREATE | NLM_F_EXCL);
    if (message == nullptr) return;
    nla_put_string(message, NFTA_CHAIN_TABLE, table.c_str());
    nla_put_string(message, NFTA_CHAIN_NAME, chain_name);
    nla_put_string(message, NFTA_CHAIN_TYPE, "nat");
    nlattr* const hook = nla_nest_start(message, NFTA_CHAIN_HOOK);
    put_number(message, NFTA_HOOK_HOOKNUM, NF_INET_POST_ROUTING);
    put_number(message, NFTA_HOOK_PRIORITY, static_cast<std::uint32_t>(after_routing));
    nla_nest_end(message, hook);
}

}  // namespace

Result<> run(Places& places, const Masquerade& step) {
    Socket socket = NSRUN_TRY(Socket::open(NETLINK_NETFILTER));
    nl_socket_disable_seq_check(socket.get());  // what frames a batch is numbered, and never answered
    Batch batch(socket);
    add_table(batch, step.table);
    add_chain(batch, step.table);
    for (const std::string& source : step.sources) add_rule(batch, step.table, NSRUN_TRY(net_of(source)));
    NSRUN_TRY(batch.send(fmt::format("make the nftables table {}", step.table)));
    places.lasting.owners.push_back(std::move(socket));
    return {};
}

}  // namespace nsrun::network
