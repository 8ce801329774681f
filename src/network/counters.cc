#include "network/network.h"

#include "network/objects.h"

#include <net/if.h>
#include <netlink/cache.h>

namespace nsrun::network {
namespace {

using Cache = std::unique_ptr<nl_cache, Ending<nl_cache_free>>;

}  // namespace

std::vector<Traffic> traffic(Places& places) {
    std::vector<Traffic> all;
    const auto socket = places.at(Place::sandbox);
    nl_cache* links = nullptr;
    if (!socket || rtnl_link_alloc_cache(socket->get().get(), AF_UNSPEC, &links) < 0) return all;  // the command has ended well all the same
    const Cache cache(links);
    for (nl_object* object = nl_cache_get_first(links); object != nullptr; object = nl_cache_get_next(object)) {
        auto* const link = reinterpret_cast<rtnl_link*>(object);
        if ((rtnl_link_get_flags(link) & IFF_LOOPBACK) != 0) continue;
        const auto count = [&](rtnl_link_stat_id_t id) { return rtnl_link_get_stat(link, id); };
        all.push_back({rtnl_link_get_name(link), count(RTNL_LINK_RX_BYTES), count(RTNL_LINK_RX_PACKETS), count(RTNL_LINK_TX_BYTES),
                       count(RTNL_LINK_TX_PACKETS)});
    }
    return all;
}

}  // namespace nsrun::network
