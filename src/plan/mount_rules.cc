#include "plan/mount_expand.h"
#include "plan/mount_paths.h"

#include <fmt/format.h>

#include <functional>

/// The path lists of [filesystem].
namespace nsrun {

namespace {

bool is_pattern(std::string_view path) {
    return path.find_first_of("*?[") != path.npos;
}

/// One path of a list, patterns expanded.
struct Named {
    std::string source;
    std::string target;
    const Span& why;
    bool optional;
    Rank rank;

    MountWish wish(MountStep step) const {
        return {.what = std::move(step), .rank = rank, .why = why, .optional = optional};
    }
};

/// Calls `each` for every match of a pattern on the host.
void for_matches(const MountRequest& request, const Located<PathRule>& rule, const std::string& pattern,
                 const std::function<void(const Named&)>& each) {
    if (!rule->target.empty()) {
        request.diagnostics.error(Code::bad_path, rule.at,
                                  fmt::format("a pattern cannot have a target: '{}'", rule->source),
                                  "write the pattern alone, or name each path");
        return;
    }
    const auto& matches = request.host.matches(pattern);
    if (const auto why = request.host.too_wide(pattern); !why.empty()) {
        request.diagnostics.error(Code::wide_pattern, rule.at, fmt::format("'{}' is too wide: {}", rule->source, why),
                                  "name the directories that are wanted, or fewer of them");
    } else if (matches.empty() && !rule->optional && !request.host.noting()) {
        request.diagnostics.error(Code::missing_source, rule.at, fmt::format("nothing matches {}", pattern),
                                  fmt::format("create it, or write \"-{}\" to run without it", rule->source));
    }
    // "~" is the caller's home on the host and the home inside in the sandbox.
    const bool of_home = rule->source.starts_with('~');
    const std::string& home = request.context.caller.home;
    for (const std::string& match : matches) {
        const bool moved = of_home && below(match, home);
        each({match, moved ? joined(request.identity.home, tail(match, home)) : match, rule.at, rule->optional,
              Rank::match});
    }
}

/// Calls `each` for every path that a list names.
void for_each(const MountRequest& request, const List<PathRule>& list, const std::function<void(const Named&)>& each) {
    for (const auto& rule : list) {
        auto source = source_path(request, rule->source, rule.at);
        if (!source) continue;
        if (is_pattern(*source)) {
            for_matches(request, rule, *source, each);
            continue;
        }
        auto target = target_path(request, rule->target.empty() ? rule->source : rule->target, rule.at);
        if (target) each({std::move(*source), std::move(*target), rule.at, rule->optional, Rank::rule});
    }
}

void add_binds(const MountRequest& request, const List<PathRule>& list, Access access, MountWishes& wishes) {
    for_each(request, list, [&](const Named& named) {
        wishes.push_back(named.wish(BindMount{
            .source = named.source, .target = named.target, .access = access, .attributes = plain_attributes}));
    });
}

void add_entries(const MountRequest& request, const Entries& entries, MountWishes& wishes,
                 const std::function<MountStep(std::string, const std::string&)>& step) {
    for (const Entry& entry : entries) {
        auto target = target_path(request, *entry.key, entry.key.at);
        if (target) wishes.push_back({.what = step(std::move(*target), *entry.value), .why = entry.key.at});
    }
}

}  // namespace

void expand_rules(const MountRequest& request, MountWishes& wishes) {
    const auto& fs = request.profile.filesystem;
    add_binds(request, fs.ro, Access::read_only, wishes);
    add_binds(request, fs.rw, Access::read_write, wishes);
    for_each(request, fs.hide, [&](const Named& named) { wishes.push_back(named.wish(Mask{named.target})); });
    for_each(request, fs.tmpfs, [&](const Named& named) {
        wishes.push_back(named.wish(MountTmpfs{.target = named.target,
                                               .uid = request.identity.uid,
                                               .gid = request.identity.gid,
                                               .attributes = plain_attributes}));
    });
    for_each(request, fs.overlay, [&](const Named& named) {
        wishes.push_back(named.wish(MountOverlay{
            .target = named.target, .lower = {named.source}, .upper = {}, .work = {}, .attributes = plain_attributes}));
    });
    for_each(request, fs.devices, [&](const Named& named) {
        wishes.push_back(named.wish(
            BindMount{.source = named.source, .target = named.target, .attributes = device_attributes}));
    });
    add_entries(request, fs.files, wishes, [&](std::string path, const std::string& content) -> MountStep {
        return MakeFile{.path = std::move(path), .content = content};
    });
    add_entries(request, fs.symlinks, wishes, [&](std::string path, const std::string& text) -> MountStep {
        return MakeSymlink{std::move(path), text};
    });
}

}  // namespace nsrun
