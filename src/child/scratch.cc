#include "child/steps.h"

/// A tmpfs that things are made in before they are mounted one by one. It is attached to the root meanwhile: kernels
/// before 6.15 clone and overlay only what is attached.
namespace nsrun::child {

Outcome open_scratch(int root, Held& tree) noexcept {
    const Held context{fsopen("tmpfs")};
    if (context.get() < 0) return refused(Call::fsopen, context.get());
    tree.reset(create_mount(context.get(), MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV));
    if (tree.get() < 0) return refused(Call::fsmount, tree.get());
    const long answer = move_mount(tree.get(), root);
    return answer < 0 ? refused(Call::move_mount, answer) : done();
}

Outcome close_scratch(const Setup& setup, const Held& tree) noexcept {
    if (const long answer = call(SYS_fchdir, tree.get()); answer < 0) return refused(Call::chdir, answer);
    if (const long answer = call(SYS_umount2, ".", detach_mount); answer < 0) return refused(Call::umount2, answer);
    const long answer = call(SYS_fchdir, setup.root);
    return answer < 0 ? refused(Call::chdir, answer) : done();
}

long clone_read_only(int tree, const char* name, std::uint64_t attributes) noexcept {
    const long clone = open_tree(tree, name, OPEN_TREE_CLONE);
    if (clone < 0) return clone;
    const std::uint64_t set = attributes | MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
    const long answer = mount_setattr(static_cast<int>(clone), false, set, MS_PRIVATE);
    if (answer >= 0) return clone;
    call(SYS_close, clone);
    return answer;
}

}  // namespace nsrun::child
