#include "network/network.h"

#include "network/nftables.h"

#include <linux/netlink.h>

#include <utility>

namespace nsrun::network {
namespace {

constexpr std::uint32_t table_owned = 0x2;  // NFT_TABLE_F_OWNER, since Linux 5.12
constexpr const char* chain = "postrouting";
constexpr Hook after_routing{"nat", NF_INET_POST_ROUTING, 100};  // the priority of source NAT

/// All of the net's kind that are many at once.
Net many_of(const Net& net) {
    const bool v4 = net.family == AF_INET;
    Net many = net;
    many.address = {static_cast<unsigned char>(v4 ? 0xe0 : 0xff)};
    many.mask = {static_cast<unsigned char>(v4 ? 0xf0 : 0xff)};
    return many;
}

/// Masquerades what comes from the net, and goes neither to it nor to many at once. What its members say to each other
/// and to the host keeps their addresses.
void masquerade(nl_msg* message, const Net& net) {
    match_kind(message, net);
    match_source(message, NFT_CMP_EQ, net);
    match_destination(message, NFT_CMP_NEQ, net);
    match_destination(message, NFT_CMP_NEQ, many_of(net));
    express(message, "masq", [] {});
}

}  // namespace

Result<> run(Places& places, const Masquerade& step) {
    Socket socket = NSRUN_TRY(Socket::open(NETLINK_NETFILTER));
    Batch batch(socket);
    add_table(batch, step.table, table_owned);
    add_chain(batch, step.table, chain, after_routing);
    for (const std::string& source : step.sources) {
        const Net net = NSRUN_TRY(net_of(source));
        add_rule(batch, step.table, chain, [&](nl_msg* message) { masquerade(message, net); });
    }
    NSRUN_TRY(batch.send(fmt::format("make the nftables table {}", step.table)));
    places.lasting.owners.push_back(std::move(socket));
    return {};
}

}  // namespace nsrun::network
