#include "network/network.h"

#include "base/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

/// What the host believes of what it hears about routers. Netlink has no word for it. Source: the kernel's
/// Documentation/networking/ip-sysctl.rst, accept_ra.
namespace nsrun::network {

Result<> ignore_routers(const std::string& link) {
    const std::string setting = fmt::format("/proc/sys/net/ipv6/conf/{}/accept_ra", link);
    const auto present = read_file(setting, 16);
    if (!present && present.error().code == ENOENT) return {};  // no IPv6
    if (present && present->starts_with('0')) return {};
    const Fd file(::open(setting.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file || write(file.get(), "0", 1) != 1) {
        auto open = fail(errno, "keep sandboxes from being the host's routers by {}", link);
        open.error().help = "make /proc/sys/net writable, or: sysctl net.ipv6.conf.default.accept_ra=0";
        return open;
    }
    return {};
}

}  // namespace nsrun::network
