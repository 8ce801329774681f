#include "child/steps.h"

#include <sys/stat.h>

#include <cerrno>

/// Directories, files and links of the sandbox, created only on mounts that the setup itself made.
namespace nsrun::child {
namespace {

/// Where something is created: an open directory and a name in it.
struct Place {
    int parent = -1;
    const char* name = nullptr;
};

constexpr std::size_t longest_path = 4096;

/// The number of the mount that a descriptor lies on. Source: statx(2), STATX_MNT_ID.
long mount_of(int descriptor, std::uint64_t& mount) noexcept {
    struct statx about {};
    const long answer = call(SYS_statx, descriptor, "", AT_EMPTY_PATH, STATX_MNT_ID, &about);
    mount = about.stx_mnt_id;
    return answer < 0 || (about.stx_mask & STATX_MNT_ID) != 0 ? answer : -ENOTSUP;
}

/// Opens the directory of `path` as setup.parent. Nothing is ever created in a tree of the host.
Outcome enter_directory(Setup& setup, std::string_view directory) noexcept {
    forget_parent(setup);
    setup.parent.reset(open_directory(setup.root, directory, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS));
    if (setup.parent.get() < 0) return refused(Call::open_parent, setup.parent.get());
    std::uint64_t mount = 0;
    const long answer = mount_of(setup.parent.get(), mount);
    bool own = false;
    for (std::size_t index = setup.own_mounts; index-- > 0 && !own;) {
        own = setup.given.own_mounts[index].id == mount;
        setup.parent_shared = setup.given.own_mounts[index].shared;
    }
    if (answer >= 0 && own) {
        setup.parent_path = directory;
        return done();
    }
    forget_parent(setup);
    return {Call::own_file_system, answer < 0 ? static_cast<int>(-answer) : EXDEV};
}

/// Opens the directory that `path` will be created in. What is created beside the last one, as hundreds of mount points
/// are, finds it open.
Outcome open_parent(Setup& setup, const std::string& path, Place& place) noexcept {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos || slash + 1 == path.size()) return {Call::open_parent, EINVAL};
    setup.made = nullptr;
    const std::string_view directory(path.data(), slash);
    if (setup.parent.get() < 0 || setup.parent_path != directory) {
        if (const Outcome outcome = enter_directory(setup, directory); outcome.failed()) return outcome;
    }
    place = {setup.parent.get(), path.c_str() + slash + 1};
    return done();
}

Outcome set_owner(const Setup& setup, const Place& place, std::uint32_t uid, std::uint32_t gid) noexcept {
    if (uid == setup.uid && gid == setup.gid) return done();
    const long answer = call(SYS_fchownat, place.parent, place.name, uid, gid, AT_SYMLINK_NOFOLLOW);
    return answer < 0 ? refused(Call::chown, answer) : done();
}

/// True when another sandbox of the same profile, that started at the same time, made this mount point. What lies there
/// may be a link by the time something is mounted: the target is resolved anew, inside the root.
bool made_by_another(const Setup& setup, const Place& place, unsigned kind) noexcept {
    struct stat about;
    if (!setup.parent_shared) return false;
    return call(SYS_newfstatat, place.parent, place.name, &about, AT_SYMLINK_NOFOLLOW) == 0 && (about.st_mode & S_IFMT) == kind;
}

Outcome create_file(const Setup& setup, const Place& place, const MakeFile& step) noexcept {
    const Held file{call(SYS_openat, place.parent, place.name,
                         O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, step.mode.bits)};
    if (file.get() == -EEXIST && step.content.empty() && made_by_another(setup, place, S_IFREG)) return done();
    if (file.get() < 0) return refused(Call::create, file.get());
    for (std::size_t written = 0; written < step.content.size();) {
        const long answer = call(SYS_write, file.get(), step.content.data() + written, step.content.size() - written);
        if (answer < 0) return refused(Call::write, answer);
        written += static_cast<std::size_t>(answer);
    }
    if (const Outcome outcome = set_owner(setup, place, step.uid, step.gid); outcome.failed()) return outcome;
    if ((step.mode.bits & 07000) == 0) return done();
    // A change of owner clears these bits.
    const long answer = call(SYS_fchmod, file.get(), step.mode.bits);
    return answer < 0 ? refused(Call::chmod, answer) : done();
}

/// Mounts the file over the one that is there. Read-only: what would be written to it would be lost at the end.
Outcome cover(Setup& setup, const MakeFile& step) noexcept {
    Held scratch;
    if (const Outcome outcome = open_scratch(setup.root, scratch); outcome.failed()) return outcome;
    const Place place{scratch.get(), "file"};
    const Outcome made = create_file(setup, place, step);
    const Held file{made.failed() ? -1 : clone_read_only(place.parent, place.name, 0)};
    if (const Outcome outcome = close_scratch(setup, scratch); outcome.failed()) return outcome;
    if (made.failed()) return made;
    if (file.get() < 0) return refused(Call::mount_setattr, file.get());
    return attach(setup, file.get(), step.path);
}

}  // namespace

