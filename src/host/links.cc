#include "host/links.h"

#include <base/bridge.h>
#include <base/fd.h>
#include <base/file.h>

#include <fmt/format.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <string_view>

namespace nsrun {
namespace {

/// What kind of interface has a name. Asked of a socket and not of /sys, which may show another network namespace.
LinkKind link_kind(int socket, const std::string& name) {
    ifreq request{};
    if (name.size() >= sizeof request.ifr_name) return LinkKind::absent;
    std::memcpy(request.ifr_name, name.data(), name.size());
    if (::ioctl(socket, SIOCGIFINDEX, &request) != 0) return LinkKind::absent;
    ethtool_drvinfo about{};
    about.cmd = ETHTOOL_GDRVINFO;
    request.ifr_data = reinterpret_cast<char*>(&about);
    if (::ioctl(socket, SIOCETHTOOL, &request) != 0 || std::string_view(about.driver) != "bridge") return LinkKind::other;
    const Mac mac = mac_of_bridge(name.c_str());
    const bool own = ::ioctl(socket, SIOCGIFHWADDR, &request) == 0 && std::memcmp(request.ifr_hwaddr.sa_data, mac.data(), mac.size()) == 0;
    return own ? LinkKind::own_bridge : LinkKind::bridge;
}

bool is_on(const char* setting) {
    const auto text = read_file(setting, 16);
    return text && !text->empty() && text->front() != '0';
}

}  // namespace

InterfaceFacts survey_links(const std::vector<std::string>& links) {
    InterfaceFacts facts;
    const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    for (const auto& name : links) facts.links.emplace(name, link_kind(socket.get(), name));
    struct stat about{};
    if (::stat("/proc/self/ns/net", &about) == 0) facts.inode = about.st_ino;
    facts.forwards4 = is_on("/proc/sys/net/ipv4/ip_forward");
    facts.forwards6 = is_on("/proc/sys/net/ipv6/conf/all/forwarding");
    // Without it the names are those of a run that has ended, or the kernel says that they are taken.
    if (::getrandom(&facts.token, sizeof facts.token, 0) != sizeof facts.token) facts.token = static_cast<std::uint32_t>(::getpid());
    return facts;
}

}  // namespace nsrun
