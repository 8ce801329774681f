#include "plan/mount_expand.h"

#include "plan/mount_paths.h"

#include <fmt/format.h>

namespace nsrun {

MountWishes expand(const MountRequest& request) {
    MountWishes wishes;
    wishes.reserve(64 + request.profile.mounts.size() + request.profile.filesystem.ro.size() +
                   request.profile.filesystem.rw.size());
    expand_base(request, wishes);
    expand_etc(request, wishes);
    expand_dev(request, wishes);
    expand_proc(request, wishes);
    expand_sys(request, wishes);
    expand_tmp(request, wishes);
    expand_home(request, wishes);
    expand_cwd(request, wishes);
    expand_named(request, wishes);
    expand_rules(request, wishes);
    expand_rows(request, wishes);
    protect_procfs(request, wishes);
    return wishes;
}

namespace {

/// `text` with "~" and "." replaced. Nothing when it is neither absolute nor one of these.
std::optional<std::string> absolute(std::string_view text, std::string_view home, std::string_view cwd) {
    const auto rest = text.substr(std::min<std::size_t>(1, text.size()));
    const bool short_form = rest.empty() || rest.starts_with('/');
    if (text.starts_with('~') && short_form) return normal(joined(home, rest));
    if (text.starts_with('.') && short_form && !cwd.empty()) return normal(joined(cwd, rest));
    return normal(text);
}

void report_bad_path(const MountRequest& request, std::string_view text, const Span& at) {
    if (text.find("..") != text.npos) {
        request.diagnostics.error(Code::bad_path, at, fmt::format("'{}' goes up with '..'", text),
                                  "write the path that is meant: what '..' leads to depends on symbolic links");
    } else {
        request.diagnostics.error(Code::bad_path, at, fmt::format("'{}' is not an absolute path", text),
                                  "begin it with '/', '~/' or './'");
    }
}

}  // namespace

std::optional<std::string> source_path(const MountRequest& request, std::string_view text, const Span& at) {
    auto path = absolute(text, request.context.caller.home, request.context.caller.cwd);
    if (!path) report_bad_path(request, text, at);
    return path;
}

std::optional<std::string> target_path(const MountRequest& request, std::string_view text, const Span& at) {
    auto path = absolute(text, request.identity.home, request.context.caller.cwd);
    if (!path) {
        report_bad_path(request, text, at);
    } else if (*path == "/") {
        request.diagnostics.error(Code::bad_path, at, "'/' is what filesystem.base decides, no rule of its own",
                                  R"(write base = "host-ro" to see the host's files read-only)");
        return std::nullopt;
    }
    return path;
}

std::string root_source(const MountRequest& request) {
    switch (*request.profile.filesystem.base) {
        case Base::host:
        case Base::host_ro:
            return "/";
        case Base::rootfs:
            return absolute(request.profile.filesystem.rootfs->text, request.context.caller.home,
                            request.context.caller.cwd)
                .value_or("");
        case Base::system:
        case Base::empty:
            break;
    }
    return {};
}

std::string own_name(const MountRequest& request) {
    std::string name = request.profile.name->empty() ? request.context.name : *request.profile.name;
    if (name.empty()) name = "default";
    if (!request.context.instance.empty()) name += "@" + request.context.instance;
    for (char& letter : name) {
        if (letter == '/') letter = '-';
    }
    if (name.front() == '.') name.front() = '-';
    return name;
}

}  // namespace nsrun
