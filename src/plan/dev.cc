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
        part(BindMount{.source = path,
                       .target = path,
                       .kind = NodeKind::file,
                       .access = Access::read_write,
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
    wishes.push_back(
        {.what =
             BindMount{
                 .source = "/dev", .target = "/dev", .access = Access::read_write, .attributes = {MOUNT_ATTR_NOSUID}},
         .rank = Rank::base,
         .why = dev.at});
}

}  // namespace nsrun
