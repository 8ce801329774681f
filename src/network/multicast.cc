#include "network/network.h"

#include "network/nftables.h"

#include <bit>
#include <cerrno>
#include <utility>

namespace nsrun::network {
namespace {

constexpr const char* table = "nsrun";
constexpr const char* chain = "output";
constexpr Hook before_leaving{"filter", NF_INET_LOCAL_OUT, 0};

/// Drops what goes to the net by the interface of this number.
void drop(nl_msg* message, std::uint32_t index, const Net& net) {
    const auto number = std::bit_cast<std::array<unsigned char, sizeof index>>(index);
    match_meta(message, NFT_META_OIF, NFT_CMP_EQ, number);
    match_kind(message, net);
    match_destination(message, NFT_CMP_EQ, net);
    verdict(message, NF_DROP);
}

}  // namespace

Result<> run(Places& places, const CloseMulticast& step) {
    const auto index = static_cast<std::uint32_t>(NSRUN_TRY(places.index(Place::sandbox, step.link)));
    Socket socket = NSRUN_TRY(places.take_tables());
    Batch batch(socket);
    // Without an owner it needs no socket that is kept. It is out of reach of who has no CAP_NET_ADMIN over this
    // namespace; who has that needs to remove nothing to send as he likes.
    add_table(batch, table, 0);
    add_chain(batch, table, chain, before_leaving);
    for (const char* many : {"224.0.0.0/4", "255.255.255.255/32"}) {
        const Net net = NSRUN_TRY(net_of(many));
        add_rule(batch, table, chain, [&](nl_msg* message) { drop(message, index, net); });
    }
    auto closed = batch.send(fmt::format("close multicast by {}", step.link));
    if (!closed) return std::unexpected(without_multicast_closed(std::move(closed).error()));
    return closed;
}

Error without_multicast_closed(Error error) {
    // What the kernel says without netlink of its filters, without nf_tables, and without a chain of this kind.
    const bool lacks = error.code == EPROTONOSUPPORT || error.code == EOPNOTSUPP || error.code == ENOENT;
    if (lacks) error.help = "as root: modprobe nf_tables, or write host-loopback = true to leave the host open";
    return error;
}

}  // namespace nsrun::network
