#include "child/steps.h"

#include <linux/magic.h>
#include <sys/vfs.h>

#include <cerrno>

/// What is taken from the host's tree before it goes. Each path is walked once; afterwards only descriptors count.
namespace nsrun::child {
namespace {

/// Opens `source`, which lies beneath `anchor`, through no link: the sandbox of an earlier run may write there.
long open_beneath(const BindMount& step, Outcome& outcome) noexcept {
    const Held anchor{openat2(AT_FDCWD, step.beneath.c_str(), O_PATH | O_DIRECTORY, 0)};
    if (anchor.get() < 0) {
        outcome = refused(Call::open_anchor, anchor.get());
        return anchor.get();
    }
    const char* rest = step.source.c_str() + step.beneath.size();
    if (step.source.compare(0, step.beneath.size(), step.beneath) != 0 || (*rest != '/' && *rest != '\0')) {
        outcome = {Call::open_anchor, EXDEV};
        return -EXDEV;
    }
    while (*rest == '/') ++rest;
    const Held place{openat2(anchor.get(), *rest == '\0' ? "." : rest, O_PATH,
                             RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS)};
    if (place.get() < 0) {
        outcome = refused(Call::open_source, place.get());
        return place.get();
    }
    return open_tree(place.get(), "", OPEN_TREE_CLONE | AT_EMPTY_PATH | (step.recursive ? at_recursive : 0));
}

struct Open {
    Setup& setup;
    Opened& opened;

    Outcome operator()(const BindMount& step) const noexcept {
        if (step.handed) return opened.mount < 0 ? Outcome{Call::handed, EBADF} : prepare(opened.mount, step);
        Outcome outcome;
        const long mount =
            step.beneath.empty()
                ? open_tree(AT_FDCWD, step.source.c_str(), OPEN_TREE_CLONE | (step.recursive ? at_recursive : 0))
                : open_beneath(step, outcome);
        if (outcome.failed()) return outcome;
        if (mount < 0) return refused(Call::open_source, mount);
        opened.mount = static_cast<int>(mount);
        // Now and not when it is attached, a thousand mounts later: the kernel still has it at hand.
        return prepare(opened.mount, step);
    }

    Outcome operator()(const MountRoot& step) const noexcept {
        if (step.source.empty()) return done();
        const long mount = open_tree(AT_FDCWD, step.source.c_str(), OPEN_TREE_CLONE | at_recursive);
        if (mount < 0) return refused(Call::open_source, mount);
        opened.mount = static_cast<int>(mount);
        return done();
    }

    Outcome operator()(const MountOverlay& step) const noexcept {
        if (const Outcome outcome = open_proc(); outcome.failed()) return outcome;
        std::size_t layer = 0;
        const auto open_layer = [&](const std::string& path) {
            // The plan names where a layer is; a link on the way was put there since.
            const long place = openat2(AT_FDCWD, path.c_str(), O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
            if (place >= 0) opened.layers[layer++] = static_cast<int>(place);
            return place;
        };
        for (const auto& lower : step.lower) {
            if (const long place = open_layer(lower); place < 0) return refused(Call::open_source, place);
        }
        if (step.upper.empty()) return done();
        for (const auto* path : {&step.upper, &step.work}) {
            if (const long place = open_layer(*path); place < 0) return refused(Call::open_source, place);
        }
        return done();
    }

    Outcome operator()(const ForbidUserNamespaces&) const noexcept { return open_proc(); }
    Outcome operator()(const SetSysctl&) const noexcept { return open_proc(); }

    template <class Step>
    Outcome operator()(const Step&) const noexcept {
        return done();
    }

    /// Opens the host's procfs, and makes sure that it is one: a file elsewhere could pretend.
    Outcome open_proc() const noexcept {
        if (setup.proc >= 0) return done();
        const long proc = openat2(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY, 0);
        if (proc < 0) return refused(Call::proc, proc);
        setup.proc = static_cast<int>(proc);
        struct statfs about;
        if (const long answer = call(SYS_fstatfs, setup.proc, &about); answer < 0) return refused(Call::proc, answer);
        return about.f_type == PROC_SUPER_MAGIC ? done() : Outcome{Call::proc, ENODEV};
    }
};

}  // namespace

Outcome open_sources(Setup& setup) noexcept {
    const auto& steps = setup.given.plan.setup;
    for (setup.step = 0; setup.step < steps.size(); ++setup.step) {
        Outcome outcome = std::visit(Open{setup, setup.given.opened[setup.step]}, steps[setup.step].step);
        if (!outcome.failed()) continue;
        outcome.step = static_cast<std::int32_t>(setup.step);
        return outcome;
    }
    setup.step = 0;
    return done();
}

}  // namespace nsrun::child
