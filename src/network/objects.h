#pragma once
#include "network/network.h"

#include <netlink/addr.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/route.h>

#include <cerrno>
#include <memory>
#include <string>

/// The objects of libnl with their ends, and how one comes by them.
namespace nsrun::network {

template <auto End>
struct Ending {
    template <class T>
    void operator()(T* object) const {
        End(object);
    }
};

using Link = std::unique_ptr<rtnl_link, Ending<rtnl_link_put>>;
using Route = std::unique_ptr<rtnl_route, Ending<rtnl_route_put>>;
using Hop = std::unique_ptr<rtnl_nexthop, Ending<rtnl_route_nh_free>>;
using Address = std::unique_ptr<nl_addr, Ending<nl_addr_put>>;
using LinkAddress = std::unique_ptr<rtnl_addr, Ending<rtnl_addr_put>>;

// places.cc

/// Asks the kernel about an interface. Errors: ENODEV when there is none of that name.
Result<Link> found(Socket& socket, const std::string& link);
/// Understands an address in text, with its prefix length if there is one; of hardware with AF_LLC.
Result<Address> parsed(const std::string& text, int family = AF_UNSPEC);

}  // namespace nsrun::network
