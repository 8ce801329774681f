#include "network/network.h"

#include "network/objects.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cerrno>

namespace nsrun::network {

Result<> run(Places& places, const AddAddress& step) {
    Socket& socket = NSRUN_TRY(places.at(step.place));
    const Address local = NSRUN_TRY(parsed(step.address));
    const LinkAddress address(rtnl_addr_alloc());
    if (!address) return fail(ENOMEM, "add an address");
    rtnl_addr_set_ifindex(address.get(), NSRUN_TRY(places.index(step.place, step.link)));
    rtnl_addr_set_local(address.get(), local.get());
    // Nobody else can have it; asking the link first would leave it unusable for a second.
    if (nl_addr_get_family(local.get()) == AF_INET6) rtnl_addr_set_flags(address.get(), IFA_F_NODAD);
    const int answer = rtnl_addr_add(socket.get(), address.get(), 0);
    return socket.result(answer, fmt::format("give {} the address {}", step.link, step.address));
}

Result<> run(Places& places, const AddRoute& step) {
    Socket& socket = NSRUN_TRY(places.at(Place::sandbox));
    const Address to = NSRUN_TRY(parsed(step.to));
    const Route route(rtnl_route_alloc());
    if (!route) return fail(ENOMEM, "add a route");
    rtnl_route_set_dst(route.get(), to.get());
    rtnl_route_set_type(route.get(), step.unreachable ? RTN_UNREACHABLE : RTN_UNICAST);
    rtnl_route_set_scope(route.get(), step.via.empty() && !step.unreachable ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE);
    if (step.metric != 0) rtnl_route_set_priority(route.get(), step.metric);
    if (!step.unreachable) {
        Hop hop(rtnl_route_nh_alloc());
        if (!hop) return fail(ENOMEM, "add a route");
        if (!step.link.empty()) rtnl_route_nh_set_ifindex(hop.get(), NSRUN_TRY(places.index(Place::sandbox, step.link)));
        if (!step.via.empty()) {
            const Address via = NSRUN_TRY(parsed(step.via));
            rtnl_route_nh_set_gateway(hop.get(), via.get());
        }
        rtnl_route_add_nexthop(route.get(), hop.release());
    }
    const int answer = rtnl_route_add(socket.get(), route.get(), NLM_F_EXCL);
    return socket.result(answer, fmt::format("add the route to {}", step.to));
}

Result<> run(Places& places, const CloseAddress& step) {
    Socket& socket = NSRUN_TRY(places.at(Place::sandbox));
    const Address to = NSRUN_TRY(parsed(step.address));
    const Route route(rtnl_route_alloc());
    Hop hop(rtnl_route_nh_alloc());
    if (!route || !hop) return fail(ENOMEM, "add a route");
    rtnl_route_set_dst(route.get(), to.get());
    rtnl_route_set_type(route.get(), RTN_LOCAL);
    rtnl_route_set_table(route.get(), RT_TABLE_LOCAL);
    rtnl_route_set_scope(route.get(), RT_SCOPE_HOST);
    rtnl_route_set_priority(route.get(), 1);  // beside the kernel's own of the loopback interface
    rtnl_route_nh_set_ifindex(hop.get(), NSRUN_TRY(places.index(Place::sandbox, step.link)));
    rtnl_route_add_nexthop(route.get(), hop.release());
    const int answer = rtnl_route_add(socket.get(), route.get(), NLM_F_APPEND);
    return socket.result(answer, fmt::format("keep {} inside", step.address));
}

}  // namespace nsrun::network
