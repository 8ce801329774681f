#include "network/network.h"

#include "network/keeper.h"
#include "network/objects.h"

#include "base/lock.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netlink/route/link/bridge.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstring>

/// Bridges of the host that sandboxes share. Who uses one holds a lock on its file, so that the last one can know.
namespace nsrun::network {
namespace {

/// Opens the directory of a lock, made where it is missing, through no link. It must be closed to others: they could hold a
/// lock for ever.
Result<Fd> open_directory(const std::string& path) {
    Fd place(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    for (std::size_t start = 1; place && start < path.size();) {
        const std::size_t slash = std::min(path.find('/', start), path.size());
        const std::string part = path.substr(start, slash - start);
        start = slash + 1;
        if (part.empty()) continue;
        (void)mkdirat(place.get(), part.c_str(), 0700);  // it may be there
        place = Fd(openat(place.get(), part.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    }
    if (!place) return fail(errno, "open the directory {}", path);
    struct stat about;
    if (fstat(place.get(), &about) != 0) return fail(errno, "look at the directory {}", path);
    if (about.st_uid != geteuid() || (about.st_mode & 077) != 0) return fail(0, "the directory {} is open to others", path);
    return place;
}

bool is_ours(rtnl_link* link, const std::string& name) {
    const char* const type = rtnl_link_get_type(link);
    if (type == nullptr || std::strcmp(type, "bridge") != 0) return false;
    const char* const alias = rtnl_link_get_ifalias(link);
    if (alias != nullptr && std::strcmp(alias, bridge_alias) == 0) return true;
    nl_addr* const address = rtnl_link_get_addr(link);
    const Mac mac = mac_of_bridge(name.c_str());
    return address != nullptr && nl_addr_get_len(address) == mac.size() &&
           std::memcmp(nl_addr_get_binary_addr(address), mac.data(), mac.size()) == 0;
}

/// Makes the bridge unless it is there. Errors: EEXIST when an interface of that name is not ours.
Result<> make(Socket& socket, const std::string& name) {
    for (int attempt = 0;; ++attempt) {
        if (const auto present = found(socket, name)) {
            if (is_ours(present->get(), name)) return {};
            auto taken = fail(EEXIST, "make the bridge {}", name);
            taken.error().help = "there is an interface of that name that nsrun did not make: choose another, or name it as 'bridge' without addresses";
            return taken;
        }
        const Link link(rtnl_link_bridge_alloc());
        const Mac mac = mac_of_bridge(name.c_str());
        const Address address(nl_addr_build(AF_LLC, mac.data(), mac.size()));
        if (!link || !address) return fail(ENOMEM, "make an interface");
        rtnl_link_set_name(link.get(), name.c_str());
        rtnl_link_set_addr(link.get(), address.get());
        rtnl_link_set_flags(link.get(), IFF_UP);
        const int answer = rtnl_link_add(socket.get(), link.get(), NLM_F_CREATE | NLM_F_EXCL);
        auto made = socket.result(answer, fmt::format("make the bridge {}", name));
        // Another sandbox that starts may have been faster.
        if (made || made.error().code != EEXIST || attempt > 2) return made;
    }
}

/// Brings the bridge to where every sandbox that uses it wants it, whoever made it and however far it came.
Result<> complete(Places& places, const ShareBridge& step) {
    Socket& socket = NSRUN_TRY(places.at(Place::host));
    NSRUN_TRY(make(socket, step.link));
    NSRUN_TRY(ignore_routers(step.link));  // before anybody is attached
    const Link present(rtnl_link_alloc()), wanted(rtnl_link_alloc());
    if (!present || !wanted) return fail(ENOMEM, "change an interface");
    const int index = NSRUN_TRY(places.index(Place::host, step.link));
    rtnl_link_set_ifindex(present.get(), index);
    rtnl_link_set_ifindex(wanted.get(), index);
    rtnl_link_set_ifalias(wanted.get(), bridge_alias);
    rtnl_link_set_flags(wanted.get(), IFF_UP);
    const int answer = rtnl_link_change(socket.get(), present.get(), wanted.get(), 0);
    NSRUN_TRY(socket.result(answer, fmt::format("set the bridge {} up", step.link)));
    for (const std::string& address : step.addresses) {
        auto given = run(places, AddAddress{step.link, address, Place::host});
        if (!given && given.error().code != EEXIST) return given;
    }
    return {};
}

}  // namespace

Keeping SharedBridge::keeping() const {
    return {.link = link_.c_str(),
            .mac = mac_of_bridge(link_.c_str()),
            .lock = lock_.get(),
            .lock_name = lock_name_.c_str(),
            .directory = directory_.get(),
            .route = route_.get()};
}

/// Nothing when the last one of the others removed the lock meanwhile.
Result<std::optional<SharedBridge>> SharedBridge::attempt(const ShareBridge& step, Wait wait) {
    const std::size_t slash = step.lock.rfind('/');
    if (slash == step.lock.npos || slash + 1 == step.lock.size()) return fail(EINVAL, "open the lock {}", step.lock);
    SharedBridge bridge;
    bridge.link_ = step.link;
    bridge.lock_name_ = step.lock.substr(slash + 1);
    bridge.directory_ = NSRUN_TRY(open_directory(step.lock.substr(0, slash)));
    bridge.lock_ = Fd(openat(bridge.directory_.get(), bridge.lock_name_.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!bridge.lock_) return fail(errno, "open the lock {}", step.lock);
    bridge.route_ = Fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    if (!bridge.route_) return fail(errno, "open a netlink socket");
    const Fd life(static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0)));
    if (!life) return fail(errno, "open a pidfd of nsrun");
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return fail(errno, "make a pair of sockets");
    bridge.word_ = Fd(ends[0]);
    Fd keepers_end(ends[1]);
    // The keeper first, then the lock, then the bridge: from then on one of the two is left to give it up.
    const pid_t keeper = fork();
    if (keeper < 0) return fail(errno, "fork the keeper of the bridge {}", step.link);
    if (keeper == 0) {
        Keeping keeping = bridge.keeping();
        keeping.word = keepers_end.get();
        keeping.life = life.get();
        keep(keeping, wait);
    }
    keepers_end.reset();
    bridge.keeper_ = Process(keeper, Fd(static_cast<int>(syscall(SYS_pidfd_open, keeper, 0))));
    char ready = 0;
    if (recv(bridge.word_.get(), &ready, sizeof ready, 0) != sizeof ready) return fail(0, "the keeper of the bridge {} ended early", step.link);
    while (flock(bridge.lock_.get(), LOCK_SH) != 0) {
        if (errno != EINTR) return fail(errno, "lock {}", step.lock);
    }
    if (!is_found(bridge.lock_.get(), bridge.directory_.get(), bridge.lock_name_.c_str())) return std::nullopt;
    Places places;
    NSRUN_TRY(complete(places, step));
    return bridge;
}

Result<SharedBridge> SharedBridge::share(const ShareBridge& step, Wait wait) {
    if (step.link.empty() || step.link.size() >= IFNAMSIZ) return fail(EINVAL, "make the bridge {}", step.link);
    // Each time another sandbox has ended just then.
    for (int patience = 256; patience > 0; --patience) {
        auto bridge = NSRUN_TRY(attempt(step, wait));
        if (bridge) return *std::move(bridge);
    }
    return fail(EAGAIN, "lock {}", step.lock);
}

SharedBridge& SharedBridge::operator=(SharedBridge&& other) noexcept {
    std::swap(link_, other.link_);
    std::swap(lock_name_, other.lock_name_);
    std::swap(directory_, other.directory_);
    std::swap(lock_, other.lock_);
    std::swap(route_, other.route_);
    std::swap(word_, other.word_);
    std::swap(keeper_, other.keeper_);
    return *this;
}

SharedBridge::~SharedBridge() {
    if (!lock_) return;
    const char over = 'e';
    if (keeper_.pid() != 0 && word_) (void)send(word_.get(), &over, sizeof over, MSG_NOSIGNAL);  // a dead one is noticed next
    if (keeper_.pid() != 0 && keeper_.wait() == 0) return;
    // Somebody killed it: then this is the one that is left.
    release(keeping());
}

}  // namespace nsrun::network
