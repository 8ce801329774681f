#include "child/steps.h"

#include <cerrno>

/// What hides a file or a directory: an empty one of mode 0000 on a read-only tmpfs that nobody else can reach. Its
/// source is never looked up in a tree that someone else prepared.
namespace nsrun::child {
namespace {

constexpr std::uint64_t mask_attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

/// Clones what `name` leads to in `tree`, unwritable.
long clone_unwritable(int tree, const char* name) noexcept {
    const long clone = open_tree(tree, name, OPEN_TREE_CLONE);
    if (clone < 0) return clone;
    const long answer = mount_setattr(static_cast<int>(clone), false, mask_attributes, 0, MS_PRIVATE);
    if (answer >= 0) return clone;
    call(SYS_close, clone);
    return answer;
}

/// Makes the first file and the first directory that mask. The tmpfs is attached to the root meanwhile: kernels before
/// 6.15 clone only what is attached.
Outcome make_masks(Setup& setup) noexcept {
    const Held context{fsopen("tmpfs")};
    if (context.get() < 0) return refused(Call::fsopen, context.get());
    const Held tree{create_mount(context.get(), MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)};
    if (tree.get() < 0) return refused(Call::fsmount, tree.get());
    if (const long answer = call(SYS_mkdirat, tree.get(), "directory", 0); answer < 0) return refused(Call::mkdir, answer);
    const Held file{call(SYS_openat, tree.get(), "file", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0)};
    if (file.get() < 0) return refused(Call::create, file.get());
    if (const long answer = move_mount(tree.get(), setup.root); answer < 0) return refused(Call::move_mount, answer);
    const long mask_file = clone_unwritable(tree.get(), "file");
    const long mask_directory = clone_unwritable(tree.get(), "directory");
    setup.mask_file = static_cast<int>(mask_file);
    setup.mask_directory = static_cast<int>(mask_directory);
    if (const long answer = call(SYS_fchdir, tree.get()); answer < 0) return refused(Call::chdir, answer);
    if (const long answer = call(SYS_umount2, ".", detach_mount); answer < 0) return refused(Call::umount2, answer);
    if (const long answer = call(SYS_fchdir, setup.root); answer < 0) return refused(Call::chdir, answer);
    if (mask_file < 0) return refused(Call::mount_setattr, mask_file);
    return mask_directory < 0 ? refused(Call::mount_setattr, mask_directory) : done();
}

}  // namespace

Outcome run(Setup& setup, const Mask& step) noexcept {
    const Held place{open_inside(setup, step.target.c_str(), O_PATH)};
    if (place.get() == -ENOENT) return done();  // nothing to hide
    if (place.get() < 0) return refused(Call::open_target, place.get());
    if (setup.mask_file < 0) {
        if (const Outcome outcome = make_masks(setup); outcome.failed()) return outcome;
    }
    int& mask = step.kind == NodeKind::file ? setup.mask_file : setup.mask_directory;
    const Held next{open_tree(mask, "", OPEN_TREE_CLONE | AT_EMPTY_PATH)};
    // Before 6.15 the first one cannot be cloned before it is attached; it is used itself, and stays to be cloned.
    if (const long answer = move_mount(next.get() < 0 ? mask : next.get(), place.get()); answer < 0) {
        return refused(Call::move_mount, answer);
    }
    return done();
}

}  // namespace nsrun::child
