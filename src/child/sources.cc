#include "child/steps.h"

#include <linux/magic.h>
#include <sys/vfs.h>

#include <cerrno>
#include <string_view>

/// What is taken from the host's tree before it goes. Each path is walked once; afterwards only descriptors count.
namespace nsrun::child {
namespace {

/// What opening many sources has learnt.
struct Way {
    std::string_view directory{};  ///< that the last source lies in
    Held file{};                   ///< the same; opened for the second source in it
    bool in_one_call = true;       ///< as far as is known, the kernel opens a tree and sets its attributes in one
};

/// Clones the tree at `path` for a bind mount, with what the step says of it: no mount is ever attached without.
Outcome clone(Way& way, int from, const char* path, unsigned flags, const BindMount& step, int& mount) noexcept {
    flags |= OPEN_TREE_CLONE | (step.recursive ? at_recursive : 0);
    const mount_attr attributes = attributes_of(step);
    if (way.in_one_call) {
        mount = static_cast<int>(open_tree(from, path, flags, attributes));
        if (mount >= 0) return done();
        // Two calls know older kernels, too, and tell which of the two it is that refuses.
        way.in_one_call = false;
    }
    mount = static_cast<int>(open_tree(from, path, flags));
    if (mount < 0) return refused(Call::open_source, mount);
    const long answer = mount_setattr(mount, step.recursive, attributes);
    return answer < 0 ? refused(Call::mount_setattr, answer) : done();
}

/// Opens `source`, which lies beneath `anchor`, through no link: the sandbox of an earlier run may write there.
Outcome open_beneath(Way& way, const BindMount& step, int& mount) noexcept {
    const Held anchor{openat2(AT_FDCWD, step.beneath.c_str(), O_PATH | O_DIRECTORY, 0)};
    if (anchor.get() < 0) return refused(Call::open_anchor, anchor.get());
    const char* rest = step.source.c_str() + step.beneath.size();
    if (step.source.compare(0, step.beneath.size(), step.beneath) != 0 || (*rest != '/' && *rest != '\0')) {
        return {Call::open_anchor, EXDEV};
    }
    while (*rest == '/') ++rest;
    const Held place{openat2(anchor.get(), *rest == '\0' ? "." : rest, O_PATH,
                             RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS)};
    if (place.get() < 0) return refused(Call::open_source, place.get());
    return clone(way, place.get(), "", AT_EMPTY_PATH, step, mount);
}

/// Opens a source by its path. Of many in one directory, only for the first two does the kernel walk there.
Outcome open_path(Way& way, const BindMount& step, int& mount) noexcept {
    const std::size_t slash = step.source.rfind('/');
    const char* const path = step.source.c_str();
    if (slash == std::string::npos || slash + 1 == step.source.size()) return clone(way, AT_FDCWD, path, 0, step, mount);
    const std::string_view directory(path, slash);
    if (directory != way.directory) {
        way.directory = directory;
        way.file.reset();
    } else if (way.file.get() < 0) {
        way.file.reset(open_directory(AT_FDCWD, directory, 0));
    }
    if (way.file.get() < 0) return clone(way, AT_FDCWD, path, 0, step, mount);
    return clone(way, way.file.get(), path + slash + 1, 0, step, mount);
}

struct Open {
    Setup& setup;
    Way& way;
    Opened& opened;

    Outcome operator()(const BindMount& step) const noexcept {
        if (!step.handed) {
            return step.beneath.empty() ? open_path(way, step, opened.mount) : open_beneath(way, step, opened.mount);
        }
        if (opened.mount < 0) return {Call::handed, EBADF};
        const long answer = mount_setattr(opened.mount, step.recursive, attributes_of(step));
        return answer < 0 ? refused(Call::mount_setattr, answer) : done();
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
    Way way;
    for (setup.step = 0; setup.step < steps.size(); ++setup.step) {
        Outcome outcome = std::visit(Open{setup, way, setup.given.opened[setup.step]}, steps[setup.step].step);
        if (!outcome.failed()) continue;
        outcome.step = static_cast<std::int32_t>(setup.step);
        return outcome;
    }
    setup.step = 0;
    return done();
}

}  // namespace nsrun::child