long open_directory(int from, std::string_view path, std::uint64_t resolve) noexcept {
    char name[longest_path];
    if (path.size() >= sizeof name) return -ENAMETOOLONG;
    for (std::size_t index = 0; index < path.size(); ++index) name[index] = path[index];
    name[path.size()] = '\0';
    return openat2(from, path.empty() ? "/" : name, O_PATH | O_DIRECTORY, resolve);
}

long open_inside(const Setup& setup, const char* path, std::uint64_t flags) noexcept {
    return openat2(setup.root, path, flags, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

const char* just_made(const Setup& setup, std::string_view target) noexcept {
    const std::size_t slash = target.rfind('/');
    if (setup.made == nullptr || slash == std::string_view::npos) return nullptr;
    std::string_view directory = target, name = target;
    directory.remove_suffix(target.size() - slash);
    name.remove_prefix(slash + 1);
    return directory == setup.parent_path && name == setup.made ? setup.made : nullptr;
}

void forget_parent(Setup& setup) noexcept {
    setup.parent.reset();
    setup.parent_path = {};
    setup.made = nullptr;
}

void own(Setup& setup, int descriptor, bool shared) noexcept {
    if (setup.own_mounts == setup.given.own_mounts.size()) return;
    OwnMount& mount = setup.given.own_mounts[setup.own_mounts];
    mount.shared = shared;
    if (mount_of(descriptor, mount.id) >= 0) ++setup.own_mounts;
}

Outcome run(Setup& setup, const MakeDirectory& step) noexcept {
    Place place;
    if (const Outcome outcome = open_parent(setup, step.path, place); outcome.failed()) return outcome;
    const long answer = call(SYS_mkdirat, place.parent, place.name, step.mode.bits & 01777);
    if (answer == -EEXIST && made_by_another(setup, place, S_IFDIR)) return done();
    if (answer < 0) return refused(Call::mkdir, answer);
    setup.made = place.name;
    if (const Outcome outcome = set_owner(setup, place, step.uid, step.gid); outcome.failed()) return outcome;
    if ((step.mode.bits & ~01777u) == 0) return done();
    // mkdir ignores the set-group-ID bit.
    const long changed = call(SYS_fchmodat, place.parent, place.name, step.mode.bits);
    return changed < 0 ? refused(Call::chmod, changed) : done();
}

Outcome run(Setup& setup, const MakeFile& step) noexcept {
    if (step.over) return cover(setup, step);
    Place place;
    if (const Outcome outcome = open_parent(setup, step.path, place); outcome.failed()) return outcome;
    const Outcome outcome = create_file(setup, place, step);
    if (!outcome.failed()) setup.made = place.name;
    return outcome;
}

Outcome run(Setup& setup, const MakeSymlink& step) noexcept {
    Place place;
    if (const Outcome outcome = open_parent(setup, step.path, place); outcome.failed()) return outcome;
    const long answer = call(SYS_symlinkat, step.target.c_str(), place.parent, place.name);
    return answer < 0 ? refused(Call::symlink, answer) : done();
}

Outcome run(Setup& setup, const ChangeDirectory& step) noexcept {
    const Held place{open_inside(setup, step.path.c_str(), O_PATH | O_DIRECTORY)};
    if (place.get() < 0) return refused(Call::open_target, place.get());
    if (const long answer = call(SYS_fchdir, place.get()); answer < 0) return refused(Call::chdir, answer);
    // The kernel's own word for a directory that the root does not lead to is "(unreachable)".
    char name[longest_path];
    const long answer = call(SYS_getcwd, name, sizeof name);
    if (answer < 0) return answer == -ERANGE ? done() : refused(Call::chdir, answer);
    return name[0] == '/' ? done() : Outcome{Call::unreachable, EXDEV};
}

}  // namespace nsrun::child
