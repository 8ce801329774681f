#include "host/own_program.h"

#include <base/fd.h>
#include <base/file.h>

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <cerrno>

namespace nsrun {
namespace {

/// True when both are the same file on the same mount. Source: statx(2), STATX_MNT_ID.
bool same(const struct statx& one, const struct statx& other) {
    return (one.stx_mask & other.stx_mask & STATX_MNT_ID) != 0 && one.stx_mnt_id == other.stx_mnt_id &&
           one.stx_ino == other.stx_ino && one.stx_dev_major == other.stx_dev_major &&
           one.stx_dev_minor == other.stx_dev_minor;
}

}  // namespace

Result<> check_own_program() {
    struct statfs proc {};
    const Fd program(::open("/proc/self/exe", O_PATH | O_CLOEXEC));
    if (!program || ::statfs("/proc/self", &proc) != 0) return fail(errno, "open /proc/self/exe");
    if (proc.f_type != PROC_SUPER_MAGIC) return fail(0, "/proc is not a procfs");
    const auto path = NSRUN_TRY(read_link(AT_FDCWD, "/proc/self/exe"));
    constexpr unsigned wanted = STATX_INO | STATX_MNT_ID;
    struct statx running {};
    struct statx shown {};
    if (::statx(program.get(), "", AT_EMPTY_PATH, wanted, &running) != 0) return fail(errno, "look at /proc/self/exe");
    if (::statx(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW, wanted, &shown) == 0 && same(running, shown)) return {};
    auto elsewhere = fail(0, "nsrun runs from {}, which is not the file that is seen there", path);
    elsewhere.error().help = "start nsrun by a path, from the mounts that it runs on";
    return elsewhere;
}

}  // namespace nsrun
