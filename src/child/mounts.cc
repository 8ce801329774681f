#include "child/steps.h"

#include <cerrno>

namespace nsrun::child {
namespace {

std::uint64_t propagation_flags(Propagation propagation) noexcept {
    switch (propagation) {
        case Propagation::private_: return MS_PRIVATE;
        case Propagation::slave: return MS_SLAVE;
        case Propagation::shared: return MS_SHARED;
        case Propagation::unbindable: return MS_UNBINDABLE;
    }
    return MS_PRIVATE;
}

/// The bits to clear so that those of `set` can be set: the access time bits are one field.
std::uint64_t cleared(std::uint64_t set) noexcept {
    return (set & (MOUNT_ATTR_NOATIME | MOUNT_ATTR_STRICTATIME)) != 0 ? MOUNT_ATTR__ATIME : 0;
}

}  // namespace

std::uint64_t with_access(const MountAttributes& attributes, Access access) noexcept {
    return attributes.set | (access == Access::read_only ? MOUNT_ATTR_RDONLY : 0);
}

Outcome attach(Setup& setup, int mount, const std::string& target) noexcept {
    // What the last step created lies in a file system of our own, in a directory that is open: it needs no new walk,
    // and as it was empty, nothing that is known can be covered by the mount.
    if (const char* name = just_made(setup, target)) {
        setup.made = nullptr;
        const long answer = call(SYS_move_mount, mount, "", setup.parent.get(), name, MOVE_MOUNT_F_EMPTY_PATH);
        return answer < 0 ? refused(Call::move_mount, answer) : done();
    }
    forget_parent(setup);
    const Held place{open_inside(setup, target.c_str(), O_PATH)};
    if (place.get() < 0) return refused(Call::open_target, place.get());
    const long answer = move_mount(mount, place.get());
    return answer < 0 ? refused(Call::move_mount, answer) : done();
}

Outcome run(Setup& setup, const SetPropagation& step) noexcept {
    const long answer =
        call(SYS_mount, nullptr, "/", nullptr, MS_REC | propagation_flags(step.propagation), nullptr);
    if (answer < 0) return refused(Call::mount, answer);
    setup.propagation_set = step.propagation != Propagation::shared;
    return done();
}

Outcome run(Setup& setup, const MountRoot& step) noexcept {
    // A new root on a shared mount would appear on the host too.
    if (!setup.propagation_set) return {Call::namespaces, EPERM};
    int& source = setup.given.opened[setup.step].mount;
    if (step.source.empty()) {
        const Held context{fsopen("tmpfs")};
        if (context.get() < 0) return refused(Call::fsopen, context.get());
        if (const long answer = set_option(context.get(), "mode", "0755"); answer < 0) {
            return refused(Call::fsconfig, answer);
        }
        const long mount = create_mount(context.get(), MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
        if (mount < 0) return refused(Call::fsmount, mount);
        setup.new_root = static_cast<int>(mount);
        own(setup, setup.new_root);
    } else {
        const std::uint64_t set = with_access({MOUNT_ATTR_NOSUID}, step.access);
        if (const long answer = mount_setattr(source, true, set, MS_PRIVATE); answer < 0) {
            return refused(Call::mount_setattr, answer);
        }
        setup.new_root = source;
        source = -1;
    }
    const long answer = move_mount(setup.new_root, setup.root);
    return answer < 0 ? refused(Call::move_mount, answer) : done();
}

Outcome run(Setup& setup, const PivotRoot&) noexcept {
    if (setup.new_root < 0) return {Call::pivot_root, EINVAL};
    if (const Outcome outcome = make_file_systems(setup); outcome.failed()) return outcome;
    if (const long answer = call(SYS_fchdir, setup.new_root); answer < 0) return refused(Call::chdir, answer);
    // The old root lands on top of the new one, and "." then names it: pivot_root(2), NOTES.
    if (const long answer = call(SYS_pivot_root, ".", "."); answer < 0) return refused(Call::pivot_root, answer);
    if (const long answer = call(SYS_umount2, ".", detach_mount); answer < 0) return refused(Call::umount2, answer);
    forget_parent(setup);
    call(SYS_close, setup.root);
    setup.root = setup.new_root;
    setup.new_root = -1;
    return done();
}

mount_attr attributes_of(const BindMount& step) noexcept {
    const std::uint64_t set = with_access(step.attributes, step.access);
    return {.attr_set = set, .attr_clr = cleared(set), .propagation = propagation_flags(step.propagation), .userns_fd = 0};
}

Outcome run(Setup& setup, const BindMount& step) noexcept {
    const Held mount{setup.given.opened[setup.step].mount};
    setup.given.opened[setup.step].mount = -1;
    if (step.grows) own(setup, mount.get(), true);
    return attach(setup, mount.get(), step.target);
}

Outcome run(Setup& setup, const SetReadOnly& step) noexcept {
    const Held place{open_inside(setup, step.target.c_str(), O_PATH)};
    if (place.get() < 0) return refused(Call::open_target, place.get());
    const long answer = mount_setattr(place.get(), step.recursive, MOUNT_ATTR_RDONLY, 0);
    return answer < 0 ? refused(Call::mount_setattr, answer) : done();
}

}  // namespace nsrun::child
