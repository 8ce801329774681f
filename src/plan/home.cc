#include "plan/mount_expand.h"
#include "plan/mount_paths.h"

#include <fmt/format.h>

/// The directories that belong to a person or a program: home, working directory, state, cache, runtime.
namespace nsrun {

namespace {

bool of_host(Base base) {
    return base == Base::host || base == Base::host_ro;
}

MountWish bind_of_home(const MountRequest& request, Access access) {
    return {.what = BindMount{.source = request.context.caller.home,
                              .target = request.identity.home,
                              .access = access,
                              .attributes = plain_attributes},
            .rank = Rank::home,
            .why = request.profile.filesystem.home.at};
}

MountWish private_home(const MountRequest& request) {
    return {.what = BindMount{.source = fmt::format("{}/nsrun/homes/{}", request.context.data_home, own_name(request)),
                              .target = request.identity.home,
                              .beneath = request.context.data_home,
                              .access = Access::read_write,
                              .recursive = false,
                              .attributes = plain_attributes},
            .rank = Rank::home,
            .why = request.profile.filesystem.home.at,
            .ours = true,
            .made = true};
}

MountWish empty_home(const MountRequest& request) {
    return {.what = MountTmpfs{.target = request.identity.home,
                               .mode = {0700},
                               .uid = request.identity.uid,
                               .gid = request.identity.gid,
                               .attributes = plain_attributes},
            .rank = Rank::home,
            .why = request.profile.filesystem.home.at};
}

/// With the host's tree as the root, a home that the sandbox shall not see is hidden.
void hide_home(const MountRequest& request, MountWishes& wishes) {
    if (request.context.caller.home == "/" || !request.host.exists(request.context.caller.home)) return;
    wishes.push_back(
        {.what = Mask{request.context.caller.home}, .rank = Rank::base, .why = request.profile.filesystem.home.at});
}

}  // namespace

void expand_home(const MountRequest& request, MountWishes& wishes) {
    const auto& home = request.profile.filesystem.home;
    if (!counts(request, home)) return;
    const bool host = of_host(*request.profile.filesystem.base);
    if (host && *home != Home::host && *home != Home::host_ro) hide_home(request, wishes);
    // A home of "/", as system users have, is not a place of its own.
    if (request.identity.home == "/" || request.identity.home.empty()) return;
    switch (*home) {
        case Home::tmp:
            return wishes.push_back(empty_home(request));
        case Home::private_:
            return wishes.push_back(private_home(request));
        case Home::host:
            return wishes.push_back(bind_of_home(request, Access::read_write));
        case Home::host_ro:
            return wishes.push_back(bind_of_home(request, Access::read_only));
        case Home::none:
            break;
    }
}

void expand_cwd(const MountRequest& request, MountWishes& wishes) {
    const auto& cwd = request.profile.filesystem.cwd;
    const std::string& path = request.context.caller.cwd;
    if (*cwd == Cwd::none) return;
    if (path.empty()) {
        request.diagnostics.error(Code::missing_source, cwd.at, "the current directory cannot be reached",
                                  "run it from a directory that exists");
        return;
    }
    const auto& home = *request.profile.filesystem.home;
    // The whole home, or everything, must not appear because of where somebody happened to stand.
    if (path == "/" || (path == request.context.caller.home && home != Home::host && home != Home::host_ro)) {
        request.diagnostics.error(Code::conflicting_mounts, cwd.at,
                                  fmt::format("the current directory is {}, which filesystem.{} decides", path,
                                              path == "/" ? "base" : "home"),
                                  R"(run it from another directory, or add --set filesystem.cwd=none)");
        return;
    }
    MountStep step =
        MountOverlay{.target = path, .lower = {path}, .upper = {}, .work = {}, .attributes = plain_attributes};
    if (*cwd != Cwd::overlay) {
        step = BindMount{.source = path,
                         .target = path,
                         .access = *cwd == Cwd::rw ? Access::read_write : Access::read_only,
                         .attributes = plain_attributes};
    }
    wishes.push_back({.what = std::move(step), .rank = Rank::named, .why = cwd.at});
}

void expand_named(const MountRequest& request, MountWishes& wishes) {
    const bool root = request.context.caller.uid == 0;
    /// Calls `each` for every name, as a path below "/".
    const auto for_names = [&](const List<std::string>& names, const auto& each) {
        for (const auto& name : names) {
            const auto relative = normal("/" + *name);
            if (relative && *relative != "/" && !name->starts_with('/')) {
                each(*relative, name.at);
                continue;
            }
            request.diagnostics.error(Code::bad_path, name.at, fmt::format("'{}' is not a name", *name),
                                      R"(write a name such as "web" or "web/sessions")");
        }
    };
    const auto keep = [&](const List<std::string>& names, std::string_view of_user, std::string_view inside) {
        const std::string anchor(root || of_user.empty() ? inside : of_user);
        const std::string outside = root || of_user.empty() ? anchor : joined(anchor, "/nsrun");
        for_names(names, [&](const std::string& name, const Span& why) {
            wishes.push_back({.what = BindMount{.source = joined(outside, name),
                                                .target = joined(inside, name),
                                                .beneath = anchor,
                                                .access = Access::read_write,
                                                .recursive = false,
                                                .attributes = plain_attributes},
                              .rank = Rank::named,
                              .why = why,
                              .ours = true,
                              .made = true});
        });
    };
    keep(request.profile.filesystem.state, request.context.state_home, "/var/lib");
    keep(request.profile.filesystem.cache, request.context.cache_home, "/var/cache");
    for_names(request.profile.filesystem.runtime, [&](const std::string& name, const Span& why) {
        wishes.push_back({.what = MountTmpfs{.target = joined("/run", name),
                                             .uid = request.identity.uid,
                                             .gid = request.identity.gid,
                                             .attributes = plain_attributes},
                          .rank = Rank::named,
                          .why = why});
    });
}

}  // namespace nsrun
