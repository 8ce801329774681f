#include "plan/mount_expand.h"

#include <array>

/// /dev: what every program expects, and nothing that reaches hardware.
namespace nsrun {

namespace {

constexpr std::array nodes{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"};

struct Link {
    const char* path;
    const char* text;
};
constexpr std::array links{
    Link{"/dev/fd", "/proc/self/fd"},       Link{"/dev/stdin", "/proc/self/fd/0"},
    Link{"/dev/stdout", "/proc/self/fd/1"}, Link{"/dev/stderr", "/proc/self/fd/2"},
    Link{"/dev/ptmx", "pts/ptmx"},
};

void add_minimal(const MountRequest& request, MountWishes& wishes) {
    const Span& why = request.profile.filesystem.dev.at;
    const auto part = [&](MountStep step) {
        wishes.push_back({.what = std::move(step), .rank = Rank::base, .why = why, .part_of = "/dev"});
    };
    part(MountTmpfs{.target = "/dev",
                    .uid = request.identity.builder_uid,
                    .gid = request.identity.builder_gid,
                    .attributes = kernel_attributes});
    for (const char* path : nodes) {
        // Read-only: devices are written all the same, but not renamed, nor given to others with chmod(2).
        part(BindMount{.source = path,
                       .target = path,
                       .kind = NodeKind::file,
                       .recursive = false,
                       .attributes = device_attributes});
    }
    for (const Link& link : links) part(MakeSymlink{link.path, link.text});
    part(MountKernelFs{.type = "devpts",
                       .target = "/dev/pts",
                       .options = "newinstance,ptmxmode=0666,mode=620",
                       .attributes = device_attributes});
    part(MountTmpfs{.target = "/dev/shm",
                    .mode = {01777},
                    .uid = request.identity.builder_uid,
                    .gid = request.identity.builder_gid,
                    .attributes = plain_attributes});
}

}  // namespace

void expand_dev(const MountRequest& request, MountWishes& wishes) {
    const auto& dev = request.profile.filesystem.dev;
    if (!counts(request, dev)) return;
    if (*dev == Dev::minimal) return add_minimal(request, wishes);
    // The host's uid 0 could make, move and give away the host's devices: only shared memory is written as files are.
    const auto host = [&](std::string path, Access access) {
        wishes.push_back({.what = BindMount{.source = path,
                                            .target = path,
                                            .access = access,
                                            .attributes = {MOUNT_ATTR_NOSUID}},
                          .rank = Rank::base,
                          .why = dev.at});
    };
    host("/dev", Access::read_only);
    if (request.host.exists("/dev/shm")) host("/dev/shm", Access::read_write);
}

}  // namespace nsrun
