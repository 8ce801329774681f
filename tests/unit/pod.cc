#include "pod/letters.h"
#include "pod/members.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

namespace {

using namespace nsrun;
using namespace nsrun::pod;

JoinPod step() {
    JoinPod wish;
    wish.pod = "web";
    wish.member = "a";
    wish.alias = "front";
    wish.addresses = {"10.88.0.5", "fd88::5"};
    wish.hosts = "192.0.2.7 db\n";
    wish.uids = {{0, 1000, 1}, {1, 100000, 65535}};
    wish.gids = {{0, 1000, 1}};
    return wish;
}

Request request(const std::string& member, const std::string& address) {
    JoinPod wish = step();
    wish.member = member;
    wish.addresses = {address};
    return *read_request(to_text(wish));
}

/// A pod without its process, in a directory that goes.
struct Pod {
    char path[32] = "/tmp/nsrun-unit-pod-XXXXXX";
    Fd directory;
    std::optional<Members> members;

    Pod() {
        REQUIRE(mkdtemp(path) != nullptr);
        directory = Fd(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        members.emplace(directory.get(), PodShare::addresses, PodUplink::none, map_text(step().uids), map_text(step().gids));
    }
    ~Pod() { std::filesystem::remove_all(path); }

    Result<> seat(Request wish) {
        members->list.push_back({});
        return members->seat(members->list.back(), std::move(wish));
    }
    std::string content(const std::string& name) const {
        const Fd file(openat(directory.get(), name.c_str(), O_RDONLY | O_CLOEXEC));
        std::string text(4096, '\0');
        const auto length = read(file.get(), text.data(), text.size());
        text.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
        return text;
    }
    ino_t number(const std::string& name) const {
        struct stat about{};
        REQUIRE(fstatat(directory.get(), name.c_str(), &about, 0) == 0);
        return about.st_ino;
    }
};

}  // namespace

TEST_CASE("a request is read as it was written") {
    const auto read = read_request(to_text(step()));
    REQUIRE(read);
    CHECK(read->share == PodShare::addresses);
    CHECK(read->uids == "0:1000:1,1:100000:65535");
    CHECK(read->gids == "0:1000:1");
    CHECK(read->member == "a");
    CHECK(read->alias == "front");
    CHECK(read->addresses == std::vector<std::string>{"10.88.0.5", "fd88::5"});
    CHECK(read->hosts == "192.0.2.7 db\n");
}

TEST_CASE("a request of another version, or one that is none, is not read") {
    const std::string right = to_text(step());
    CHECK_FALSE(read_request(""));
    CHECK_FALSE(read_request("nsrun pod 2" + right.substr(right.find('\n'))));
    for (std::size_t length = 0; length < right.find("hosts"); ++length) {
        if (const auto read = read_request(right.substr(0, length))) CHECK_FALSE(read->addresses.empty());
    }
}

TEST_CASE("a member's name stays in the pod's directory") {
    JoinPod wish = step();
    wish.member = "../a";
    CHECK_FALSE(read_request(to_text(wish)));
}

TEST_CASE("a request that would take what is another member's is not read") {
    const auto is_read = [](auto change) {
        JoinPod wish = step();
        change(wish);
        return read_request(to_text(wish)).has_value();
    };
    CHECK(is_read([](JoinPod&) {}));
    // A file's name ends there: "a" would be told what is meant for another.
    CHECK_FALSE(is_read([](JoinPod& wish) { wish.member = std::string("a\0b", 3); }));
    CHECK_FALSE(is_read([](JoinPod& wish) { wish.member = "a b"; }));
    CHECK_FALSE(is_read([](JoinPod& wish) { wish.member = std::string(65, 'a'); }));
    CHECK_FALSE(is_read([](JoinPod& wish) { wish.alias = "front back"; }));
    CHECK_FALSE(is_read([](JoinPod& wish) { wish.addresses = {"10.88.0.5 b"}; }));
    CHECK_FALSE(is_read([](JoinPod& wish) { wish.addresses = {"10.88.0.5", "10.88.0.5#"}; }));
    // Its interface would have the name of that of 10.88.0.5.
    CHECK_FALSE(is_read([](JoinPod& wish) { wish.addresses = {"192.0.0.5"}; }));
    CHECK_FALSE(is_read([](JoinPod& wish) { wish.addresses = {"fd88::5"}; }));
    CHECK(is_read([](JoinPod& wish) {
        wish.share = PodShare::net;
        wish.addresses = {"127.0.0.1", "::1"};
    }));
}

TEST_CASE("a refusal is read as it was written") {
    const Error error{17, "it is full", "empty it"};
    CHECK(read_refusal(refusal_text(error)) == error);
}

TEST_CASE("the pod's end of an interface is named by the address") {
    CHECK(link_name("10.88.0.5") == "v0.5");
    CHECK(link_name("10.88.255.254") == "v255.254");
    CHECK(link_name("nonsense").empty());
}

TEST_CASE("members are told of each other in files that stay the same") {
    Pod pod;
    REQUIRE(pod.seat(request("a", "10.88.0.5")));
    CHECK(pod.content("hosts-a") == "192.0.2.7 db\n10.88.0.5 a front\n");
    const auto number = pod.number("hosts-a");
    REQUIRE(pod.seat(request("b", "10.88.0.6")));
    CHECK(pod.content("hosts-a") == "192.0.2.7 db\n10.88.0.5 a front\n10.88.0.6 b front\n");
    CHECK(pod.content("members") == "a 10.88.0.5\nb 10.88.0.6\n");
    pod.members->forget(1);
    CHECK(pod.content("hosts-a") == "192.0.2.7 db\n10.88.0.5 a front\n");
    CHECK(pod.content("hosts-b").empty());
    CHECK(pod.number("hosts-a") == number);
}

TEST_CASE("who asks for what the pod has not is refused") {
    Pod pod;
    REQUIRE(pod.seat(request("a", "10.88.0.5")));
    CHECK(pod.seat(request("a", "10.88.0.6")).error().what == "a sandbox called 'a' is a member already");
    CHECK(pod.seat(request("b", "10.88.0.5")).error().what == "10.88.0.5 is the address of 'a' already");
    Request shared = request("b", "10.88.0.6");
    shared.share = PodShare::net;
    CHECK(pod.seat(shared).error().what == "it has share = \"addresses\", and this sandbox asks for \"net\"");
    Request mapped = request("b", "10.88.0.6");
    mapped.gids = "1000:1000:1";
    CHECK(pod.seat(mapped).error().what ==
          "it maps gids 0:1000:1, and this sandbox asks for 1000:1000:1 (inside:outside:count)");
    CHECK(pod.seat(request("b", "10.88.0.6")));
}
