#include "child/steps.h"

#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#include <cerrno>

/// Privileges given up: ids, capabilities, the system call filter.
namespace nsrun::child {
namespace {

constexpr std::uint64_t setpcap = std::uint64_t{1} << CAP_SETPCAP;

/// Sets the three sets of this process.
long set_sets(std::uint64_t effective, std::uint64_t permitted, std::uint64_t inheritable) noexcept {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2];
    for (unsigned half = 0; half < 2; ++half) {
        data[half] = {static_cast<std::uint32_t>(effective >> (32 * half)),
                      static_cast<std::uint32_t>(permitted >> (32 * half)),
                      static_cast<std::uint32_t>(inheritable >> (32 * half))};
    }
    return call(SYS_capset, &header, data);
}

/// What this process may have at most, as the kernel says.
long get_permitted(std::uint64_t& permitted) noexcept {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2]{};
    const long answer = call(SYS_capget, &header, data);
    permitted = data[0].permitted | static_cast<std::uint64_t>(data[1].permitted) << 32;
    return answer;
}

Outcome drop_bounding(std::uint64_t keep, std::uint32_t last) noexcept {
    for (std::uint32_t capability = 0; capability <= last; ++capability) {
        if ((keep >> capability & 1) != 0) continue;
        const long answer = call(SYS_prctl, PR_CAPBSET_DROP, capability, 0, 0, 0);
        if (answer >= 0) continue;
        // Without CAP_SETPCAP nothing can be dropped; what is not there need not be.
        if (answer == -EPERM && call(SYS_prctl, PR_CAPBSET_READ, capability, 0, 0, 0) == 0) continue;
        return refused(Call::bounding, answer);
    }
    return done();
}

Outcome raise_ambient(std::uint64_t ambient, std::uint32_t last) noexcept {
    if (const long answer = call(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); answer < 0) {
        return refused(Call::ambient, answer);
    }
    for (std::uint32_t capability = 0; capability <= last; ++capability) {
        if ((ambient >> capability & 1) == 0) continue;
        const long answer = call(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0);
        if (answer < 0) return refused(Call::ambient, answer);
    }
    return done();
}

}  // namespace

Outcome run(Setup&, const SetGroups& step) noexcept {
    const long answer = call(SYS_setgroups, step.groups.size(), step.groups.data());
    return answer < 0 ? refused(Call::setgroups, answer) : done();
}

Outcome run(Setup& setup, const SetIds& step) noexcept {
    std::uint64_t permitted = 0;
    if (const long answer = call(SYS_prctl, PR_SET_KEEPCAPS, 1, 0, 0, 0); answer < 0) return refused(Call::prctl, answer);
    if (const long answer = get_permitted(permitted); answer < 0) return refused(Call::capset, answer);
    const long group = call(SYS_setresgid, step.gid, step.gid, step.gid);
    if (group < 0) return refused(Call::setresgid, group);
    const long user = call(SYS_setresuid, step.uid, step.uid, step.uid);
    if (user < 0) return refused(Call::setresuid, user);
    // Leaving uid 0 empties the effective set; the steps to come still need it.
    if (const long answer = set_sets(permitted, permitted, 0); answer < 0) return refused(Call::capset, answer);
    setup.uid = step.uid;
    setup.gid = step.gid;
    const long answer = call(SYS_prctl, PR_SET_KEEPCAPS, 0, 0, 0, 0);
    return answer < 0 ? refused(Call::prctl, answer) : done();
}

Outcome run(Setup&, const SetNoNewPrivileges&) noexcept {
    const long answer = call(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return answer < 0 ? refused(Call::prctl, answer) : done();
}

Outcome run(Setup&, const SetCapabilities& step) noexcept {
    std::uint64_t permitted = 0;
    if (const long answer = get_permitted(permitted); answer < 0) return refused(Call::capset, answer);
    const std::uint64_t keep = step.keep.bits;
    // CAP_SETPCAP stays until the bounding set and the securebits are done. Ambient capabilities come before the
    // securebits, which may forbid to raise them, and need to be permitted and inheritable.
    if (const long answer = set_sets(permitted, permitted, 0); answer < 0) return refused(Call::capset, answer);
    if (const Outcome outcome = drop_bounding(keep, step.last); outcome.failed()) return outcome;
    const std::uint64_t meanwhile = keep | (permitted & setpcap);
    if (const long answer = set_sets(meanwhile, meanwhile, step.ambient.bits); answer < 0) {
        return refused(Call::capset, answer);
    }
    if (const Outcome outcome = raise_ambient(step.ambient.bits, step.last); outcome.failed()) return outcome;
    if (step.securebits != 0) {
        const long answer = call(SYS_prctl, PR_SET_SECUREBITS, step.securebits, 0, 0, 0);
        if (answer < 0) return refused(Call::securebits, answer);
    }
    const long answer = set_sets(keep, keep, step.ambient.bits);
    return answer < 0 ? refused(Call::capset, answer) : done();
}

Outcome run(Setup&, const RestrictAbstractSockets&) noexcept {
    // struct landlock_ruleset_attr and its scope, which headers older than Linux 6.12 do not have.
    constexpr std::uint64_t abstract_unix_socket = 1;
    struct {
        std::uint64_t handled_access_fs, handled_access_net, scoped;
    } const rules{0, 0, abstract_unix_socket};
    const Held ruleset{call(SYS_landlock_create_ruleset, &rules, sizeof rules, 0)};
    if (ruleset.get() < 0) return refused(Call::landlock_ruleset, ruleset.get());
    const long answer = call(SYS_landlock_restrict_self, ruleset.get(), 0);
    return answer < 0 ? refused(Call::landlock_restrict, answer) : done();
}

Outcome run(Setup&, const InstallFilter& step) noexcept {
    const sock_fprog program{static_cast<unsigned short>(step.program.size()),
                             const_cast<sock_filter*>(step.program.data())};
    if (step.program.size() > BPF_MAXINSNS) return {Call::seccomp, E2BIG};
    const long answer = call(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
    return answer < 0 ? refused(Call::seccomp, answer) : done();
}

}  // namespace nsrun::child
