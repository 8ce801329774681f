#include "child/steps.h"

#include <linux/close_range.h>
#include <sys/prctl.h>

#include <cerrno>
#include <csignal>

namespace nsrun::child {
namespace {

Outcome failed_exec(Call which, long answer) noexcept {
    return {which, static_cast<int>(-answer), at_exec};
}

/// Lets exactly the planned descriptors survive the exec; standard ones that are not planned become /dev/null.
Outcome pass_descriptors(const Given& given) noexcept {
    unsigned first = 0;
    bool standard[3] = {};
    for (const int descriptor : given.plan.exec.descriptors) {
        const long answer = call(SYS_fcntl, descriptor, F_SETFD, 0);
        if (answer < 0) return failed_exec(Call::inherit, answer);
        if (descriptor < 3) standard[descriptor] = true;
    }
    for (int descriptor = 0; descriptor < 3; ++descriptor) {
        if (standard[descriptor]) continue;
        const long answer = call(SYS_dup3, given.null, descriptor, 0);
        if (answer < 0) return failed_exec(Call::standard_descriptor, answer);
    }
    first = 3;
    for (const int descriptor : given.plan.exec.descriptors) {
        const auto number = static_cast<unsigned>(descriptor);
        if (number < first) continue;
        if (number > first) {
            const long answer = call(SYS_close_range, first, number - 1, CLOSE_RANGE_CLOEXEC);
            if (answer < 0) return failed_exec(Call::close_range, answer);
        }
        first = number + 1;
    }
    const long answer = call(SYS_close_range, first, ~0u, CLOSE_RANGE_CLOEXEC);
    return answer < 0 ? failed_exec(Call::close_range, answer) : done();
}

}  // namespace

Outcome execute(const Given& given) noexcept {
    if (const Outcome outcome = pass_descriptors(given); outcome.failed()) return outcome;
    const long mask = call(SYS_rt_sigprocmask, SIG_SETMASK, &given.signal_mask, nullptr, sizeof given.signal_mask);
    if (mask < 0) return failed_exec(Call::prctl, mask);
    const long answer =
        call(SYS_execve, given.plan.exec.path.c_str(), given.argv.data(), given.environment.data());
    return failed_exec(Call::execve, answer);
}

}  // namespace nsrun::child
