#pragma once
#include <nsrun/nsrun.h>
#include <nsrun/plan.h>
#include <nsrun/result.h>

#include "base/fd.h"
#include "base/process.h"

#include <poll.h>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <span>
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
    /// Opens one in another namespace. `home`: the own one, to come back to. Errors: EPERM without CAP_SYS_ADMIN over both.
    static Result<Socket> open_in(int space, int home, int protocol);

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

/// Interfaces of the host that are inside a sandbox. They come back, with their names, when this is destroyed: before that,
/// the sandbox's namespace lives on. Should nsrun be killed, the kernel brings hardware to the machine's first namespace,
/// and removes what is none.
class Borrowed {
  public:
    /// Makes ready to lend from the namespace of this process to `space`.
    static Result<Borrowed> from_here(int space);
    Borrowed(Borrowed&&) = default;
    Borrowed& operator=(Borrowed&& other) noexcept;
    ~Borrowed();

    /// Moves an interface inside; answers its number there. `host`: a socket of this process's namespace.
    Result<int> take(Socket& host, const MoveLink& step, int space);

  private:
    struct Loan {
        int index;  ///< inside
        std::string host_link, mac;
        std::uint32_t mtu;
        std::vector<std::string> names;  ///< others that it has, altname in ip-link(8)
    };
    Borrowed() = default;
    Fd home_;
    std::optional<Socket> inside_;
    std::vector<Loan> loans_;
};

struct Keeping;

/// A bridge of the host that this sandbox and perhaps others use. Destroying it gives it up: the last one removes it. A
/// process of its own does that where nsrun cannot any more.
class SharedBridge {
  public:
    /// Waits until one of them is ready, which may take days. The keeper has no use for the heap from then on.
    using Wait = void (*)(std::span<pollfd> watched);

    /// Makes the bridge, or shares it. Errors: EEXIST when an interface of that name is not ours.
    static Result<SharedBridge> share(const ShareBridge& step, Wait wait);
    SharedBridge(SharedBridge&&) = default;
    SharedBridge& operator=(SharedBridge&& other) noexcept;
    ~SharedBridge();

  private:
    SharedBridge() = default;
    Keeping keeping() const;
    static Result<std::optional<SharedBridge>> attempt(const ShareBridge& step, Wait wait);
    std::string link_, lock_name_;
    Fd directory_, lock_, route_, word_;
    Process keeper_;
};

/// Interfaces of the host whose other ends are inside a sandbox. The kernel removes them after the sandbox's namespace, which
/// lives until what the program sent has arrived. Destroying this waits for that, so that their names are free at once; what is
/// still there after a second is removed. By then nothing of ours may hold the namespace.
class HostEnds {
  public:
    HostEnds() = default;
    HostEnds(HostEnds&&) = default;
    HostEnds& operator=(HostEnds&& other) noexcept;
    ~HostEnds();

    /// `index`: of the host's end, from 1.
    void note(int index) { indexes_.push_back(index); }

  private:
    std::vector<int> indexes_;
};

/// What of a network lasts as long as its sandbox, and goes when this is destroyed.
struct Lasting {
    HostEnds ends;  ///< first: what follows holds the sandbox's namespace
    std::vector<Socket> owners;  ///< of nftables tables, which go with them
    std::optional<Borrowed> borrowed;
};

/// The namespaces that the steps of a network happen in, and what is known of the interfaces there.
class Places {
  public:
    /// Where a sandbox's own steps happen. `socket` was opened there; `space`: the namespace itself, -1 where no step names it.
    Places(Socket socket, Fd space);
    /// Without a sandbox: where the host is prepared for one.
    Places() = default;

    /// Hands the socket of another place over.
    void open(Place place, Socket socket);
    /// The socket of a place. Errors: ENOTCONN when nobody handed one over.
    Result<std::reference_wrapper<Socket>> at(Place place);
    /// Hands over a socket of NETLINK_NETFILTER for the sandbox, for one step.
    void open_tables(Socket socket) { tables_ = std::move(socket); }
    /// Takes that socket. Errors: ENOTCONN when nobody handed one over.
    Result<Socket> take_tables();
    /// The number of an interface. Errors: ENODEV when there is none of that name.
    Result<int> index(Place place, const std::string& link);
    /// Notes the number that a new interface was given.
    void note(Place place, const std::string& link, int index);
    /// The sandbox's network namespace, for interfaces that are born in it.
    int space() const { return space_.get(); }

    Lasting lasting;  ///< what the steps leave behind

  private:
    struct Known {
        Place place;
        std::string link;
        int index;
    };
    std::array<std::optional<Socket>, words<Place>.size()> sockets_;
    std::optional<Socket> tables_;
    Fd space_;
    std::vector<Known> known_;
};

// routers.cc

/// Lets the host learn no routers and addresses from an interface of its own that leads into sandboxes: whoever may send raw
/// packets there could call itself the host's router. `link`: in the network namespace of this process. Errors: EROFS and
/// EACCES where /proc/sys is closed, unless there is nothing to be switched off.
Result<> ignore_routers(const std::string& link);

// links.cc
Result<> run(Places& places, const AddLink& step);
Result<> run(Places& places, const SetLink& step);
Result<> run(Places& places, const SetMtu& step);
/// Waits for an interface of the sandbox that another process makes. `maker`: a pidfd of it. Errors: ECHILD when that
/// process ended before; ETIMEDOUT after ten seconds.
Result<> await_link(Places& places, const std::string& link, int maker);
/// Removes an interface. `socket`: of its namespace. Errors: ENODEV when there is none of that name.
Result<> remove_link(Socket& socket, const std::string& link);

// routes.cc
Result<> run(Places& places, const AddAddress& step);
Result<> run(Places& places, const AddRoute& step);
Result<> run(Places& places, const CloseAddress& step);

// borrowed.cc
Result<> run(Places& places, const MoveLink& step);

// shaping.cc
/// Errors: ERANGE below a byte a second, and above 17 gbit.
Result<> run(Places& places, const LimitRate& step);

// nat.cc
/// Errors: EOPNOTSUPP on kernels before 5.12, and on those without nf_tables.
Result<> run(Places& places, const Masquerade& step);

// multicast.cc
/// Uses the socket of the tables. Errors: EOPNOTSUPP on kernels without nf_tables.
Result<> run(Places& places, const CloseMulticast& step);
/// Why the step fails, with what to do about it where the kernel lacks what it needs.
Error without_multicast_closed(Error error);

// counters.cc

/// What went through each interface of the sandbox, but for loopback; nothing when the kernel does not say.
std::vector<Traffic> traffic(Places& places);

/// A step that this room does.
template <class Step>
concept NetworkStep = requires(Places& places, const Step& step) { run(places, step); };

}  // namespace nsrun::network
