#include "relay/relay.h"
#include "relay/resident.h"

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace nsrun;

namespace {

relay::Endpoint place(const char* address, std::uint32_t port = 0) {
    return relay::endpoint(address, port).value();
}

socklen_t size_of(const relay::Endpoint& endpoint) {
    return endpoint.any.sa_family == AF_INET6 ? sizeof endpoint.v6 : sizeof endpoint.v4;
}

std::uint32_t port_of(const Fd& socket) {
    relay::Endpoint own{.v6 = {}};
    socklen_t size = sizeof own;
    REQUIRE(getsockname(socket.get(), &own.any, &size) == 0);
    return ntohs(own.v6.sin6_port);  // at the same place for both families
}

/// A service of the test's own, on a port that the kernel chooses.
Fd service(Protocol protocol, const char* address = "127.0.0.1") {
    const auto where = place(address);
    Fd opened(socket(where.any.sa_family, (protocol == Protocol::tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0));
    REQUIRE(bind(opened.get(), &where.any, size_of(where)) == 0);
    if (protocol == Protocol::tcp) REQUIRE(::listen(opened.get(), 64) == 0);
    return opened;
}

Fd client(Protocol protocol, std::uint32_t port, const char* address = "127.0.0.1") {
    const auto where = place(address, port);
    Fd opened(socket(where.any.sa_family, (protocol == Protocol::tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0));
    REQUIRE(connect(opened.get(), &where.any, size_of(where)) == 0);
    return opened;
}

/// A relay in the namespaces of the test, from a port of the kernel's choice to the targets.
struct Running {
    std::uint32_t port = 0;
    Process process;

    Running(Protocol protocol, std::vector<relay::Endpoint> targets, const char* address = "127.0.0.1") {
        std::vector<relay::Listener> listeners(1);
        auto opened = relay::listen(protocol, address, 0);
        REQUIRE(opened);
        port = port_of(*opened);
        listeners[0] = {*std::move(opened), protocol, std::move(targets)};
        auto starting = relay::start(listeners, {});
        REQUIRE(starting);
        const auto serves = relay::await(starting->report);
        REQUIRE_MESSAGE(serves.has_value(), (serves ? "" : to_text(serves.error())));
        process = std::move(starting->process);
    }
};

std::string received(int socket, std::size_t size) {
    std::string text(size, '\0');
    const auto got = recv(socket, text.data(), size, MSG_WAITALL);
    text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return text;
}

void say(int socket, std::string_view text) {
    REQUIRE(send(socket, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()));
}

/// True when nothing can be read, for a while.
bool quiet(int socket) {
    pollfd watched{socket, POLLIN, 0};
    return poll(&watched, 1, 50) == 0;
}

}  // namespace

TEST_CASE("a relay carries both ways, and passes the end of each on by itself") {
    const Fd server = service(Protocol::tcp);
    const Running running(Protocol::tcp, {place("127.0.0.1", port_of(server))});
    const Fd one = client(Protocol::tcp, running.port);
    const Fd other(accept(server.get(), nullptr, nullptr));
    say(one.get(), "hello");
    CHECK(received(other.get(), 5) == "hello");
    say(other.get(), "welcome");
    CHECK(received(one.get(), 7) == "welcome");
    REQUIRE(shutdown(one.get(), SHUT_WR) == 0);
    CHECK(received(other.get(), 1).empty());
    CHECK(quiet(one.get()));
    say(other.get(), "after all");
    CHECK(received(one.get(), 9) == "after all");
    REQUIRE(shutdown(other.get(), SHUT_WR) == 0);
    CHECK(received(one.get(), 1).empty());
}

TEST_CASE("a reset is passed on as a reset") {
    const Fd server = service(Protocol::tcp);
    const Running running(Protocol::tcp, {place("127.0.0.1", port_of(server))});
    const linger at_once{1, 0};
    for (const bool by_client : {false, true}) {
        CAPTURE(by_client);
        Fd one = client(Protocol::tcp, running.port);
        Fd other(accept(server.get(), nullptr, nullptr));
        Fd& quits = by_client ? one : other;
        Fd& stays = by_client ? other : one;
        say(quits.get(), "last words");
        CHECK(received(stays.get(), 10) == "last words");
        setsockopt(quits.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        quits.reset();
        char letter = 0;
        CHECK(recv(stays.get(), &letter, 1, 0) == -1);
        CHECK(errno == ECONNRESET);
    }
}

TEST_CASE("a side that is gone after its last word is told of") {
    const Fd server = service(Protocol::tcp);
    const Running running(Protocol::tcp, {place("127.0.0.1", port_of(server))});
    const Fd one = client(Protocol::tcp, running.port);
    Fd other(accept(server.get(), nullptr, nullptr));
    say(one.get(), "unread");
    CHECK(!quiet(other.get()));
    REQUIRE(shutdown(other.get(), SHUT_WR) == 0);
    CHECK(received(one.get(), 1).empty());
    other.reset();  // with something unread: the kernel resets
    pollfd watched{one.get(), 0, 0};
    REQUIRE(poll(&watched, 1, 5000) == 1);
    CHECK((watched.revents & POLLERR) != 0);
}

TEST_CASE("a port where nobody listens inside resets its clients, and the second address is tried") {
    Fd nobody = service(Protocol::tcp);
    const std::uint32_t closed = port_of(nobody);
    nobody.reset();
    const Running refusing(Protocol::tcp, relay::loopback(closed));
    const Fd one = client(Protocol::tcp, refusing.port);
    char letter = 0;
    CHECK(recv(one.get(), &letter, 1, 0) == -1);
    CHECK(errno == ECONNRESET);

    const Fd server = service(Protocol::tcp, "::1");
    const Running trying(Protocol::tcp, relay::loopback(port_of(server)));
    const Fd two = client(Protocol::tcp, trying.port);
    const Fd other(accept(server.get(), nullptr, nullptr));
    say(two.get(), "six");
    CHECK(received(other.get(), 3) == "six");
}

TEST_CASE("who does not read holds up who sends, and nothing is lost") {
    const Fd server = service(Protocol::tcp);
    const Running running(Protocol::tcp, {place("127.0.0.1", port_of(server))});
    const Fd one = client(Protocol::tcp, running.port);
    const Fd other(accept(server.get(), nullptr, nullptr));
    constexpr std::size_t total = 96 << 20;
    const auto byte_at = [](std::size_t at) { return static_cast<char>((at * 2654435761U) >> 13); };
    const auto sends = [&](int socket) {
        std::string part(1 << 20, '\0');
        for (std::size_t at = 0; at < total; at += part.size()) {
            for (std::size_t i = 0; i < part.size(); ++i) part[i] = byte_at(at + i);
            for (std::size_t done = 0; done < part.size();) {
                const auto sent = send(socket, part.data() + done, part.size() - done, MSG_NOSIGNAL);
                if (sent <= 0) return;
                done += static_cast<std::size_t>(sent);
            }
        }
        shutdown(socket, SHUT_WR);
    };
    const auto reads = [&](int socket, std::size_t& good) {
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        std::string part(300'000, '\0');
        for (ssize_t got; (got = recv(socket, part.data(), part.size(), 0)) > 0;) {
            for (ssize_t i = 0; i < got; ++i) good += part[static_cast<std::size_t>(i)] == byte_at(good);
        }
    };
    std::size_t in = 0, out = 0;
    std::thread a([&] { sends(one.get()); }), b([&] { sends(other.get()); });
    std::thread c([&] { reads(one.get(), out); }), d([&] { reads(other.get(), in); });
    for (auto* thread : {&a, &b, &c, &d}) thread->join();
    CHECK(in == total);
    CHECK(out == total);
}

TEST_CASE("many connections come and go at once") {
    const Fd server = service(Protocol::tcp);
    const Running running(Protocol::tcp, {place("127.0.0.1", port_of(server))});
    for (int round = 0; round < 3; ++round) {
        std::vector<Fd> ones, others;
        for (int i = 0; i < 200; ++i) {
            ones.push_back(client(Protocol::tcp, running.port));
            others.emplace_back(accept(server.get(), nullptr, nullptr));
            say(others.back().get(), "x");
        }
        for (const Fd& one : ones) CHECK(received(one.get(), 1) == "x");
        if (round == 1) others.clear();
    }
    const Fd one = client(Protocol::tcp, running.port);
    const Fd other(accept(server.get(), nullptr, nullptr));
    say(one.get(), "still");
    CHECK(received(other.get(), 5) == "still");
}

TEST_CASE("datagrams find their way back to the client that asked") {
    for (const char* address : {"127.0.0.1", "0.0.0.0", "::1", "::"}) {
        CAPTURE(address);
        const bool v6 = std::string_view(address).find(':') != std::string_view::npos;
        const Fd server = service(Protocol::udp);
        const Running running(Protocol::udp, relay::loopback(port_of(server)), address);
        const std::vector<const char*> reached = v6 ? std::vector{"::1"}
                                                 : std::string_view(address) == "0.0.0.0"
                                                     ? std::vector{"127.0.0.1", "127.0.0.2"}
                                                     : std::vector{"127.0.0.1"};
        std::vector<Fd> clients;
        for (const char* each : reached) {
            for (int i = 0; i < 3; ++i) clients.push_back(client(Protocol::udp, running.port, each));
        }
        for (std::size_t i = 0; i < clients.size(); ++i) {
            say(clients[i].get(), std::string(i * 1000, static_cast<char>('a' + i)));
            std::string text(65536, '\0');
            relay::Endpoint from{.v6 = {}};
            socklen_t size = sizeof from;
            const auto got = recvfrom(server.get(), text.data(), text.size(), 0, &from.any, &size);
            REQUIRE(got == static_cast<ssize_t>(i * 1000));
            REQUIRE(sendto(server.get(), text.data(), static_cast<std::size_t>(got), 0, &from.any, size) == got);
        }
        for (std::size_t i = 0; i < clients.size(); ++i) {
            REQUIRE(!quiet(clients[i].get()));
            std::string text(65536, '\0');
            const auto got = recv(clients[i].get(), text.data(), text.size(), 0);  // connected: from that address alone
            REQUIRE(got == static_cast<ssize_t>(i * 1000));
            CHECK(text.substr(0, i * 1000) == std::string(i * 1000, static_cast<char>('a' + i)));
        }
    }
}

TEST_CASE("the first datagram reaches a service of the second address") {
    const Fd server = service(Protocol::udp, "::1");
    const Running running(Protocol::udp, relay::loopback(port_of(server)));
    const Fd one = client(Protocol::udp, running.port);
    say(one.get(), "first");
    REQUIRE(!quiet(server.get()));
    CHECK(received(server.get(), 5) == "first");
}

TEST_CASE("more clients than a relay remembers are served, the oldest forgotten") {
    const Fd server = service(Protocol::udp);
    const Running running(Protocol::udp, {place("127.0.0.1", port_of(server))});
    for (int i = 0; i < 1500; ++i) {
        const Fd one = client(Protocol::udp, running.port);
        say(one.get(), "x");
        std::string text(4, '\0');
        relay::Endpoint from{.v6 = {}};
        socklen_t size = sizeof from;
        REQUIRE(recvfrom(server.get(), text.data(), text.size(), 0, &from.any, &size) == 1);
        REQUIRE(sendto(server.get(), "y", 1, 0, &from.any, size) == 1);
        REQUIRE(received(one.get(), 1) == "y");
    }
}

TEST_CASE("datagrams and connections share the descriptors that there are") {
    for (const std::uint64_t descriptors : {64u, 256u, 1024u, 4096u, 1u << 20}) {
        const auto room = relay::affordable(descriptors, 8);
        INFO(descriptors, ": ", room.connections, " connections, ", room.flows, " flows");
        CHECK(8 + 16 + 2 * std::uint64_t{room.connections} + room.flows <= descriptors);
        CHECK(room.connections >= std::min<std::uint64_t>(descriptors / 8, relay::most_connections));
        CHECK(room.flows >= std::min<std::uint64_t>(descriptors / 4, relay::most_flows));
    }
    CHECK(relay::affordable(1 << 20, 1).connections == relay::most_connections);
    CHECK(relay::affordable(1 << 20, 1).flows == relay::most_flows);
    CHECK(relay::affordable(4, 8).connections == 1);
    CHECK(relay::affordable(4, 8).flows == 1);
}

TEST_CASE("a relay with few descriptors remembers few clients") {
    const Fd server = service(Protocol::udp);
    auto listener = relay::listen(Protocol::udp, "127.0.0.1", 0);
    REQUIRE(listener);
    const Fd epoll(epoll_create1(EPOLL_CLOEXEC));
    constexpr std::size_t size = 2 * sizeof(relay::State);  // a port has room in the second
    const std::unique_ptr<relay::State, decltype(&std::free)> state(
        static_cast<relay::State*>(std::aligned_alloc(alignof(relay::State), size)), std::free);
    std::memset(static_cast<void*>(state.get()), 0, size);
    state->flow_free = state->oldest = state->newest = relay::none;
    state->epoll = epoll.get();
    state->flow_limit = 3;
    relay::Port& port = state->ports[0];
    port.fd = listener->get();
    port.family = AF_INET;
    port.protocol = Protocol::udp;
    port.target_count = 1;
    port.targets[0] = place("127.0.0.1", port_of(server));
    for (int i = 0; i < 8; ++i) {
        const Fd one = client(Protocol::udp, port_of(*listener));
        say(one.get(), "x");
        relay::receive_some(*state, 0);
        CHECK(received(server.get(), 1) == "x");
        CHECK(state->flow_count == static_cast<std::uint32_t>(std::min(i + 1, 3)));
    }
    state->now = relay::flow_idle;
    relay::expire(*state);
    CHECK(state->flow_count == 0);
}

TEST_CASE("a port in use and an address of somebody else are refused with what to do") {
    const auto first = relay::listen(Protocol::tcp, "127.0.0.1", 0);
    REQUIRE(first);
    const auto second = relay::listen(Protocol::tcp, "127.0.0.1", port_of(*first));
    REQUIRE(!second);
    CHECK(second.error().code == EADDRINUSE);
    CHECK(second.error().help.find("another program has that port") == 0);
    const auto foreign = relay::listen(Protocol::udp, "192.0.2.1", 8080);
    REQUIRE(!foreign);
    CHECK(foreign.error().code == EADDRNOTAVAIL);
    CHECK(foreign.error().what == "listen on 192.0.2.1:8080, udp");
    CHECK(foreign.error().help.find("192.0.2.1") != std::string::npos);
}
