#include "plan/mount_expand.h"

#include <array>

namespace nsrun {

namespace {

/// Directories of the root that are links into /usr on a merged system, and directories of their own on others.
constexpr std::array merged{"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"};

MountWish own(MountStep step, const Span& why) {
    return {.what = std::move(step), .rank = Rank::base, .why = why};
}

void add_system(const MountRequest& request, MountWishes& wishes) {
    const Span& why = request.profile.filesystem.base.at;
    const auto bind = [&](std::string path) {
        wishes.push_back(own(BindMount{.source = path, .target = path, .attributes = plain_attributes}, why));
    };
    const auto link = [&](std::string path, std::string text) {
        wishes.push_back(own(MakeSymlink{std::move(path), std::move(text)}, why));
    };
    const auto directory = [&](std::string path) {
        wishes.push_back(own(MakeDirectory{.path = std::move(path)}, why));
    };
    bind("/usr");
    for (const char* path : merged) {
        const PathFact* fact = request.host.path(path);
        if (!fact || (fact->kind == PathKind::absent && fact->link.empty())) continue;
        if (fact->link.empty()) {
            bind(path);
        } else {
            link(path, fact->link);
        }
    }
    directory("/run");
    directory("/run/lock");
    directory("/var");
    link("/var/run", "../run");
    link("/var/lock", "../run/lock");
    if (*request.profile.filesystem.tmp != Tmp::host) link("/var/tmp", "../tmp");
}

}  // namespace

void expand_base(const MountRequest& request, MountWishes& wishes) {
    if (*request.profile.filesystem.base == Base::system) add_system(request, wishes);
}

void expand_tmp(const MountRequest& request, MountWishes& wishes) {
    const auto& tmp = request.profile.filesystem.tmp;
    if (!counts(request, tmp)) return;
    const bool of_host = !root_source(request).empty();
    if (*tmp == Tmp::host) {
        if (*request.profile.filesystem.base == Base::host) return;
        for (const char* path : {"/tmp", "/var/tmp"}) {
            if (!request.host.exists(path)) continue;
            wishes.push_back(own(
                BindMount{.source = path, .target = path, .access = Access::read_write, .attributes = plain_attributes},
                tmp.at));
        }
        return;
    }
    const auto empty = [&](std::string target) {
        wishes.push_back(own(MountTmpfs{.target = std::move(target),
                                        .mode = {01777},
                                        .uid = request.identity.builder_uid,
                                        .gid = request.identity.builder_gid,
                                        .attributes = plain_attributes},
                             tmp.at));
    };
    empty("/tmp");
    if (of_host) empty("/var/tmp");
}

}  // namespace nsrun
