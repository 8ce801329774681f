#include "host/network.h"
#include "host/probes.h"

#include <base/fd.h>

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace nsrun::probe {

Finding uplink_helper(Facility facility) {
    Finding finding{.facility = facility};
    finding.detail = installed_program(spelling(facility));
    finding.present = !finding.detail.empty();
    if (finding.present) return finding;
    finding.cause = "it is not installed";
    finding.remedy = facility == Facility::pasta ? "as root: apt install passt"
                                                 : "needed only where pasta is missing, or by network.helper; as root: apt install slirp4netns";
    return finding;
}

Finding tun(Facility facility) {
    Finding finding{.facility = facility};
    const Fd device(::open("/dev/net/tun", O_RDWR | O_CLOEXEC));
    finding.present = static_cast<bool>(device);
    if (finding.present) return finding;
    const int error = errno;
    finding.cause = fmt::format("/dev/net/tun: {}", strerrordesc_np(error));
    finding.remedy = error == EACCES ? "as root: chmod 0666 /dev/net/tun"
                                     : "as root: modprobe tun; a container is given it by --device /dev/net/tun";
    return finding;
}

}  // namespace nsrun::probe
