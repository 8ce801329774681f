#include "parent/parent.h"

#include "base/file.h"

#include <linux/mount.h>

#include <algorithm>
#include <cerrno>

namespace nsrun::parent {
namespace {

/// What a step was about, in words.
struct Attempt {
    std::string operator()(const BindMount& step) const { return fmt::format("mount {} on {}", step.source, step.target); }
    std::string operator()(const MountRoot& step) const {
        return step.source.empty() ? "make the new root" : fmt::format("use {} as the root", step.source);
    }
    std::string operator()(const MountTmpfs& step) const { return fmt::format("mount a tmpfs on {}", step.target); }
    std::string operator()(const MountKernelFs& step) const { return fmt::format("mount {} on {}", step.type, step.target); }
    std::string operator()(const MountOverlay& step) const { return fmt::format("mount an overlay on {}", step.target); }
    std::string operator()(const MakeDirectory& step) const { return fmt::format("make the directory {}", step.path); }
    std::string operator()(const MakeFile& step) const { return fmt::format("make the file {}", step.path); }
    std::string operator()(const MakeSymlink& step) const { return fmt::format("make the symbolic link {}", step.path); }
    std::string operator()(const Mask& step) const { return fmt::format("hide {}", step.target); }
    std::string operator()(const SetReadOnly& step) const { return fmt::format("make {} read-only", step.target); }
    std::string operator()(const ChangeDirectory& step) const { return fmt::format("start in {}", step.path); }
    std::string operator()(const SetHostname& step) const { return fmt::format("name the host {}", step.hostname); }
    std::string operator()(const SetSysctl& step) const { return fmt::format("set /proc/sys/net/{} to {}", step.path, step.value); }
    std::string operator()(const SetIds& step) const { return fmt::format("become user {}, group {}", step.uid, step.gid); }
    template <class Step>
    std::string operator()(const Step& step) const {
        std::string words(step.name);
        for (char& letter : words) letter = letter == '_' ? ' ' : letter;
        return words;
    }
};

std::string_view meaning(Call call) {
    for (const auto& word : words<Call>) {
        if (word.value == call) return word.meaning;
    }
    return "go on";
}

/// The first word of a kernel setting, or nothing where this kernel has no such setting.
std::string setting(const char* path) {
    auto text = read_file(path, 64);
    if (!text) return {};
    std::string value = *std::move(text);
    value.resize(std::min(value.size(), value.find_first_of(" \n")));
    return value;
}

/// Why new namespaces are refused, read from the settings that decide it.
std::string clone_remedy(const Plan& plan, int code) {
    const auto asks = [&](Namespace kind) {
        return std::ranges::find(plan.clone.namespaces, kind) != plan.clone.namespaces.end();
    };
    if (code == EPERM && asks(Namespace::user)) {
        if (setting("/proc/sys/kernel/unprivileged_userns_clone") == "0") return "as root: sysctl kernel.unprivileged_userns_clone=1";
        if (setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1") {
            return "AppArmor forbids user namespaces to unconfined programs: give nsrun a profile with 'userns', or as root: "
                   "sysctl kernel.apparmor_restrict_unprivileged_userns=0";
        }
        return "a container's system call filter or a chroot forbids user namespaces here";
    }
    if (code == EPERM) return "add \"user\" to namespaces, or run as root";
    if (code == EINVAL) return "this kernel was built without one of these namespaces: see nsrun doctor";
    if (code != ENOSPC && code != EUSERS) return {};
    struct Limit {
        Namespace kind;
        const char* name;
    };
    for (const auto& [kind, name] : {Limit{Namespace::user, "user"}, Limit{Namespace::mount, "mnt"}, Limit{Namespace::pid, "pid"},
                                     Limit{Namespace::net, "net"}, Limit{Namespace::ipc, "ipc"}, Limit{Namespace::uts, "uts"},
                                     Limit{Namespace::cgroup, "cgroup"}, Limit{Namespace::time, "time"}}) {
        if (!asks(kind)) continue;
        const auto path = fmt::format("/proc/sys/user/max_{}_namespaces", name);
        if (setting(path.c_str()) == "0") return fmt::format("user.max_{}_namespaces is 0; as root: sysctl user.max_{}_namespaces=28633", name, name);
    }
    return "the limits user.max_*_namespaces are used up, or namespaces are nested too deep";
}

bool joins(const Plan& plan, Namespace kind) {
    return std::ranges::any_of(plan.clone.joins, [&](const JoinNamespace& join) { return join.kind == kind; });
}

/// What to do about a step's refusal, where the cause is certain.
std::string step_remedy(const Plan& plan, const ChildStep& step, Call call, int code) {
    if (call == Call::open_source && code == ENOENT) return "create the source, or put \"-\" before its path to run without it";
    if (call == Call::open_source && code == ELOOP) return "the source lies where a sandbox can write: it is opened through no symbolic link; an earlier run may have left one";
    if (call == Call::open_source && code == EACCES) return "you may not reach the source yourself";
    if (call == Call::open_source && code == EMFILE) return "raise the hard limit of open files: each source needs a descriptor";
    if (call == Call::open_source && code == EINVAL) {
        return "mounts below this directory may not be uncovered: bind it recursively";
    }
    if (const auto* bind = std::get_if<BindMount>(&step); bind && call == Call::mount_setattr && code == EPERM &&
                                                          (bind->attributes.set & MOUNT_ATTR__ATIME) != 0) {
        return "in a user namespace the kernel keeps the access times of a mount as they are: remove that option";
    }
    if (call == Call::sysctl && code == EROFS) return "/proc/sys is read-only here, as in a container: it takes one that allows writing";
    if (call == Call::sysctl && code == ENOENT) return "this kernel has no such setting: remove the key";
    if (call == Call::check_root) return "please report this plan: the sandbox's root is not what was planned";
    if (std::holds_alternative<MountOverlay>(step) && code == E2BIG) {
        return "kernels before 6.7 take about 60 lower directories: merge some of them";
    }
    const auto* kernel = std::get_if<MountKernelFs>(&step);
    if (kernel != nullptr && kernel->type == "proc" && code == EPERM && joins(plan, Namespace::pid) && !joins(plan, Namespace::user)) {
        return "who mounts the /proc of a pid namespace needs its user namespace: join that too, or write proc = \"none\"";
    }
    if (kernel != nullptr && code == EPERM) {
        return "the kernel allows a new one only where the caller's own is fully visible: a container hides parts of it";
    }
    return {};
}

}  // namespace

LaunchFailure explain(const Plan& plan, const Message& report) {
    if (report.step == at_exec && report.call == Call::execve) {
        const bool missing = report.value == ENOENT;
        auto error = fail(report.value, "execute {} in the sandbox", plan.exec.path).error();
        if (missing) error.help = "the program, its interpreter and its dynamic loader must all be visible inside";
        if (report.value == EACCES) error.help = "the file must be executable, and not on a mount with noexec";
        if (report.value == ENOEXEC) error.help = "it is neither a program for this machine nor a script with a #! line";
        return {std::move(error), plan.exec.why, {}, missing ? 127 : 126};
    }
    if (report.step < 0) {
        if (report.call == Call::clone3 || report.call == Call::unshare) return explain_clone(plan, report.call, report.value);
        const auto attempt = meaning(report.call);
        return {fail(report.value, "{}", attempt).error(), report.step == at_exec ? plan.exec.why : plan.clone.why, {}};
    }
    const auto& planned = plan.setup[static_cast<std::size_t>(report.step)];
    const auto subject = std::visit(Attempt{}, planned.step);
    const auto attempt = meaning(report.call);
    auto error = fail(report.value, "{}: {}", subject, attempt).error();
    error.help = step_remedy(plan, planned.step, report.call, report.value);
    return {std::move(error), planned.why, to_text(planned.step)};
}

LaunchFailure explain(const Planned<ParentStep>& planned, Error error) {
    return {std::move(error), planned.why, to_text(planned.step)};
}

LaunchFailure explain_clone(const Plan& plan, Call call, int code) {
    std::string names;
    for (const Namespace kind : plan.clone.namespaces) {
        if (!names.empty()) names += ", ";
        names += spelling(kind);
    }
    const bool clones = call == Call::clone3 || call == Call::unshare;
    const auto attempt = clones && !names.empty() ? fmt::format("make new namespaces: {}", names) : std::string(meaning(call));
    auto error = fail(code, "{}", attempt).error();
    if (clones) error.help = clone_remedy(plan, code);
    return {std::move(error), plan.clone.why, {}};
}

LaunchFailure explain_join(const Plan& plan, std::size_t index, int code) {
    const auto& join = plan.clone.joins[index];
    const auto kind = spelling(join.kind);
    const std::string whose = join.pod.empty() ? join.path : fmt::format("of the pod {}", join.pod);
    auto error = fail(code, "join the {} namespace {}", kind, whose).error();
    const bool user = join.kind == Namespace::user;
    if (code == EPERM && user) error.help = "a user namespace can be joined by its owner alone, and by root";
    else if (code == EPERM) error.help = "a namespace can be joined by the owner of its user namespace: join.user that too";
    else if (code == EINVAL && user) error.help = "nsrun is in that user namespace already: leave join.user out";
    return {std::move(error), join.why, {}};
}

}  // namespace nsrun::parent
