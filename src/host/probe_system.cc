#include "host/causes.h"
#include "host/probes.h"

#include <base/fd.h>
#include <base/file.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

namespace nsrun::probe {
namespace {

constexpr const char* hierarchy = "/sys/fs/cgroup";

bool unified() {
    struct statfs status {};
    return ::statfs(hierarchy, &status) == 0 && status.f_type == CGROUP2_SUPER_MAGIC;
}

/// The directory of the cgroup that this process is in; empty when it is in none of the unified hierarchy.
std::string own_cgroup() {
    const auto text = read_file("/proc/self/cgroup", 64 * 1024);
    if (!text) return {};
    const auto start = text->starts_with("0::") ? 0 : text->find("\n0::");
    if (start == std::string::npos) return {};
    const auto path = start == 0 ? 3 : start + 4;
    return hierarchy + text->substr(path, text->find('\n', path) - path);
}

bool is_socket(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode);
}

bool exists(const char* path) {
    return ::faccessat(AT_FDCWD, path, F_OK, 0) == 0;
}

Finding wayland() {
    Finding finding{.facility = Facility::wayland};
    const char* const display = std::getenv("WAYLAND_DISPLAY");
    const char* const runtime = std::getenv("XDG_RUNTIME_DIR");
    if (display == nullptr || *display == '\0') {
        finding.cause = "WAYLAND_DISPLAY is not set";
        finding.remedy = "start nsrun from a Wayland session";
        return finding;
    }
    finding.detail = *display == '/' ? display : fmt::format("{}/{}", runtime ? runtime : "", display);
    finding.present = is_socket(finding.detail);
    if (!finding.present) finding.cause = "the socket does not exist";
    return finding;
}

Finding x11() {
    Finding finding{.facility = Facility::x11};
    const char* const display = std::getenv("DISPLAY");
    finding.present = display != nullptr && *display != '\0';
    if (finding.present) {
        finding.detail = display;
    } else {
        finding.cause = "DISPLAY is not set";
        finding.remedy = "start nsrun from an X11 session";
    }
    return finding;
}

Finding fuse() {
    Finding finding{.facility = Facility::fuse};
    const Fd device(::open("/dev/fuse", O_RDWR | O_CLOEXEC));
    finding.present = static_cast<bool>(device);
    if (finding.present) return finding;
    const int error = errno;
    finding.cause = fmt::format("/dev/fuse: {}", strerrordesc_np(error));
    finding.remedy = error == EACCES ? "as root: chmod 0666 /dev/fuse" : "as root: modprobe fuse";
    return finding;
}

}  // namespace

Finding cgroup2(Facility facility) {
    Finding finding{.facility = facility, .present = unified()};
    if (finding.present) return finding;
    finding.cause =
        exists(hierarchy) ? "/sys/fs/cgroup is the hierarchy of cgroup v1, or none" : "/sys/fs/cgroup does not exist";
    finding.remedy = "start the kernel with systemd.unified_cgroup_hierarchy=1, or mount cgroup2 on /sys/fs/cgroup";
    return finding;
}

Finding cgroup_delegation(Facility facility) {
    Finding finding{.facility = facility};
    if (!unified()) {
        finding.cause = "it needs cgroup2";
        return finding;
    }
    const std::string directory = own_cgroup();
    if (directory.empty() || ::faccessat(AT_FDCWD, directory.c_str(), W_OK, 0) != 0 ||
        ::faccessat(AT_FDCWD, (directory + "/cgroup.procs").c_str(), W_OK, 0) != 0) {
        finding.cause = fmt::format("{} is not writable", directory.empty() ? hierarchy : directory);
        finding.remedy = "start nsrun by: systemd-run --user --scope -p Delegate=yes nsrun ...";
        return finding;
    }
    finding.present = true;
    finding.detail = setting((directory + "/cgroup.controllers").c_str());
    return finding;
}

Finding security_module(Facility facility) {
    Finding finding{.facility = facility};
    if (facility == Facility::apparmor) {
        finding.present = setting("/sys/module/apparmor/parameters/enabled") == "Y";
        if (!finding.present) finding.cause = "the kernel has it not, or it is switched off";
        return finding;
    }
    finding.present = exists("/sys/fs/selinux/enforce");
    if (!finding.present) finding.cause = "the kernel has it not, or it is switched off";
    if (finding.present) finding.detail = setting("/sys/fs/selinux/enforce") == "1" ? "enforcing" : "permissive";
    return finding;
}

Finding surroundings(Facility facility) {
    switch (facility) {
        case Facility::wayland:
            return wayland();
        case Facility::x11:
            return x11();
        case Facility::fuse:
            return fuse();
        default:
            break;
    }
    Finding finding{.facility = facility, .present = exists("/run/systemd/system")};
    if (!finding.present) finding.cause = "something else is the first process of this machine";
    return finding;
}

}  // namespace nsrun::probe
