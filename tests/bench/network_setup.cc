#include "network/network.h"
#include "statistics.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string_view>

/// What the steps of a network cost, against netlink messages laid out by hand and sent in two batches: a veth with its
/// other end on a bridge, two addresses, loopback and it up, two routes. Run as root; in a network namespace of its own.
namespace {

using namespace nsrun;

[[noreturn]] void give_up(const char* what) {
    std::perror(what);
    std::exit(1);
}

Fd own_space() { return Fd(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)); }

/// A sandbox's namespace, and the socket that was opened there.
struct Space {
    Fd space, socket;
};
Space new_space() {
    const Fd home = own_space();
    if (unshare(CLONE_NEWNET) != 0) give_up("unshare");
    Space made{own_space(), Fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE))};
    if (setns(home.get(), CLONE_NEWNET) != 0) give_up("setns");
    return made;
}

/// Requests that are sent at once.
class Batch {
  public:
    template <class T>
    void begin(std::uint16_t type, int flags, const T& about) {
        end();
        start_ = bytes_.size();
        put(nlmsghdr{0, type, static_cast<std::uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags), ++count_, 0});
        put(about);
    }
    void attribute(std::uint16_t type, const void* data, std::size_t size) {
        put(nlattr{static_cast<std::uint16_t>(sizeof(nlattr) + size), type});
        bytes_.append(static_cast<const char*>(data), size);
        bytes_.resize((bytes_.size() + 3) & ~std::size_t{3});
    }
    void attribute(std::uint16_t type, std::uint32_t number) { attribute(type, &number, sizeof number); }
    void attribute(std::uint16_t type, std::string_view text) { attribute(type, text.data(), text.size() + 1); }  // with its end
    template <class T>
    void put(const T& data) { bytes_.append(reinterpret_cast<const char*>(&data), sizeof data); }
    std::size_t nest(std::uint16_t type) {
        put(nlattr{sizeof(nlattr), type});
        return bytes_.size() - sizeof(nlattr);
    }
    void close(std::size_t nest) {
        const auto size = static_cast<std::uint16_t>(bytes_.size() - nest);
        std::memcpy(&bytes_[nest], &size, sizeof size);
    }
    void send(int socket) {
        end();
        if (::send(socket, bytes_.data(), bytes_.size(), 0) < 0) give_up("send");
        alignas(nlmsghdr) char answers[16384];
        for (std::uint32_t answered = 0; answered < count_;) {
            auto left = static_cast<unsigned>(recv(socket, answers, sizeof answers, 0));
            for (auto* header = reinterpret_cast<nlmsghdr*>(answers); NLMSG_OK(header, left); header = NLMSG_NEXT(header, left)) {
                const auto* answer = static_cast<const nlmsgerr*>(NLMSG_DATA(header));
                errno = -answer->error;
                if (answer->error != 0) give_up("the kernel refuses");
                ++answered;
            }
        }
    }

  private:
    void end() {
        const auto size = static_cast<std::uint32_t>(bytes_.size() - start_);
        if (size != 0) std::memcpy(&bytes_[start_], &size, sizeof size);
    }
    std::string bytes_;
    std::size_t start_ = 0;
    std::uint32_t count_ = 0;
};

void bring_up(Batch& batch, int index) {
    batch.begin(RTM_NEWLINK, 0, ifinfomsg{AF_UNSPEC, 0, 0, index, IFF_UP, IFF_UP});
}
void give_address(Batch& batch, int family, const char* text, std::uint8_t prefix) {
    const std::uint8_t flags = family == AF_INET6 ? IFA_F_NODAD : 0;
    batch.begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, ifaddrmsg{static_cast<std::uint8_t>(family), prefix, flags, 0, 2});
    char address[16];
    inet_pton(family, text, address);
    batch.attribute(IFA_LOCAL, address, family == AF_INET ? 4 : 16);
    if (family == AF_INET) batch.attribute(IFA_ADDRESS, address, 4);
}
void add_default_route(Batch& batch, int family, const char* gateway) {
    batch.begin(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL,
                rtmsg{static_cast<unsigned char>(family), 0, 0, 0, RT_TABLE_MAIN, RTPROT_STATIC, RT_SCOPE_UNIVERSE, RTN_UNICAST, 0});
    char address[16];
    inet_pton(family, gateway, address);
    batch.attribute(RTA_GATEWAY, address, family == AF_INET ? 4 : 16);
    batch.attribute(RTA_OIF, 2U);
}

