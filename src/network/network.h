#pragma once
#include <nsrun/plan.h>
#include <nsrun/result.h>

#include "base/fd.h"

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct nl_sock;

/// Does over netlink what a plan says of network interfaces. The only room that knows libnl. A netlink socket belongs to
/// the network namespace that it was opened in, whoever holds it: what is done through one is done there.
namespace nsrun::network {

/// What the kernel really said: libnl turns most errno values into "unspecific failure".
struct Refusal {
    int code = 0;
    std::string text;  ///< of the extended acknowledgement; may be empty
};

/// A netlink socket of one namespace. Source: netlink(7), rtnetlink(7).
class Socket {
  public:
    /// Takes over a socket that was opened in the namespace that it is for. `protocol`: NETLINK_ROUTE, NETLINK_NETFILTER.
    static Result<Socket> adopt(Fd descriptor, int protocol);
    /// Opens one in the namespace of this process.
    static Result<Socket> open(int protocol);

    /// Waits for the answer to a request. `answer`: what libnl's call returned; `what` was attempted, for the message.
    /// Errors: the kernel's errno, with its own words where it has some.
    Result<> result(int answer, std::string_view what);
    nl_sock* get() const { return socket_.get(); }

  private:
    struct Free {
        void operator()(nl_sock* socket) const;
    };
    explicit Socket(nl_sock* socket);
    std::unique_ptr<nl_sock, Free> socket_;
    std::unique_ptr<Refusal> refusal_;  ///< libnl keeps a pointer to it
};

/// The namespaces that the steps of a network happen in, and what is known of the interfaces there.
class Places {
  public:
    /// Where a sandbox's own steps happen. `socket` was opened there; `space`: the namespace itself, -1 where no step names it.
    Places(Socket socket, Fd space);

    /// The socket of a place. Errors: ENOTCONN when nobody handed one over.
    Result<std::reference_wrapper<Socket>> at(Place place);
    /// The number of an interface. Errors: ENODEV when there is none of that name.
    Result<int> index(Place place, const std::string& link);
    /// Notes the number that a new interface was given.
    void note(Place place, const std::string& link, int index);
    /// The sandbox's network namespace, for interfaces that are born in it.
    int space() const { return space_.get(); }

  private:
    struct Known {
        Place place;
        std::string link;
        int index;
    };
    std::array<std::optional<Socket>, words<Place>.size()> sockets_;
    Fd space_;
    std::vector<Known> known_;
};

// links.cc
Result<> run(Places& places, const AddLink& step);
Result<> run(Places& places, const SetLink& step);

// routes.cc
Result<> run(Places& places, const AddAddress& step);
Result<> run(Places& places, const AddRoute& step);

/// A step that this room does.
template <class Step>
concept NetworkStep = requires(Places& places, const Step& step) { run(places, step); };

}  // namespace nsrun::network
