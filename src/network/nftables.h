#pragma once
#include "network/network.h"

#include "network/objects.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Speaks to nf_tables in its own messages: a library for its language would bring another licence. Source: nft(8), and
/// the kernel's net/netfilter/nf_tables_api.c for what nobody wrote down.
namespace nsrun::network {

using Message = std::unique_ptr<nl_msg, Ending<nlmsg_free>>;
using Bytes = std::span<const unsigned char>;

/// Messages that take effect together or not at all.
class Batch {
  public:
    /// `socket`: of NETLINK_NETFILTER, in the namespace that the tables are for.
    explicit Batch(Socket& socket);

    /// A message of nf_tables, to be filled; null without memory, which send() tells.
    nl_msg* add(int type, int flags);
    Result<> send(std::string_view what);

  private:
    void mark(int type);
    nl_msg* begin(int type, int flags, int family, std::uint16_t resource);

    Socket& socket_;
    std::vector<Message> messages_;
    int asked_ = 0;
};

/// Where a chain is called.
struct Hook {
    const char* type;  ///< "nat", "filter"
    nf_inet_hooks point;
    std::int32_t priority;
};

/// Adds a table of IPv4 and IPv6 that must be new. `flags`: NFT_TABLE_F_*.
void add_table(Batch& batch, const std::string& name, std::uint32_t flags);
void add_chain(Batch& batch, const std::string& table, const char* chain, const Hook& hook);

void put_number(nl_msg* message, int attribute, std::uint32_t number);

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

/// Adds a rule at the end of a chain. `fill` expresses what it consists of.
template <class Fill>
void add_rule(Batch& batch, const std::string& table, const char* chain, Fill fill) {
    nl_msg* const message = batch.add(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
    if (message == nullptr) return;
    nla_put_string(message, NFTA_RULE_TABLE, table.c_str());
    nla_put_string(message, NFTA_RULE_CHAIN, chain);
    nlattr* const expressions = nla_nest_start(message, NFTA_RULE_EXPRESSIONS);
    fill(message);
    nla_nest_end(message, expressions);
}

/// Goes on with packets of which something has this value, or has not. `key`: of what.
void match_meta(nl_msg* message, nft_meta_keys key, nft_cmp_ops relation, Bytes value);

/// Ends a rule. `code`: NF_DROP, NF_ACCEPT.
void verdict(nl_msg* message, std::uint32_t code);

/// A net of IPv4 or IPv6, in the order of the network.
struct Net {
    int family = AF_INET;
    std::array<unsigned char, 16> address{}, mask{};
    std::size_t size = 4;
};

/// Understands a net in text. Errors: EINVAL when it is none.
Result<Net> net_of(const std::string& text);
/// Goes on with packets of the net's kind.
void match_kind(nl_msg* message, const Net& net);
/// Goes on with packets whose source is in the net, or is not.
void match_source(nl_msg* message, nft_cmp_ops relation, const Net& net);
/// Goes on with packets whose destination is in the net, or is not.
void match_destination(nl_msg* message, nft_cmp_ops relation, const Net& net);

}  // namespace nsrun::network