void by_hand(Space made, std::uint32_t bridge, const std::string& peer) {
    const Fd host(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    Batch link;
    link.begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, ifinfomsg{AF_UNSPEC, 0, 0, 0, IFF_UP, IFF_UP});
    link.attribute(IFLA_IFNAME, std::string_view(peer));
    link.attribute(IFLA_MASTER, bridge);
    const auto information = link.nest(IFLA_LINKINFO);
    link.attribute(IFLA_INFO_KIND, std::string_view("veth"));
    const auto data = link.nest(IFLA_INFO_DATA), other_end = link.nest(VETH_INFO_PEER);
    link.put(ifinfomsg{AF_UNSPEC, 0, 0, 2, 0, 0});
    link.attribute(IFLA_IFNAME, std::string_view("eth0"));
    link.attribute(IFLA_NET_NS_FD, static_cast<std::uint32_t>(made.space.get()));
    for (const auto nest : {other_end, data, information}) link.close(nest);
    link.send(host.get());
    Batch rest;
    give_address(rest, AF_INET, "10.231.0.2", 24);
    give_address(rest, AF_INET6, "fd12:3456::2", 64);
    bring_up(rest, 1);
    bring_up(rest, 2);
    add_default_route(rest, AF_INET, "10.231.0.1");
    add_default_route(rest, AF_INET6, "fd12:3456::1");
    rest.send(made.socket.get());
}

void by_steps(Space made, const std::string& peer) {
    auto socket = network::Socket::adopt(std::move(made.socket), NETLINK_ROUTE);
    if (!socket) give_up("use a netlink socket");
    network::Places places(*std::move(socket), std::move(made.space));
    AddLink link;
    link.link = "eth0";
    link.index = 2;
    link.peer = peer;
    link.bridge = "br0";
    const auto done = [&](const auto& step) {
        if (const auto result = run(places, step); !result) give_up(result.error().what.c_str());
    };
    done(link);
    done(AddAddress{"eth0", "10.231.0.2/24"});
    done(AddAddress{"eth0", "fd12:3456::2/64"});
    done(SetLink{"lo"});
    done(SetLink{"eth0"});
    done(AddRoute{"0.0.0.0/0", "10.231.0.1", "eth0"});
    done(AddRoute{"::/0", "fd12:3456::1", "eth0"});
}

double now(clockid_t clock) {
    timespec time;
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

}  // namespace

int main() {
    if (unshare(CLONE_NEWNET) != 0 || std::system("ip link add br0 type bridge && ip link set br0 up && ip link set lo up") != 0) {
        std::puts("network set-up: not measured, it takes root and ip(8)");
        return 0;
    }
    const std::uint32_t bridge = if_nametoindex("br0");
    bench::Samples wall[2], work[2];  // by hand, by steps
    for (int round = 0; round < 200; ++round) {
        for (int which = 0; which < 2; ++which) {
            const bool steps = (round + which) % 2 == 1;
            Space made = new_space();
            const double began = now(CLOCK_MONOTONIC), worked = now(CLOCK_THREAD_CPUTIME_ID);
            const auto peer = fmt::format("ns{}.{}", round, which);
            steps ? by_steps(std::move(made), peer) : by_hand(std::move(made), bridge, peer);
            wall[steps].push_back(now(CLOCK_MONOTONIC) - began);
            work[steps].push_back(now(CLOCK_THREAD_CPUTIME_ID) - worked);
        }
    }
    const auto tell = [](const char* what, const bench::Samples (&samples)[2]) {
        const auto ratio = bench::ratio_estimate(samples[1], samples[0]);
        std::printf("network set-up, %-9s by hand %4.0f us, by steps %4.0f us: %.2f (%.2f to %.2f)\n", what,
                    bench::median(samples[0]) * 1e6, bench::median(samples[1]) * 1e6, ratio.value, ratio.low, ratio.high);
    };
    tell("time:", wall);
    tell("processor:", work);
}
