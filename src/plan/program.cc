#include "plan/program.h"

#include "plan/environment.h"
#include "plan/mount_paths.h"
#include "plan/path.h"

#include <fmt/format.h>

#include <algorithm>

namespace nsrun {
namespace {

enum class Presence { absent, unknown, not_executable, found };

Presence presence(std::string_view path, const HostFacts& facts, const View& view) {
    const auto place = view.at(path);
    switch (place.kind) {
        case View::Place::Kind::absent:
            return Presence::absent;
        case View::Place::Kind::own:
            return Presence::unknown;
        case View::Place::Kind::host:
            break;
    }
    const auto* fact = facts.path(place.host_path);
    if (!fact || fact->kind == PathKind::denied) return Presence::unknown;
    if (fact->kind == PathKind::absent) return Presence::absent;
    return fact->kind == PathKind::file && fact->executable ? Presence::found : Presence::not_executable;
}

void missing(std::string_view program, bool by_path, const Span& at, Diagnostics& diagnostics) {
    diagnostics.error(Code::missing_command, at,
                      by_path ? fmt::format("{} does not exist inside", printable(program))
                              : fmt::format("no program '{}' in the PATH of the sandbox", printable(program)),
                      "install it, or show it with filesystem.ro");
}

void inexecutable(std::string_view path, const Span& at, Diagnostics& diagnostics) {
    diagnostics.error(Code::not_executable, at, fmt::format("{} cannot be executed", printable(path)),
                      "name a program: a file that its mode lets you execute");
}

/// Calls `use` with every SOURCE and TARGET, as written, of the rules that bind something of the host.
template <class Use>
void for_each_bind(const Profile& profile, Use use) {
    const auto& files = profile.filesystem;
    for (const auto* rules : {&files.ro, &files.rw, &files.overlay}) {
        for (const auto& rule : *rules) use(rule->source, rule->target.empty() ? rule->source : rule->target);
    }
    for (const auto& mount : profile.mounts) {
        const auto& source = mount.source->text;
        const auto& target = mount.target->text;
        if (*mount.type == MountType::bind) use(source, target.empty() ? source : target);
    }
}

}  // namespace

void want_inside(const Profile& profile, const Context& context, std::string_view path, Wanted& wanted) {
    const std::string inside = normal_path(path);
    wanted.paths.insert(inside);
    const auto& rootfs = profile.filesystem.rootfs->text;
    if (!rootfs.empty()) wanted.paths.insert(joined_path(expand_home(rootfs, context.caller.home), inside));
    const std::string& home = context.caller.home;
    for_each_bind(profile, [&](const std::string& source, const std::string& target) {
        const std::string shown = expand_home(target, home);
        const std::string at = normal_path(shown);
        if (!shown.starts_with('/') || !within(inside, at)) return;
        const std::string from = expand_home(source, home);
        if (!from.starts_with('/')) return;
        auto host = joined_path(from, tail(inside, at));
        if (host != inside) wanted.paths.insert(std::move(host));
    });
}

void want_program(const Profile& profile, const Context& context, std::string_view program, Wanted& wanted) {
    if (program.empty()) return;
    if (program.starts_with('/')) return want_inside(profile, context, program, wanted);
    if (program.find('/') != std::string_view::npos) {
        const auto& workdir = profile.command.workdir->text;
        const auto directory = workdir.empty() ? context.caller.cwd : expand_home(workdir, context.caller.home);
        return want_inside(profile, context, joined_path(directory, program), wanted);
    }
    std::string path = fmt::format("{}:{}", context.variable("PATH").value_or(""), default_path);
    for (const auto& entry : profile.environment.set) {
        if (*entry.key == "PATH") path += ":" + *entry.value;
    }
    for (const auto entry : path_entries(path)) {
        want_inside(profile, context, joined_path(entry, program), wanted);
    }
}

std::string find_program(std::string_view program, std::string_view path, std::string_view directory,
                         const HostFacts& facts, const View& view, const Span& at, Diagnostics& diagnostics) {
    if (program.find('/') != std::string_view::npos) {
        auto whole = program.starts_with('/') ? normal_path(program) : joined_path(directory, program);
        const Presence seen = presence(whole, facts, view);
        if (seen == Presence::absent) missing(program, true, at, diagnostics);
        if (seen == Presence::not_executable) inexecutable(whole, at, diagnostics);
        return whole;
    }
    std::string unknown, useless;
    for (const auto entry : path_entries(path)) {
        auto candidate = joined_path(entry, program);
        switch (presence(candidate, facts, view)) {
            case Presence::found:
                return candidate;
            case Presence::unknown:
                if (unknown.empty()) unknown = std::move(candidate);
                break;
            case Presence::not_executable:
                if (useless.empty()) useless = std::move(candidate);
                break;
            case Presence::absent:
                break;
        }
    }
    if (!unknown.empty()) return unknown;
    if (useless.empty()) {
        missing(program, false, at, diagnostics);
    } else {
        inexecutable(useless, at, diagnostics);
    }
    return {};
}

}  // namespace nsrun
