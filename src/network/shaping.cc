#include "network/network.h"

#include "network/objects.h"

#include <linux/pkt_sched.h>
#include <netlink/route/qdisc.h>
#include <netlink/route/qdisc/tbf.h>
#include <netlink/route/tc.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

namespace nsrun::network {
namespace {

using Queue = std::unique_ptr<rtnl_qdisc, Ending<rtnl_qdisc_put>>;

/// What may leave at once and what may wait, in bytes. Source: tc-tbf(8).
struct Bucket {
    int rate, burst, limit;
};

/// A bucket for 4 ms, which is what a timer of 250 Hz takes, and for a whole packet of the link with its headers; a queue
/// for 50 ms, and for ten packets, without which TCP cannot keep a slow link busy.
Bucket bucket_of(std::uint64_t bytes_per_second, std::uint32_t mtu) {
    constexpr std::uint64_t most = INT32_MAX, headers = 22, interval = 250;
    const std::uint64_t packet = mtu + headers;
    const std::uint64_t burst = std::max(bytes_per_second / interval, packet);
    const std::uint64_t limit = std::max(bytes_per_second / 20, 10 * packet) + burst;
    return {static_cast<int>(bytes_per_second), static_cast<int>(std::min(burst, most)), static_cast<int>(std::min(limit, most))};
}

}  // namespace

Result<> run(Places& places, const LimitRate& step) {
    // libnl carries it as a number of 31 bits.
    const std::uint64_t rate = step.rate.bits_per_second / 8;
    if (rate == 0 || rate > INT32_MAX) return fail(ERANGE, "limit {} to {} bytes a second", step.link, rate);
    Socket& socket = NSRUN_TRY(places.at(step.place));
    const Link link = NSRUN_TRY(found(socket, step.link));
    const Queue queue(rtnl_qdisc_alloc());
    if (!queue) return fail(ENOMEM, "limit the rate of an interface");
    const Bucket bucket = bucket_of(rate, rtnl_link_get_mtu(link.get()));
    rtnl_tc_set_link(TC_CAST(queue.get()), link.get());
    rtnl_tc_set_parent(TC_CAST(queue.get()), TC_H_ROOT);
    rtnl_tc_set_kind(TC_CAST(queue.get()), "tbf");
    rtnl_qdisc_tbf_set_rate(queue.get(), bucket.rate, bucket.burst, 0);
    rtnl_qdisc_tbf_set_limit(queue.get(), bucket.limit);
    const int answer = rtnl_qdisc_add(socket.get(), queue.get(), NLM_F_CREATE | NLM_F_REPLACE);
    return socket.result(answer, fmt::format("limit the rate of {}", step.link));
}

}  // namespace nsrun::network
