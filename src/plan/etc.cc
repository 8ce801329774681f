#include "plan/etc_files.h"
#include "plan/mount_expand.h"
#include "plan/mount_paths.h"
#include "plan/network.h"
#include "plan/pod.h"
#include "plan/uplink.h"

#include <fmt/format.h>

#include <array>

/// /etc: what programs need to run, and nothing that tells of the host's users, services and networks.
namespace nsrun {

namespace {

constexpr std::string_view directory = "/etc";
constexpr const char* hosts_file = "/etc/hosts";

/// What `minimal` shows of the host's /etc where the host has it. Each costs a mount at every start, so a row says whom
/// it is for; what only one program needs belongs into that program's profile, unless the program does not start
/// without.
constexpr std::array shown{
    "/etc/ld.so.cache",      // every dynamic program: without it each library is searched for
    "/etc/alternatives",     // Debian: libblas, java, editors are links through it; ffmpeg does not link without
    "/etc/ssl",              // certificates
    "/etc/pki",              // certificates, as Fedora keeps them
    "/etc/ca-certificates",  // certificates, as Arch keeps them
    "/etc/crypto-policies",  // Fedora: OpenSSL and GnuTLS read their defaults here
    "/etc/localtime",        // time zone
    "/etc/fonts",            // fontconfig
    "/etc/services",         // getservbyname(3)
    "/etc/protocols",        // getprotobyname(3)
    "/etc/mime.types",       // python, mutt, web servers
    "/etc/chromium.d",       // Debian: the wrapper of Chromium exits without
    "/etc/libreoffice",      // LibreOffice does not start without
    "/etc/ImageMagick-6",    // its policy
    "/etc/ImageMagick-7",    // its policy
    "/etc/java-11-openjdk",  // Debian: the configuration of the virtual machine is a link to here
    "/etc/java-17-openjdk",  // the same
    "/etc/java-21-openjdk",  // the same
};

MountWish part(MountStep step, const Span& why) {
    return {.what = std::move(step), .rank = Rank::base, .why = why, .part_of = directory};
}

/// Shows one path of the host's /etc; a link into /usr, which is there anyway, is made again instead of mounted.
MountWish show(const PathFact& fact, std::string path, const Span& why) {
    const auto leads = fact.link.empty() ? std::string() : link_target(parent(path), fact.link);
    if (below(leads, "/usr")) return part(MakeSymlink{std::move(path), leads}, why);
    const auto kind = fact.kind == PathKind::directory ? NodeKind::directory : NodeKind::file;
    return part(BindMount{.source = path, .target = path, .kind = kind, .attributes = plain_attributes}, why);
}

/// The file that tells of the pod's members, as they come and go.
MountWish show_members(const MountRequest& request, std::string target) {
    return part(BindMount{.source = pod_hosts(request.profile, request.context),
                          .target = std::move(target),
                          .kind = NodeKind::file,
                          .attributes = plain_attributes},
                request.profile.network.mode.at);
}

/// The files that nsrun writes, whatever else of /etc is shown.
void add_files(const MountRequest& request, MountWishes& wishes) {
    const Span& why = request.profile.filesystem.etc.at;
    const auto file = [&](std::string path, std::string content) {
        if (!content.empty())
            wishes.push_back(part(MakeFile{.path = std::move(path), .content = std::move(content)}, why));
    };
    file("/etc/passwd", passwd_text(request));
    file("/etc/group", group_text(request));
    if (*request.profile.network.mode == NetworkMode::pod) {
        wishes.push_back(show_members(request, hosts_file));
        file("/etc/host.conf", "multi on\n");  // else glibc finds the first address of a name alone
    } else {
        file(hosts_file, hosts_text(request));
    }
    file("/etc/nsswitch.conf", nsswitch_text(request));
    file("/etc/machine-id", machine_id_text(request));
    if (const auto hostname = hostname_text(request); !hostname.empty()) file("/etc/hostname", hostname + "\n");
    file("/etc/resolv.conf", resolver_text(request));
    wishes.push_back(part(MakeSymlink{"/etc/os-release", "../usr/lib/os-release"}, why));
}

/// The directory itself: one of the new root, or an empty file system over the one of the host's tree.
void add_directory(const MountRequest& request, MountWishes& wishes) {
    const Span& why = request.profile.filesystem.etc.at;
    MountStep step = MakeDirectory{.path = std::string(directory)};
    if (!root_source(request).empty()) {
        step = MountTmpfs{.target = std::string(directory),
                          .uid = request.identity.builder_uid,
                          .gid = request.identity.builder_gid,
                          .access = Access::read_only,
                          .attributes = plain_attributes};
    }
    wishes.push_back({.what = std::move(step), .rank = Rank::base, .why = why});
}

void add_minimal(const MountRequest& request, MountWishes& wishes) {
    for (const char* path : shown) {
        const PathFact* fact = request.host.path(path);
        if (!fact || fact->kind == PathKind::absent || fact->kind == PathKind::denied) continue;
        wishes.push_back(show(*fact, path, request.profile.filesystem.etc.at));
    }
}

void add_named(const MountRequest& request, MountWishes& wishes) {
    for (const auto& name : request.profile.filesystem.etc->names) {
        std::string_view text = *name;
        const bool optional = text.starts_with('-');
        if (optional) text.remove_prefix(1);
        const auto relative = normal(fmt::format("/{}", text));
        if (text.starts_with('/') || !relative || *relative == "/") {
            request.diagnostics.error(Code::bad_path, name.at, fmt::format("'{}' is not a name in /etc", *name),
                                      R"(write a name such as "ssl" or "default/locale")");
            continue;
        }
        const std::string path = joined(directory, *relative);
        const PathFact* fact = request.host.path(path);
        if (!fact) continue;
        if (fact->kind == PathKind::absent || fact->kind == PathKind::denied) {
            if (optional) continue;
            request.diagnostics.error(Code::missing_source, name.at, fmt::format("{} does not exist", path),
                                      fmt::format("remove it, or write \"-{}\" to run without it", text));
            continue;
        }
        auto wish = show(*fact, path, name.at);
        wish.rank = Rank::named;
        wishes.push_back(std::move(wish));
    }
}

/// The host's /etc as it is. Resolver files often are links into /run, which the sandbox has of its own.
void add_host(const MountRequest& request, MountWishes& wishes) {
    const Span& why = request.profile.filesystem.etc.at;
    const std::string path(directory);
    wishes.push_back({.what = BindMount{.source = path, .target = path, .attributes = plain_attributes},
                      .rank = Rank::base,
                      .why = why});
    if (request.identity.host_root_inside) {
        for (const char* secret : {"/etc/shadow", "/etc/gshadow", "/etc/shadow-", "/etc/gshadow-"}) {
            const PathFact* fact = request.host.path(secret);
            if (!fact || fact->kind == PathKind::absent) continue;
            wishes.push_back(part(Mask{secret, NodeKind::file}, why));
        }
    }
    const PathFact* resolver = request.host.path("/etc/resolv.conf");
    if (*request.profile.network.mode != NetworkMode::host || !root_source(request).empty()) return;
    std::string text(request.host.text("/etc/resolv.conf"));
    if (!resolver || !below(resolver->real, "/run") || text.empty()) return;
    wishes.push_back(part(MakeFile{.path = resolver->real, .content = std::move(text)}, why));
}

/// Where a file is that the host's tree or an image has: often a link into /run. Nothing where it has none: it cannot be
/// made without writing there.
std::string place_of(const MountRequest& request, const char* file) {
    const std::string root = root_source(request);
    const PathFact* fact = request.host.path(root.empty() ? file : joined(root, file));
    if (!fact || fact->kind == PathKind::absent) return {};
    const bool elsewhere = !fact->link.empty() && (root.empty() || root == "/");
    return elsewhere ? fact->real : file;
}

/// Whom to ask for names, and what those of a pod's members are, over what the host's tree or an image says: nobody there
/// can be reached.
void add_names(const MountRequest& request, MountWishes& wishes) {
    if (goes_out(request.profile)) {
        std::string text = resolver_text(request), place = place_of(request, resolver_file);
        if (!place.empty() && !text.empty()) {
            wishes.push_back(part(MakeFile{.path = std::move(place), .content = std::move(text)}, request.profile.filesystem.etc.at));
        }
    }
    if (*request.profile.network.mode == NetworkMode::pod) {
        std::string place = place_of(request, hosts_file);
        if (!place.empty()) wishes.push_back(show_members(request, std::move(place)));
    }
}

}  // namespace

void expand_etc(const MountRequest& request, MountWishes& wishes) {
    const auto& etc = request.profile.filesystem.etc;
    // A root with files of its own has its own /etc, too, unless the profile says otherwise.
    if (!counts(request, etc) || (!root_source(request).empty() && !etc.written())) {
        if (!root_source(request).empty()) add_names(request, wishes);
        return;
    }
    if (!etc->listed && etc->word == Etc::host) {
        if (*request.profile.filesystem.base != Base::host_ro) add_host(request, wishes);
        add_names(request, wishes);
        return;
    }
    add_directory(request, wishes);
    add_files(request, wishes);
    if (etc->listed) {
        add_named(request, wishes);
    } else {
        add_minimal(request, wishes);
    }
}

}  // namespace nsrun
