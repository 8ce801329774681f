#include "network/keeper.h"

#include "base/descriptors.h"
#include "base/lock.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>

namespace nsrun::network {
namespace {

/// A request about one interface, by name or index.
struct Request {
    nlmsghdr header;
    ifinfomsg link;
    nlattr attribute;
    char name[16];
};

/// What the kernel says of an interface, as far as it matters here.
struct Found {
    int index = 0;  ///< 0: there is none
    bool bridge = false, aliased = false, marked = false;
};

/// The attribute at `place`, and where the next one stands; nothing at the end.
const nlattr* next_attribute(const char*& place, const char* end) {
    if (end - place < static_cast<std::ptrdiff_t>(sizeof(nlattr))) return nullptr;
    const auto* attribute = reinterpret_cast<const nlattr*>(place);
    if (attribute->nla_len < sizeof *attribute || attribute->nla_len > end - place) return nullptr;
    place += std::min<std::ptrdiff_t>(NLA_ALIGN(attribute->nla_len), end - place);
    return attribute;
}

bool says(const nlattr* attribute, const char* text) {
    const std::size_t size = attribute->nla_len - sizeof *attribute;
    return size == std::strlen(text) + 1 && std::memcmp(attribute + 1, text, size) == 0;
}

Found understood(const char* message, std::size_t size, const Mac& mac) {
    Found found;
    const auto* header = reinterpret_cast<const nlmsghdr*>(message);
    if (size < NLMSG_LENGTH(sizeof(ifinfomsg)) || header->nlmsg_len > size || header->nlmsg_type != RTM_NEWLINK) return found;
    found.index = static_cast<const ifinfomsg*>(NLMSG_DATA(header))->ifi_index;
    const char* place = message + NLMSG_SPACE(sizeof(ifinfomsg));
    const char* const end = message + header->nlmsg_len;
    while (const nlattr* attribute = next_attribute(place, end)) {
        const char* inner = reinterpret_cast<const char*>(attribute + 1);
        switch (attribute->nla_type & NLA_TYPE_MASK) {
            case IFLA_IFALIAS: found.aliased = says(attribute, bridge_alias); break;
            case IFLA_ADDRESS:
                found.marked = attribute->nla_len == sizeof *attribute + mac.size() && std::memcmp(inner, mac.data(), mac.size()) == 0;
                break;
            case IFLA_LINKINFO: {
                const char* const rest = reinterpret_cast<const char*>(attribute) + attribute->nla_len;
                while (const nlattr* info = next_attribute(inner, rest)) {
                    if ((info->nla_type & NLA_TYPE_MASK) == IFLA_INFO_KIND) found.bridge = says(info, "bridge");
                }
                break;
            }
            default: break;
        }
    }
    return found;
}

/// Sends a request and receives the first message of the answer.
std::size_t ask(int route, const Request& request, char* answer, std::size_t room) {
    if (send(route, &request, request.header.nlmsg_len, 0) < 0) return 0;
    ssize_t size = 0;
    do size = recv(route, answer, room, 0);
    while (size < 0 && errno == EINTR);
    return size < 0 ? 0 : static_cast<std::size_t>(size);
}

void remove_bridge(const Keeping& keeping) {
    alignas(nlmsghdr) char answer[8192];  // an interface with its counters is told in 2000 bytes
    Request request{};
    request.header = {static_cast<std::uint32_t>(sizeof request), RTM_GETLINK, NLM_F_REQUEST, 1, 0};
    request.attribute = {static_cast<std::uint16_t>(sizeof(nlattr) + std::strlen(keeping.link) + 1), IFLA_IFNAME};
    std::strncpy(request.name, keeping.link, sizeof request.name - 1);
    const Found found = understood(answer, ask(keeping.route, request, answer, sizeof answer), keeping.mac);
    if (found.index == 0 || !found.bridge || !(found.aliased || found.marked)) return;
    request.header = {NLMSG_LENGTH(sizeof(ifinfomsg)), RTM_DELLINK, NLM_F_REQUEST | NLM_F_ACK, 2, 0};
    request.link.ifi_index = found.index;
    (void)ask(keeping.route, request, answer, sizeof answer);  // nobody is left who could be told
}

/// Keeps CAP_NET_ADMIN alone, for removing, and no way to more.
void give_up_privileges() {
    for (int capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; ++capability) (void)prctl(PR_CAPBSET_DROP, capability);
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    const __user_cap_data_struct keep[2]{{1U << CAP_NET_ADMIN, 1U << CAP_NET_ADMIN, 0}, {}};
    (void)syscall(SYS_capset, &header, keep);
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    (void)prctl(PR_SET_DUMPABLE, 0);
}

}  // namespace

// A file is the lock as long as it is found by its name. Its name is taken from it here alone, by who has it exclusively
// and saw that it is the lock. Who uses the bridge has it shared and saw after that that it is the lock; so it stays the
// lock until he gives it up, and all users have the same file. Hence who has the lock exclusively knows that there is no
// user. Who has a file that is not the lock any more has nothing: here he leaves the bridge alone, as it may be that of
// others, and in SharedBridge::share he tries again.
void release(const Keeping& keeping) noexcept {
    // Of two that give up at once the second finds nobody: one holder's lock is gone before it is tried again.
    if (flock(keeping.lock, LOCK_EX | LOCK_NB) == 0 && is_found(keeping.lock, keeping.directory, keeping.lock_name)) {
        remove_bridge(keeping);
        (void)unlinkat(keeping.directory, keeping.lock_name, 0);  // what stays is taken by the next
    }
    (void)flock(keeping.lock, LOCK_UN);  // also where others share this holder
}

void keep(const Keeping& given, SharedBridge::Wait wait) noexcept {
    Keeping keeping = given;
    char link[16] = "";  // the heap may go
    std::strncpy(link, given.link, sizeof link - 1);
    keeping.link = link;
    char lock_name[256] = "";
    std::strncpy(lock_name, given.lock_name, sizeof lock_name - 1);
    keeping.lock_name = lock_name;
    (void)setsid();  // no signal to the launcher's group reaches it
    (void)prctl(PR_SET_NAME, "nsrun-bridge");
    (void)chdir("/");
    int kept[] = {keeping.lock, keeping.directory, keeping.route, keeping.word, keeping.life};
    close_all_but(kept);
    give_up_privileges();
    const char ready = 'r';
    if (send(keeping.word, &ready, sizeof ready, MSG_NOSIGNAL) == sizeof ready) {
        pollfd watched[] = {{keeping.word, POLLIN, 0}, {keeping.life, POLLIN, 0}};
        wait({watched, std::size(watched)});
    }
    release(keeping);
    _exit(0);
}

}  // namespace nsrun::network
