#include "plan/process.h"

#include "plan/environment.h"
#include "plan/namespaces.h"
#include "plan/path.h"
#include "plan/program.h"

#include <nsrun/names.h>

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace nsrun {
namespace {

/// What a launcher is sent on purpose: by people, service managers and terminals. Not forwarded are the faults that the
/// kernel raises in nsrun itself, CHLD, and those for job control (TSTP, TTIN, TTOU), which the terminal sends to all.
constexpr int forwarded[] = {1 /*HUP*/,   2 /*INT*/,   3 /*QUIT*/,  10 /*USR1*/, 12 /*USR2*/,
                             14 /*ALRM*/, 15 /*TERM*/, 18 /*CONT*/, 28 /*WINCH*/};

std::string_view program_word(const Profile& profile, const Command& command) {
    return command.words.empty() ? std::string_view(*profile.command.exec) : std::string_view(command.words.front());
}

std::vector<std::string> arguments(const Profile& profile, const Command& command) {
    std::vector<std::string> argv = command.words;
    if (argv.empty()) {
        argv.push_back(*profile.command.exec);
        for (const auto& argument : profile.command.args) argv.push_back(*argument);
    }
    if (!profile.command.argv0->empty()) argv.front() = *profile.command.argv0;
    return argv;
}

/// True when the path is known not to be a directory inside.
bool is_no_directory(std::string_view path, const HostFacts& facts, const View& view) {
    const auto place = view.at(path);
    if (place.kind != View::Place::Kind::host) return place.kind == View::Place::Kind::absent;
    const auto* fact = facts.path(place.host_path);
    return fact && fact->kind != PathKind::directory && fact->kind != PathKind::denied;
}

/// The working directory: as written, else the caller's when it is the same directory inside, else home, else "/".
std::string working_directory(const Profile& profile, const HostFacts& facts, const Identity& identity,
                              const View& view, Diagnostics& diagnostics) {
    const auto& wish = profile.command.workdir;
    if (!wish->text.empty()) {
        auto path = normal_path(expand_home(wish->text, identity.home));
        if (is_no_directory(path, facts, view)) {
            diagnostics.error(Code::missing_target, wish.at,
                              fmt::format("the working directory {} does not exist inside", printable(path)),
                              "show it with filesystem.ro, or make it with a [[mount]] of type directory");
        }
        return path;
    }
    const std::string& here = facts.context.caller.cwd;
    if (!here.empty()) {
        const auto place = view.at(here);
        const bool same = place.kind == View::Place::Kind::host && place.host_path == here;
        const bool overlaid = *profile.filesystem.cwd != Cwd::none && place.kind != View::Place::Kind::absent;
        if (same || overlaid) return here;
    }
    // A private home may not exist yet: the plan makes it.
    const Home home = *profile.filesystem.home;
    const bool made = home == Home::private_ && view.at(identity.home).kind == View::Place::Kind::host;
    if (made || (home != Home::none && !is_no_directory(identity.home, facts, view))) return identity.home;
    return "/";
}

std::vector<int> descriptors(const Profile& profile, const HostFacts& facts, Diagnostics& diagnostics) {
    std::vector<int> open;
    for (const auto& number : profile.process.inherit_fds) {
        const auto limit = static_cast<std::int64_t>(std::min<std::uint64_t>(facts.descriptor_limit, 1U << 30));
        if (*number < 0 || *number >= limit) {
            diagnostics.error(Code::out_of_range, number.at, fmt::format("{} is not a descriptor", *number),
                              fmt::format("write 0 to {}", limit - 1));
            continue;
        }
        open.push_back(static_cast<int>(*number));
    }
    std::ranges::sort(open);
    const auto doubles = std::ranges::unique(open);
    open.erase(doubles.begin(), doubles.end());
    return open;
}

std::vector<int> forwarded_signals(const Profile& profile, Diagnostics& diagnostics) {
    const auto& wish = *profile.process.signals;
    std::vector<int> signals;
    if (!wish.listed) {
        signals.assign(std::begin(forwarded), std::end(forwarded));
        for (int signal = first_real_time_signal; signal <= last_real_time_signal; ++signal) signals.push_back(signal);
        return signals;
    }
    for (const auto& name : wish.names) {
        const auto number = signal_number(*name);
        if (!number || *number == 9 || *number == 19) {
            diagnostics.error(Code::unknown_value, name.at,
                              number ? fmt::format("no program can forward {}", printable(*name))
                                     : fmt::format("'{}' is not a signal", printable(*name)),
                              "name signals such as TERM or RTMIN+1");
            continue;
        }
        signals.push_back(*number);
    }
    std::ranges::sort(signals);
    const auto doubles = std::ranges::unique(signals);
    signals.erase(doubles.begin(), doubles.end());
    return signals;
}

Supervision supervision(const Profile& profile, const Clone& clone, Diagnostics& diagnostics) {
    Supervision supervise;
    supervise.forward = forwarded_signals(profile, diagnostics);
    supervise.time_limit = *profile.limits.time;
    supervise.stop_timeout = *profile.process.stop_timeout;
    supervise.die_with_parent = *profile.process.die_with_parent;
    if (const auto stop = signal_number(*profile.process.stop_signal)) {
        supervise.stop_signal = *stop;
    } else {
        diagnostics.error(Code::unknown_value, profile.process.stop_signal.at,
                          fmt::format("'{}' is not a signal", printable(*profile.process.stop_signal)),
                          "name a signal such as TERM or RTMIN+1");
    }
    if (!clone.in_place) return supervise;
    // nsrun becomes the command: nobody is left to forward, or to die first.
    supervise.forward.clear();
    supervise.die_with_parent = false;
    return supervise;
}

std::string_view search_path(const std::vector<std::string>& environment) {
    for (const std::string_view entry : environment) {
        if (entry.starts_with("PATH=")) return entry.substr(5);
    }
    return default_path;
}

/// The terminal stays the caller's only where the profile says so, or where it is one and the profile leaves it open.
bool own_session(const Profile& profile, const HostFacts& facts) {
    switch (*profile.process.tty) {
        case Tty::none:
            return true;
        case Tty::inherit:
            return false;
        case Tty::auto_:
            return !facts.terminal;
    }
    return true;
}

bool holds_nul(const std::vector<std::string>& words) {
    return std::ranges::any_of(words, [](const auto& word) { return word.find('\0') != std::string::npos; });
}

}  // namespace

void want_process(const Profile& profile, const Command& command, const Context& context, Wanted& wanted) {
    want_program(profile, context, program_word(profile, command), wanted);
    const auto& workdir = profile.command.workdir->text;
    if (!workdir.empty()) want_inside(profile, context, expand_home(workdir, context.caller.home), wanted);
}

ProcessPlan plan_process(const Profile& profile, const HostFacts& facts, const Identity& identity, const Clone& clone,
                         const View& view, std::vector<std::string> environment, const Command& command,
                         Diagnostics& diagnostics) {
    ProcessPlan plan;
    const auto& process = profile.process;
    if (own_session(profile, facts)) plan.steps.push_back({NewSession{}, process.tty.at});
    if (profile.command.umask.written()) {
        plan.steps.push_back({SetUmask{*profile.command.umask}, profile.command.umask.at});
    }
    std::string directory = working_directory(profile, facts, identity, view, diagnostics);

    Exec& exec = plan.exec;
    exec.why = command.words.empty() ? profile.command.exec.at : Span{};
    const auto program = program_word(profile, command);
    if (program.empty()) {
        diagnostics.error(Code::missing_key, exec.why, "there is nothing to run",
                          "name a program after the options, or write command.exec");
    } else {
        exec.path = find_program(program, search_path(environment), directory, facts, view, exec.why, diagnostics);
    }
    plan.steps.push_back({ChangeDirectory{std::move(directory)}, profile.command.workdir.at});
    exec.argv = arguments(profile, command);
    if (holds_nul(exec.argv)) {
        diagnostics.error(Code::nul_byte, profile.command.exec.at, "an argument of the command holds a NUL byte",
                          "remove it");
    }
    exec.environment = std::move(environment);
    exec.descriptors = descriptors(profile, facts, diagnostics);
    exec.init = *process.init;
    // Without a pid namespace of its own there is nothing that ends all processes: waiting leaves none behind unseen.
    const bool ends_together = std::ranges::find(clone.namespaces, Namespace::pid) != clone.namespaces.end();
    exec.wait_all = exec.init && (!ends_together || *process.on_exit == OnExit::wait);
    plan.supervise = supervision(profile, clone, diagnostics);
    return plan;
}

}  // namespace nsrun
