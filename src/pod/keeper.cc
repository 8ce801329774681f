#include "pod/holder.h"
#include "pod/letters.h"

#include "base/descriptors.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <optional>

/// Processes of a pod that outlive who started them.
namespace nsrun::pod {

void withdraw(std::vector<int> kept, const std::string& name) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, nullptr);
    std::signal(SIGCHLD, SIG_DFL);
    setsid();
    prctl(PR_SET_NAME, "nsrun-pod");
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    umask(0077);
    if (chdir("/") != 0) _exit(1);

    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int standard = 0; standard < 3; ++standard) {
        dup2(null, standard);
        kept.push_back(standard);
    }
    close_all_but(kept);

    char* const begin = program_invocation_name;
    char* const last = reinterpret_cast<char*>(getauxval(AT_EXECFN));
    if (begin == nullptr || last == nullptr || last < begin || last - begin > 8 << 20) return;
    const auto length = static_cast<std::size_t>(last - begin) + std::strlen(last);
    std::memset(begin, 0, length);
    std::memcpy(begin, name.data(), std::min(name.size(), length));
}

namespace {

/// Closes the host's addresses to the pod, whose network is made now, and says so. The lifeline goes: from here on the
/// holder does without.
bool begin_watch(Fd& lifeline, const Hands& hands, std::optional<network::AddressWatch>& watch) {
    auto letter = receive(lifeline);
    if (!letter || !*letter || (*letter)->descriptors.size() != 1) return false;
    if (hands.watch) {
        auto socket = network::Socket::adopt(std::move((*letter)->descriptors.front()), NETLINK_ROUTE);
        if (!socket) return false;
        auto started = hands.watch(std::make_shared<network::Places>(*std::move(socket), Fd()));
        if (!started) return false;
        watch.emplace(*std::move(started));
    }
    const bool said = send(lifeline, welcome).has_value();
    lifeline.reset();
    return said;
}

}  // namespace

void keep_uplink(pid_t holder, Fd word, Fd lifeline, const std::string& name, const Hands& hands) {
    const Fd life(static_cast<int>(syscall(SYS_pidfd_open, holder, 0)));
    withdraw({word.get(), lifeline.get(), life.get()}, fmt::format("nsrun-pod {} uplink", name));
    char go = 0;
    // Before its ids are mapped nobody can enter.
    if (!life || read(word.get(), &go, 1) != 1) _exit(1);
    auto uplink = hands.uplink(holder);
    if (!uplink) {
        (void)send(word, refusal_text(uplink.error()));  // unheard, the pod ends all the same
        _exit(1);
    }
    prctl(PR_SET_DUMPABLE, 0);
    std::optional<network::AddressWatch> watch;
    for (;;) {
        std::array<pollfd, 4> watched{{{life.get(), POLLIN, 0},
                                       {uplink->process.pidfd(), POLLIN, 0},
                                       {lifeline.get(), POLLIN, 0},
                                       {watch ? watch->descriptor() : -1, POLLIN, 0}}};
        if (hands.wait(watched, -1) <= 0) continue;
        bool over = watched[0].revents != 0 || watched[1].revents != 0;
        if (!over && watched[2].revents != 0) over = !begin_watch(lifeline, hands, watch);
        // Where one stays open, the way to it is cut: that of all.
        if (!over && watched[3].revents != 0) over = !watch->hear();
        if (!over) continue;
        if (watched[1].revents != 0) (void)send(word, refusal_text({0, hands.last_words(*uplink), {}}));
        uplink->process.end();
        _exit(0);  // the lifeline tells the holder
    }
}

}  // namespace nsrun::pod
