#include "child/steps.h"

#include <cerrno>
#include <charconv>

/// New file systems. Those that the kernel makes only beside what the host's tree shows, a procfs, a sysfs, an overlay of
/// its directories, are made before that tree goes and attached when their step comes.
namespace nsrun::child {
namespace {

/// Writes `number` at `place` and answers the end; the caller made sure of the room.
char* put(char* place, char* end, int number) noexcept { return std::to_chars(place, end, number).ptr; }

/// Sets a numeric option of a file system.
long set_number(int context, const char* key, std::uint64_t number, int base) noexcept {
    char text[32];
    *std::to_chars(text, text + sizeof text - 1, number, base).ptr = '\0';
    return set_option(context, key, text);
}

/// Sets the comma-separated options of a file system, "key=value" or "flag".
long set_options(int context, const std::string& options) noexcept {
    const char* letter = options.c_str();
    while (*letter != '\0') {
        char key[256];
        std::size_t length = 0;
        char* value = nullptr;
        for (; *letter != '\0' && *letter != ','; ++letter) {
            if (length == sizeof key - 1) return -E2BIG;
            if (*letter == '=' && value == nullptr) {
                key[length++] = '\0';
                value = key + length;
            } else {
                key[length++] = *letter;
            }
        }
        key[length] = '\0';
        if (*letter == ',') ++letter;
        const long answer = value != nullptr ? set_option(context, key, value) : set_flag(context, key);
        if (answer < 0) return answer;
    }
    return 0;
}

/// Names the lower layers one by one, which kernels before 6.7 do not know: they take 255 bytes of names.
Outcome add_lower_layers(int context, const MountOverlay& step, const Opened& opened) noexcept {
    // Before 6.5 every option is taken, and refused without a reason when the file system is made.
    if (set_flag(context, "no-such-option") >= 0) return {Call::fsconfig, E2BIG};
    for (std::size_t layer = 0; layer < step.lower.size(); ++layer) {
        const long answer = set_number(context, "lowerdir+", static_cast<std::uint64_t>(opened.layers[layer]), 10);
        // The first refusal is of the option itself.
        if (answer < 0) return {Call::fsconfig, layer == 0 ? E2BIG : static_cast<int>(-answer)};
    }
    return done();
}

Outcome set_lower_layers(int context, const MountOverlay& step, const Opened& opened) noexcept {
    char text[256];
    char* end = text + sizeof text;
    char* place = text;
    for (std::size_t layer = 0; layer < step.lower.size(); ++layer) {
        if (end - place < 13) return add_lower_layers(context, step, opened);
        if (layer != 0) *place++ = ':';
        place = put(place, end, opened.layers[layer]);
    }
    *place = '\0';
    const long answer = set_option(context, "lowerdir", text);
    return answer < 0 ? refused(Call::fsconfig, answer) : done();
}

/// Configures the layers of an overlay. overlayfs takes names; in /proc/self/fd the names are our descriptors.
Outcome set_layers(const Setup& setup, int context, const MountOverlay& step, const Opened& opened, int scratch) noexcept {
    if (const Outcome outcome = set_lower_layers(context, step, opened); outcome.failed()) return outcome;
    char text[256];
    char* end = text + sizeof text;
    char* place = text;
    const std::size_t lowers = step.lower.size();
    constexpr const char* keys[] = {"upperdir", "workdir"};
    constexpr const char* scratch_names[] = {"/upper", "/work"};
    for (std::size_t key = 0; key < 2; ++key) {
        place = put(text, end, scratch < 0 ? opened.layers[lowers + key] : scratch);
        for (const char* letter = scratch < 0 ? "" : scratch_names[key]; *letter != '\0';) *place++ = *letter++;
        *place = '\0';
        if (const long answer = set_option(context, keys[key], text); answer < 0) return refused(Call::fsconfig, answer);
    }
    // Inside a user namespace only user.* attributes can be written.
    if ((setup.given.clone_flags & CLONE_NEWUSER) != 0) {
        if (const long answer = set_flag(context, "userxattr"); answer < 0) return refused(Call::fsconfig, answer);
    }
    return done();
}

/// Makes the directories upper and work of an overlay whose changes are not kept.
Outcome make_scratch_layers(const Setup& setup, Held& scratch) noexcept {
    const int root = setup.new_root >= 0 ? setup.new_root : setup.root;
    if (const Outcome outcome = open_scratch(root, scratch); outcome.failed()) return outcome;
    for (const char* name : {"upper", "work"}) {
        if (const long answer = call(SYS_mkdirat, scratch.get(), name, 0755); answer < 0) return refused(Call::mkdir, answer);
    }
    return done();
}

Outcome make(const Setup& setup, const MountOverlay& step, Opened& opened) noexcept {
    Held scratch;
    if (step.upper.empty()) {
        if (const Outcome outcome = make_scratch_layers(setup, scratch); outcome.failed()) return outcome;
    }
    const Held context{fsopen("overlay")};
    if (context.get() < 0) return refused(Call::fsopen, context.get());
    const Held here{openat2(AT_FDCWD, ".", O_PATH | O_DIRECTORY, 0)};
    const Held names{openat2(setup.proc, "self/fd", O_RDONLY | O_DIRECTORY, 0)};
    if (names.get() < 0) return refused(Call::proc, names.get());
    if (const long answer = call(SYS_fchdir, names.get()); answer < 0) return refused(Call::chdir, answer);
    Outcome outcome = set_layers(setup, context.get(), step, opened, scratch.get());
    if (!outcome.failed()) {
        const long mount = create_mount(context.get(), step.attributes.set | MOUNT_ATTR_NOSUID);
        if (mount < 0) outcome = refused(Call::fsmount, mount);
        if (mount >= 0) opened.mount = static_cast<int>(mount);
    }
    if (scratch.get() >= 0) {
        if (const Outcome closed = close_scratch(setup, scratch); closed.failed() && !outcome.failed()) outcome = closed;
    }
    if (const long answer = call(SYS_fchdir, here.get()); answer < 0 && !outcome.failed()) {
        outcome = refused(Call::chdir, answer);
    }
    for (int& layer : opened.layers) {
        if (layer >= 0) call(SYS_close, layer);
        layer = -1;
    }
    return outcome;
}

Outcome make(const Setup&, const MountKernelFs& step, Opened& opened) noexcept {
    const Held context{fsopen(step.type.c_str())};
    if (context.get() < 0) return refused(Call::fsopen, context.get());
    if (const long answer = set_options(context.get(), step.options); answer < 0) return refused(Call::fsconfig, answer);
    const long mount = create_mount(context.get(), with_access(step.attributes, step.access));
    if (mount < 0) return refused(Call::fsmount, mount);
    opened.mount = static_cast<int>(mount);
    return done();
}

template <class Step>
Outcome make(const Setup&, const Step&, Opened&) noexcept {
    return done();
}

/// Attaches what make_file_systems made for the step that runs.
template <class Step>
Outcome attach_made(Setup& setup, const Step& step) noexcept {
    // Without a pivot_root the host's tree is still there.
    if (const Outcome outcome = make_file_systems(setup); outcome.failed()) return outcome;
    const Held mount{setup.given.opened[setup.step].mount};
    setup.given.opened[setup.step].mount = -1;
    return attach(setup, mount.get(), step.target);
}

}  // namespace

Outcome make_file_systems(Setup& setup) noexcept {
    if (setup.file_systems_made) return done();
    setup.file_systems_made = true;
    const auto& steps = setup.given.plan.setup;
    for (std::size_t index = 0; index < steps.size(); ++index) {
        Outcome outcome = std::visit(
            [&](const auto& step) noexcept { return make(setup, step, setup.given.opened[index]); }, steps[index].step);
        if (!outcome.failed()) continue;
        outcome.step = static_cast<std::int32_t>(index);
        return outcome;
    }
    return done();
}

Outcome run(Setup& setup, const MountTmpfs& step) noexcept {
    const Held context{fsopen("tmpfs")};
    if (context.get() < 0) return refused(Call::fsopen, context.get());
    long answer = set_number(context.get(), "mode", step.mode.bits, 8);
    if (answer >= 0 && step.size.bytes != 0) answer = set_number(context.get(), "size", step.size.bytes, 10);
    if (answer >= 0 && step.uid != setup.uid) answer = set_number(context.get(), "uid", step.uid, 10);
    if (answer >= 0 && step.gid != setup.gid) answer = set_number(context.get(), "gid", step.gid, 10);
    if (answer < 0) return refused(Call::fsconfig, answer);
    const Held mount{create_mount(context.get(), with_access(step.attributes, step.access))};
    if (mount.get() < 0) return refused(Call::fsmount, mount.get());
    own(setup, mount.get());
    return attach(setup, mount.get(), step.target);
}

Outcome run(Setup& setup, const MountKernelFs& step) noexcept { return attach_made(setup, step); }

Outcome run(Setup& setup, const MountOverlay& step) noexcept {
    if (const Outcome outcome = make_file_systems(setup); outcome.failed()) return outcome;
    own(setup, setup.given.opened[setup.step].mount);
    return attach_made(setup, step);
}

}  // namespace nsrun::child
