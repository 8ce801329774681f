#include "pod/holder.h"

#include "network/network.h"
#include "pod/members.h"
#include "pod/remains.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace nsrun::pod {
namespace {

Result<> set(const std::string& path, std::string_view value) {
    const Fd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file || write(file.get(), value.data(), value.size()) < 0) return fail(errno, "set {} to {}", path, value);
    return {};
}

/// The holder at work.
class Holder {
  public:
    explicit Holder(Holding holding)
        : holding_(std::move(holding)),
          members_(holding_.directory.get(), holding_.share, holding_.uplink, holding_.uids, holding_.gids) {}

    Result<> stand();
    void serve();
    /// Leaves nothing of it where it is found.
    void give_up() const { remove(holding_.directory); }

  private:
    void accept_all();
    void forget_gone();
    void hear();
    Result<> welcome_in(Member& member, Request request);
    void end();

    Holding holding_;
    Members members_;
    Fd user_, net_;
    std::optional<network::Socket> route_;
    network::Lasting lasting_;
    bool full_ = false;  ///< no descriptor is left for one more
};

Result<> Holder::stand() {
    user_ = Fd(::open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC));
    net_ = Fd(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
    if (!user_ || !net_) return fail(errno, "open the pod's namespaces");
    for (const auto& setting : holding_.settings) {
        const std::size_t is = setting.find('=');
        NSRUN_TRY(set(fmt::format("/proc/sys/net/{}", setting.substr(0, is)), setting.substr(is + 1)));
    }
    network::Places places(NSRUN_TRY(network::Socket::open(NETLINK_ROUTE)), Fd());
    places.open(Place::pod, NSRUN_TRY(network::Socket::open(NETLINK_ROUTE)));
    NSRUN_TRY(holding_.hands->furnish(places, holding_.lifeline.get()));
    // Not before: who starts the helper opens our namespaces below /proc.
    prctl(PR_SET_DUMPABLE, 0);
    if (holding_.lifeline) {
        const Fd netlink(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
        if (!netlink) return fail(errno, "open a netlink socket of the pod");
        const int handed[] = {netlink.get()};
        NSRUN_TRY(send(holding_.lifeline, welcome, handed));
        // Which addresses the host has is seen from outside alone; until they are closed nobody comes in.
        if (!NSRUN_TRY(receive(holding_.lifeline))) return fail(ECHILD, "close the host's addresses");
    }
    holding_.lifeline.reset();
    lasting_ = std::move(places.lasting);
    route_ = NSRUN_TRY(network::Socket::open(NETLINK_ROUTE));
    return {};
}

void Holder::accept_all() {
    for (;;) {
        Fd connection(accept4(holding_.listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        // Out of descriptors: who knocks waits until somebody leaves.
        full_ = !connection && errno != EAGAIN && errno != EINTR && errno != ECONNABORTED;
        if (!connection) return;
        ucred peer{};
        socklen_t length = sizeof peer;
        // Of another user, should the directory ever let one in.
        const bool known = getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 && peer.uid == geteuid();
        if (known) members_.list.push_back({std::move(connection), false, {}});
    }
}

/// Forgets whose connection is closed, before anybody new is looked at: a name is free once its last bearer has gone. The
/// interface goes at once, not when the kernel comes to it.
void Holder::forget_gone() {
    for (std::size_t index = members_.list.size(); index-- > 0;) {
        const Member& member = members_.list[index];
        pollfd state{member.connection.get(), POLLRDHUP, 0};
        if (poll(&state, 1, 0) <= 0 || (state.revents & (POLLRDHUP | POLLHUP | POLLERR)) == 0) continue;
        if (member.seated && holding_.share == PodShare::addresses) {
            (void)network::remove_link(*route_, link_name(member.is.addresses.front()));  // it may never have been made
        }
        members_.forget(index);
        full_ = false;
    }
}

Result<> Holder::welcome_in(Member& member, Request request) {
    // One for each member: the answers to one are not another's.
    const Fd netlink(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    if (!netlink) return fail(errno, "open a netlink socket of the pod");
    NSRUN_TRY(members_.seat(member, std::move(request)));
    const int handed[] = {user_.get(), net_.get(), netlink.get()};
    return send(member.connection, welcome, handed);
}

/// Hears who has not been heard yet. Who is refused may go; so does who speaks again.
void Holder::hear() {
    for (std::size_t index = 0; index < members_.list.size(); ++index) {
        Member& member = members_.list[index];
        pollfd state{member.connection.get(), POLLIN, 0};
        if (poll(&state, 1, 0) <= 0 || (state.revents & POLLIN) == 0) continue;
        auto letter = receive(member.connection);
        if (!letter && letter.error().code == EAGAIN) continue;
        if (letter && !*letter) continue;  // gone: forgotten next
        auto request = letter && !member.seated ? read_request((*letter)->text) : std::nullopt;
        Result<> done = request ? welcome_in(member, *std::move(request)) : fail(EPROTO, "it is held by another version of nsrun");
        if (!done) {
            (void)send(member.connection, refusal_text(done.error()));  // who does not hear it is gone
            shutdown(member.connection.get(), SHUT_RDWR);
        }
    }
}

/// Ends when nobody is left. Who came meanwhile is taken in; who comes later finds nobody, and makes a pod of its own.
void Holder::end() {
    forget_gone();
    if (holding_.birth || !members_.list.empty()) return;
    accept_all();
    if (!members_.list.empty()) return;
    give_up();
    _exit(0);
}

void Holder::serve() {
    std::vector<pollfd> watched;
    for (;;) {
        watched.assign({{full_ ? -1 : holding_.listener.get(), POLLIN, 0}, {holding_.birth.get(), POLLIN | POLLRDHUP, 0}});
        for (const auto& member : members_.list) watched.push_back({member.connection.get(), POLLIN | POLLRDHUP, 0});
        if (holding_.hands->wait(watched, -1) <= 0) continue;
        if (watched[1].revents != 0) holding_.birth.reset();
        accept_all();
        forget_gone();
        hear();
        end();
    }
}

}  // namespace

void hold(Holding holding) {
    withdraw({holding.listener.get(), holding.directory.get(), holding.lock.get(), holding.birth.get(), holding.lifeline.get()},
             fmt::format("nsrun-pod {}", holding.name));
    char mapped = 0;
    if (read(holding.birth.get(), &mapped, 1) != 1) {  // whom it is for is gone
        remove(holding.directory);
        _exit(1);
    }
    const int birth = holding.birth.get();
    Holder holder(std::move(holding));
    const auto stands = holder.stand();
    if (!stands) holder.give_up();
    const std::string told = stands ? std::string(welcome) : refusal_text(stands.error());
    (void)::send(birth, told.data(), told.size(), MSG_NOSIGNAL);  // unheard, nobody comes, and it ends for that
    if (!stands) _exit(1);
    holder.serve();
    _exit(0);
}

}  // namespace nsrun::pod
