#include "child/steps.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <cerrno>

/// What the kernel says of this process, against the plan. A call whose failure went unnoticed shows here.
namespace nsrun::child {
namespace {

constexpr long read_only = 1;  ///< ST_RDONLY of statfs(2)

Outcome differs(Call which) noexcept { return {which, EPERM}; }

Outcome check_capabilities(const CheckSelf& step) noexcept {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2]{};
    if (const long answer = call(SYS_capget, &header, data); answer < 0) return refused(Call::check_capabilities, answer);
    for (unsigned half = 0; half < 2; ++half) {
        const auto keep = static_cast<std::uint32_t>(step.keep.bits >> (32 * half));
        const auto ambient = static_cast<std::uint32_t>(step.ambient.bits >> (32 * half));
        if (data[half].effective != keep || data[half].permitted != keep || data[half].inheritable != ambient) {
            return differs(Call::check_capabilities);
        }
    }
    for (unsigned capability = 0; capability < 64; ++capability) {
        const long bounding = call(SYS_prctl, PR_CAPBSET_READ, capability, 0, 0, 0);
        if (bounding < 0) break;  // beyond the last that this kernel knows
        if (bounding != static_cast<long>(step.keep.bits >> capability & 1)) return differs(Call::check_bounding);
        // The kernel keeps no ambient capability that is not inheritable, and those are exactly the planned ones.
        if ((step.ambient.bits >> capability & 1) == 0) continue;
        if (call(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, capability, 0, 0) != 1) return differs(Call::check_ambient);
    }
    return done();
}

Outcome check_securebits(const Plan& plan) noexcept {
    for (const auto& planned : plan.setup) {
        const auto* set = std::get_if<SetCapabilities>(&planned.step);
        if (set == nullptr || set->securebits == 0) continue;
        const long bits = call(SYS_prctl, PR_GET_SECUREBITS, 0, 0, 0, 0);
        if (bits != static_cast<long>(set->securebits)) return differs(Call::check_securebits);
    }
    return done();
}

Outcome check_ids(const CheckSelf& step) noexcept {
    std::uint32_t real = 0, effective = 0, saved = 0;
    call(SYS_getresuid, &real, &effective, &saved);
    if (real != step.uid || effective != step.uid || saved != step.uid) return differs(Call::check_ids);
    call(SYS_getresgid, &real, &effective, &saved);
    if (real != step.gid || effective != step.gid || saved != step.gid) return differs(Call::check_ids);
    return done();
}

Outcome check_root(const Setup& setup, const CheckSelf& step) noexcept {
    const Held root{openat2(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0)};
    if (root.get() < 0) return refused(Call::check_root, root.get());
    struct statfs about;
    if (const long answer = call(SYS_fstatfs, root.get(), &about); answer < 0) return refused(Call::check_root, answer);
    if (step.read_only_root && (about.f_flags & read_only) == 0) return differs(Call::check_root);
    struct stat planned, actual;
    call(SYS_newfstatat, setup.root, "", &planned, AT_EMPTY_PATH);
    call(SYS_newfstatat, root.get(), "", &actual, AT_EMPTY_PATH);
    const bool same = planned.st_dev == actual.st_dev && planned.st_ino == actual.st_ino;
    return same ? done() : differs(Call::check_root);
}

}  // namespace

Outcome run(Setup& setup, const CheckSelf& step) noexcept {
    if (const Outcome outcome = check_capabilities(step); outcome.failed()) return outcome;
    if (const Outcome outcome = check_securebits(setup.given.plan); outcome.failed()) return outcome;
    if (call(SYS_prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != (step.no_new_privileges ? 1 : 0)) {
        // Set by the caller already, it cannot be unset; stricter than planned is not a failure.
        if (step.no_new_privileges) return differs(Call::check_privileges);
    }
    if (const Outcome outcome = check_ids(step); outcome.failed()) return outcome;
    if (step.own_session && call(SYS_getsid, 0) != call(SYS_getpid)) return differs(Call::check_session);
    return check_root(setup, step);
}

}  // namespace nsrun::child
