#include "child/steps.h"

#include <cerrno>

/// What hides a file or a directory: an empty one of mode 0000 on a read-only tmpfs that nobody else can reach. Its
/// source is never looked up in a tree that someone else prepared.
namespace nsrun::child {
namespace {

/// Makes the first file and the first directory that mask.
Outcome make_masks(Setup& setup) noexcept {
    Held tree;
    if (const Outcome outcome = open_scratch(setup.root, tree); outcome.failed()) return outcome;
    if (const long answer = call(SYS_mkdirat, tree.get(), "directory", 0); answer < 0) return refused(Call::mkdir, answer);
    const Held file{call(SYS_openat, tree.get(), "file", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0)};
    if (file.get() < 0) return refused(Call::create, file.get());
    const long mask_file = clone_read_only(tree.get(), "file", MOUNT_ATTR_NOEXEC);
    const long mask_directory = clone_read_only(tree.get(), "directory", MOUNT_ATTR_NOEXEC);
    setup.mask_file = static_cast<int>(mask_file);
    setup.mask_directory = static_cast<int>(mask_directory);
    if (const Outcome outcome = close_scratch(setup, tree); outcome.failed()) return outcome;
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
    forget_parent(setup);
    const Held next{open_tree(mask, "", OPEN_TREE_CLONE | AT_EMPTY_PATH)};
    // Before 6.15 the first one cannot be cloned before it is attached; it is used itself, and stays to be cloned.
    if (const long answer = move_mount(next.get() < 0 ? mask : next.get(), place.get()); answer < 0) {
        return refused(Call::move_mount, answer);
    }
    return done();
}

}  // namespace nsrun::child
