#include "child/steps.h"

#include <linux/keyctl.h>

#include <cerrno>

/// What is set in the kernel for the sandbox's own namespaces. Without the namespace it would be set for the host:
/// then nothing is done but to refuse.
namespace nsrun::child {

Outcome run(Setup& setup, const ForbidUserNamespaces&) noexcept {
    if ((setup.given.clone_flags & CLONE_NEWUSER) == 0) return {Call::namespaces, EPERM};
    const Held file{openat2(setup.proc, "sys/user/max_user_namespaces", O_WRONLY, RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH)};
    if (file.get() < 0) return refused(Call::proc, file.get());
    const long answer = call(SYS_write, file.get(), "0", 1);
    return answer < 0 ? refused(Call::write, answer) : done();
}

Outcome run(Setup& setup, const SetSysctl& step) noexcept {
    if ((setup.given.clone_flags & CLONE_NEWNET) == 0) return {Call::namespaces, EPERM};
    const Held net{openat2(setup.proc, "sys/net", O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH)};
    if (net.get() < 0) return refused(Call::proc, net.get());
    const Held file{openat2(net.get(), step.path.c_str(), O_WRONLY, RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH)};
    if (file.get() < 0) return refused(Call::sysctl, file.get());
    const long answer = call(SYS_write, file.get(), step.value.data(), step.value.size());
    return answer < 0 ? refused(Call::write, answer) : done();
}

Outcome run(Setup& setup, const SetHostname& step) noexcept {
    if ((setup.given.clone_flags & CLONE_NEWUTS) == 0) return {Call::namespaces, EPERM};
    const long answer = call(SYS_sethostname, step.hostname.data(), step.hostname.size());
    return answer < 0 ? refused(Call::sethostname, answer) : done();
}

Outcome run(Setup& setup, const SetDomainname& step) noexcept {
    if ((setup.given.clone_flags & CLONE_NEWUTS) == 0) return {Call::namespaces, EPERM};
    const long answer = call(SYS_setdomainname, step.domainname.data(), step.domainname.size());
    return answer < 0 ? refused(Call::setdomainname, answer) : done();
}

Outcome run(Setup&, const JoinSessionKeyring&) noexcept {
    const long answer = call(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr);
    // A kernel without keyrings has none to share.
    return answer < 0 && answer != -ENOSYS ? refused(Call::keyctl, answer) : done();
}

Outcome run(Setup& setup, const SetUmask& step) noexcept {
    call(SYS_umask, step.mask.bits & 0777);
    setup.umask_set = true;
    return done();
}

}  // namespace nsrun::child
