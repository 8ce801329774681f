#include "parent/parent.h"

#include "child/steps.h"

#include <fcntl.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>

namespace nsrun::parent {
namespace {

/// A failure as it crosses a pipe: the index of the attach step, the errno, and two texts.
struct Told {
    std::int32_t step = at_entry;
    std::int32_t code = 0;
    char what[480] = {};
    char help[480] = {};
};

void copy_text(const std::string& text, char (&place)[480]) {
    std::memcpy(place, text.data(), std::min(text.size(), sizeof place - 1));
}

/// The process that attaches from outside while nsrun itself is inside. Ends with status 0 only when all is attached.
[[noreturn]] void attach_from_outside(Ready& ready, pid_t nsrun, int teller) {
    const Plan& plan = ready.given.plan;
    ready.child_end.reset();
    Message message;
    if (read(ready.launcher_end.get(), &message, sizeof message) != sizeof message) _exit(1);
    std::vector<relay::Listener> ports;
    Kept none;  // nobody would be left to end it: planning refuses what needs it
    const auto attached = attach(plan, nsrun, ready.launcher_end.get(), ready.given.awaits_map, ports, none);
    if (attached) _exit(0);
    Told told;
    for (std::size_t index = 0; index < plan.attach.size(); ++index) {
        if (to_text(plan.attach[index].step) == attached.error().step) told.step = static_cast<std::int32_t>(index);
    }
    told.code = attached.error().error.code;
    copy_text(attached.error().error.what, told.what);
    copy_text(attached.error().error.help, told.help);
    (void)write(teller, &told, sizeof told);  // unheard, the launch fails all the same
    _exit(1);
}

LaunchFailure from(const Plan& plan, const child::Outcome& outcome) {
    return explain(plan, {Message::Kind::failed, outcome.call, outcome.step, outcome.error});
}

LaunchFailure from(const Plan& plan, const Told& told) {
    Error error{told.code, told.what, told.help};
    if (told.step < 0) return {std::move(error), plan.clone.why, {}};
    return explain(plan.attach[static_cast<std::size_t>(told.step)], std::move(error));
}

LaunchFailure without_pipe(const Plan& plan, int code) { return {fail(code, "make a pipe").error(), plan.clone.why, {}}; }

}  // namespace

LaunchFailure launch_in_place(Ready& ready) {
    const Plan& plan = ready.given.plan;
    Fd hearer;
    if (!plan.attach.empty()) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0) return without_pipe(plan, errno);
        hearer = Fd(ends[0]);
        const Fd teller(ends[1]);
        const pid_t nsrun = getpid();  // not getppid() over there: of an orphan that is somebody else
        const pid_t attacher = fork();
        if (attacher < 0) return explain_clone(plan, Call::none, errno);
        if (attacher == 0) attach_from_outside(ready, nsrun, teller.get());
        ready.given.attacher = attacher;
    }
    ready.launcher_end.reset();
    auto outcome = child::enter_in_place(ready.given);
    if (outcome.failed() && outcome.call == Call::setns) {
        return explain_join(plan, static_cast<std::size_t>(outcome.step), outcome.error);
    }
    if (outcome.failed()) return from(plan, outcome);
    if (hearer) (void)child::tell(ready.given.channel, {Message::Kind::entered, Call::none, at_entry, 0});
    outcome = child::live_in_place(ready.given);
    ready.child_end.reset();
    if (Told told; hearer && read(hearer.get(), &told, sizeof told) == sizeof told) return from(plan, told);
    return from(plan, outcome);
}

}  // namespace nsrun::parent
