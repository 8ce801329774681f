#include "host/capabilities.h"
#include "host/causes.h"
#include "host/probes.h"

#include <base/fd.h>
#include <base/file.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace nsrun::probe {
namespace {

Finding from(Facility facility, const Outcome& outcome, Cause cause) {
    Finding finding{.facility = facility, .present = static_cast<bool>(outcome)};
    if (outcome) return finding;
    finding.cause = std::move(cause.cause);
    finding.remedy = std::move(cause.remedy);
    return finding;
}

struct Type {
    Facility facility;
    const char* name;
    int namespaces;      ///< that own what the file system shows
    const char* hiding;  ///< the host's instance that must be seen whole
};
constexpr auto types = std::to_array<Type>({
    {Facility::tmpfs, "tmpfs", CLONE_NEWNS, ""},
    {Facility::proc, "proc", CLONE_NEWNS | CLONE_NEWPID, "/proc"},
    {Facility::sysfs, "sysfs", CLONE_NEWNS | CLONE_NEWNET, "/sys"},
    {Facility::devpts, "devpts", CLONE_NEWNS, ""},
    {Facility::mqueue, "mqueue", CLONE_NEWNS | CLONE_NEWIPC, ""},
});

/// A private mount tree with an empty writable tmpfs on a directory that every machine has.
Outcome make_workshop(const char* directory) {
    if (const auto entered = enter(CLONE_NEWNS); !entered) return entered;
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return refused("mount");
    const auto made = make_file_system("tmpfs");
    if (!made) return made;
    const Fd mount(static_cast<int>(made.value));
    if (::syscall(SYS_move_mount, mount.get(), "", AT_FDCWD, directory, MOVE_MOUNT_F_EMPTY_PATH) != 0) {
        return refused("move_mount");
    }
    if (::chdir(directory) != 0) return refused("chdir");
    return {};
}

Outcome try_overlay() {
    if (const auto made = make_workshop("/usr"); !made) return made;
    for (const char* name : {"lower", "upper", "work"}) {
        if (::mkdir(name, 0700) != 0) return refused("mkdir");
    }
    const char* const options[] = {"lowerdir", "/usr/lower", "upperdir", "/usr/upper", "workdir", "/usr/work", nullptr};
    return make_file_system("overlay", options);
}

Outcome try_mount_api() {
    open_how how{};
    how.flags = O_PATH | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    const Fd root(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    const Fd file(static_cast<int>(::syscall(SYS_openat2, root.get(), "usr", &how, sizeof how)));
    if (!file) return refused("openat2");
    if (const auto made = make_workshop("/usr"); !made) return made;
    const Fd tree(
        static_cast<int>(::syscall(SYS_open_tree, AT_FDCWD, ".", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE)));
    if (!tree) return refused("open_tree");
    mount_attr attributes{};
    attributes.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID;
    if (::syscall(SYS_mount_setattr, tree.get(), "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes) !=
        0) {
        return refused("mount_setattr");
    }
    if (::mkdir("target", 0700) != 0) return refused("mkdir");
    if (::syscall(SYS_move_mount, tree.get(), "", AT_FDCWD, "target", MOVE_MOUNT_F_EMPTY_PATH) != 0) {
        return refused("move_mount");
    }
    return {};
}

/// A descriptor of a user namespace that a child made and mapped; the child is gone by then.
Fd mapped_namespace() {
    std::array<int, 2> ready{-1, -1};
    if (::pipe2(ready.data(), O_CLOEXEC) != 0) return {};
    const Fd input(ready[0]);
    Fd output(ready[1]);
    const pid_t holder = ::fork();
    if (holder < 0) return {};
    if (holder == 0) {
        char byte = enter(CLONE_NEWUSER) ? 1 : 0;
        (void)::write(output.get(), &byte, 1);
        ::pause();
        ::_exit(0);
    }
    output.reset();
    char byte = 0;
    Fd result;
    if (::read(input.get(), &byte, 1) == 1 && byte == 1) {
        result = Fd(::open(fmt::format("/proc/{}/ns/user", holder).c_str(), O_RDONLY | O_CLOEXEC));
    }
    ::kill(holder, SIGKILL);
    ::waitpid(holder, nullptr, 0);
    return result;
}

Outcome try_idmap() {
    const Fd owner = mapped_namespace();
    if (!owner) return {EPERM, 0, "unshare", 0};
    if (const auto made = make_workshop("/usr"); !made) return made;
    Outcome last;
    // Not every file system can: the one of the programs is tried first, then a tmpfs (from 6.3 on).
    for (const char* path : {"/etc", "/usr"}) {
        const Fd tree(static_cast<int>(::syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)));
        if (!tree) return refused("open_tree");
        mount_attr attributes{};
        attributes.attr_set = MOUNT_ATTR_IDMAP;
        attributes.userns_fd = static_cast<std::uint64_t>(owner.get());
        if (::syscall(SYS_mount_setattr, tree.get(), "", AT_EMPTY_PATH, &attributes, sizeof attributes) == 0) return {};
        last = refused("mount_setattr");
    }
    return last;
}

}  // namespace

Finding file_system(Facility facility) {
    for (const auto& type : types) {
        if (type.facility != facility) continue;
        const auto outcome = attempt([&]() -> Outcome {
            if (const auto entered = enter(type.namespaces); !entered) return entered;
            // Only children are in a new pid namespace, and a procfs shows the one of who mounts it.
            return attempt([&] { return make_file_system(type.name); });
        });
        return from(facility, outcome, outcome ? Cause{} : why_no_mount(outcome, type.name, type.hiding));
    }
    return {.facility = facility};
}

Finding overlay(Facility facility) {
    const auto outcome = attempt(try_overlay);
    return from(facility, outcome, outcome ? Cause{} : why_no_mount(outcome, "overlay", ""));
}

Finding mount_api(Facility facility) {
    const auto outcome = attempt(try_mount_api);
    if (outcome) return from(facility, outcome, {});
    const bool namespaces = std::strcmp(outcome.call, "unshare") == 0 || std::strstr(outcome.call, "_map") != nullptr;
    if (namespaces) return from(facility, outcome, why_no_namespace(Namespace::mount, outcome));
    if (outcome.error != ENOSYS) return from(facility, outcome, why_no_mount(outcome, "tmpfs", ""));
    return from(facility, outcome, why_no_call(outcome, "CONFIG_NAMESPACES", "5.14"));
}

Finding idmapped_mounts(Facility facility) {
    if (!has_sys_admin()) {
        return {.facility = facility,
                .cause = "only root maps the owners of a mount",
                .remedy = "run nsrun as root where a profile needs owner-map"};
    }
    const auto outcome = attempt(try_idmap);
    if (outcome || outcome.error != EINVAL) {
        return from(facility, outcome, outcome ? Cause{} : why_no_mount(outcome, "tmpfs", ""));
    }
    return from(facility, outcome,
                {"neither the file system of /etc nor a tmpfs can be mapped", "use a kernel from 6.3 on"});
}

}  // namespace nsrun::probe
