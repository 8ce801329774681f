#pragma once
#include "network/network.h"

#include <memory>
#include <string>

namespace nsrun::network {

/// Keeps the addresses of the host closed to a sandbox, those too that come while it lives. Closing one fails only where
/// the sandbox's link is gone, which closes all of them.
class AddressWatch {
  public:
    /// Listens from now on, and closes what the host has already. `places`: of the sandbox.
    static Result<AddressWatch> start(std::shared_ptr<Places> places, const WatchAddresses& step);

    /// Readable when there is something to hear.
    int descriptor() const;
    /// Hears what changed, and closes what is new. Errors: the addresses could not be read, or not be closed.
    Result<> hear();

  private:
    AddressWatch(std::shared_ptr<Places> places, const WatchAddresses& step, Fd host, Socket reader)
        : places_(std::move(places)), link_(step.link), ipv6_(step.ipv6), host_(std::move(host)), reader_(std::move(reader)) {}
    /// Closes all addresses that the host has now.
    Result<> close_all();

    std::shared_ptr<Places> places_;
    std::string link_;
    bool ipv6_;
    Fd host_;        ///< hears of changes
    Socket reader_;  ///< asks
};

}  // namespace nsrun::network
