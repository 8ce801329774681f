#include "plan/registry.h"

#include "plan/namespaces.h"

#include "base/nearest.h"

#include <nsrun/names.h>

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace nsrun {
namespace {

constexpr std::uint32_t sys_admin = 21;

bool is_path(std::string_view wish) {
    return wish.starts_with('/');
}

/// As registry::called has it: the name alone, or with the launcher's pid.
bool called(const RunningSandbox& sandbox, std::string_view name) {
    if (!name.starts_with(sandbox.name)) return false;
    name.remove_prefix(sandbox.name.size());
    return name.empty() || name == fmt::format(".{}", sandbox.launcher);
}

const SandboxNamespace* own(const RunningSandbox& sandbox, Namespace kind) {
    const auto found = std::ranges::find(sandbox.namespaces, kind, &SandboxNamespace::kind);
    return found == sandbox.namespaces.end() ? nullptr : &*found;
}

/// True when the command may enter namespaces that were not made for it. Otherwise the filter holds it where it is, and to
/// write down what cannot change would only cost.
bool can_leave(const Profile& profile) {
    const auto& wish = profile.security;
    return *wish.nested_namespaces || std::ranges::any_of(wish.capabilities, [](const auto& name) {
        return capability_number(*name) == sys_admin;
    });
}

/// Finds the namespaces to join among the running sandboxes.
class Joining {
  public:
    Joining(const Profile& profile, const HostFacts& facts, Diagnostics& diagnostics)
        : profile_(profile), facts_(facts), diagnostics_(diagnostics) {}

    std::vector<JoinNamespace> plan() {
        for (auto& join : joins(profile_)) {
            if (is_path(join.path)) {
                joins_.push_back(std::move(join));
            } else if (const auto* sandbox = find(join.path, join.why)) {
                if (enter(*sandbox, join.kind, join.why)) named_.emplace_back(sandbox, join.why);
            }
        }
        if (!facts_.context.caller.has_sys_admin) enter_owner();
        return std::move(joins_);
    }

  private:
    const RunningSandbox* find(const std::string& name, const Span& at);
    bool enter(const RunningSandbox& sandbox, Namespace kind, const Span& at);
    void enter_owner();
    void refuse_own_user(const RunningSandbox& sandbox, const Span& at);

    const Profile& profile_;
    const HostFacts& facts_;
    Diagnostics& diagnostics_;
    std::vector<JoinNamespace> joins_;
    std::vector<std::pair<const RunningSandbox*, Span>> named_;
};

const RunningSandbox* Joining::find(const std::string& name, const Span& at) {
    std::vector<const RunningSandbox*> found;
    std::vector<std::string_view> names;
    for (const auto& sandbox : facts_.sandboxes) {
        names.push_back(sandbox.name);
        if (called(sandbox, name)) found.push_back(&sandbox);
    }
    if (found.size() == 1) return found.front();
    if (found.empty()) {
        const auto near = nearest(name, names);
        diagnostics_.error(Code::unknown_sandbox, at, fmt::format("no sandbox of yours called '{}' is running", printable(name)),
                           near.empty() ? "start it first; those of root and of other users cannot be joined by name"
                                        : fmt::format("did you mean '{}'?", printable(near)));
        return nullptr;
    }
    std::string all;
    for (const auto* sandbox : found) all += fmt::format("{}{}.{}", all.empty() ? "" : ", ", sandbox->name, sandbox->launcher);
    diagnostics_.error(Code::ambiguous_sandbox, at, fmt::format("{} sandboxes called '{}' are running", found.size(), printable(name)),
                       fmt::format("name one of {}", printable(all)));
    return nullptr;
}

bool Joining::enter(const RunningSandbox& sandbox, Namespace kind, const Span& at) {
    const auto* place = own(sandbox, kind);
    const auto name = printable(sandbox.name);
    if (!place && sandbox.namespaces.empty()) {
        diagnostics_.error(Code::unknown_sandbox, at, fmt::format("the sandbox '{}' is only just starting", name),
                           "try again in a moment");
    } else if (!place) {
        diagnostics_.error(Code::needs_namespace, at,
                           fmt::format("the sandbox '{}' has no {} namespace of its own to join", name, spelling(kind)),
                           fmt::format("add \"{0}\" to its namespaces, or remove join.{0}", spelling(kind)));
    } else if (place->closed) {
        diagnostics_.error(Code::needs_privilege, at,
                           fmt::format("the kernel does not let you enter the sandbox '{}': you may trace none of its processes", name),
                           "run nsrun as the user whose sandbox it is, and not from inside another one");
    } else if (place->path.empty()) {
        diagnostics_.error(Code::unknown_sandbox, at,
                           fmt::format("no process of the sandbox '{}' can be found in its {} namespace", name, spelling(kind)),
                           "it is just starting or ending: try again in a moment");
    } else {
        joins_.push_back({kind, place->path, at, sandbox.name, place->inode});
        return true;
    }
    return false;
}

/// A namespace belongs to a user namespace, which gives the privilege to join it: it comes along. Nobody is in two.
void Joining::enter_owner() {
    if (named_.empty()) return;
    const auto& [first, at] = named_.front();
    const auto* owner = own(*first, Namespace::user);
    if (!owner) return;
    for (const auto& [other, there] : named_) {
        const auto* another = own(*other, Namespace::user);
        if (!another || another->inode == owner->inode) continue;
        diagnostics_.error(Code::conflict, there,
                           fmt::format("'{}' and '{}' belong to two user namespaces, and a process can be in one",
                                       printable(first->name), printable(other->name)),
                           fmt::format("join namespaces of '{}' alone", printable(first->name)));
        return;
    }
    if (!profile_.join.user->empty()) return;
    if (!enter(*first, Namespace::user, at)) return;
    std::rotate(joins_.begin(), joins_.end() - 1, joins_.end());
    refuse_own_user(*first, at);
}

/// What the profile says of a user namespace of its own cannot hold then.
void Joining::refuse_own_user(const RunningSandbox& sandbox, const Span& at) {
    const auto refuse = [&](const Span& place, const char* key) {
        if (!place) return;
        diagnostics_.error(Code::conflict, place,
                           fmt::format("{} needs its own user namespace, but without root '{}' is joined with its user namespace",
                                       key, printable(sandbox.name)),
                           "remove it: the ids inside are those of the sandbox that is joined");
    };
    const auto& ids = profile_.ids;
    refuse(ids.map.at, "ids.map");
    refuse(ids.uid_map.empty() ? Span{} : ids.uid_map.front().at, "ids.uid-map");
    refuse(ids.gid_map.empty() ? Span{} : ids.gid_map.front().at, "ids.gid-map");
    for (const auto& entry : profile_.namespaces) {
        if (*entry == Namespace::user && entry.written() && entry.at.source == at.source) refuse(entry.at, "\"user\" in namespaces");
    }
}

}  // namespace

void want_registry(const Profile& profile, Wanted& wanted) {
    // Whoever becomes the command itself leaves nobody to hold the entry.
    wanted.registry = *profile.process.init || lists(profile, Namespace::pid) || !profile.join.pid->empty();
    for (const auto& join : joins(profile)) {
        if (!is_path(join.path)) wanted.sandboxes.push_back(join.path);
    }
}

std::string listed_name(const Profile& profile, const Context& context) {
    std::string name = profile.name->empty() ? context.name : *profile.name;
    if (name.empty()) name = "default";
    if (!context.instance.empty()) name += "@" + context.instance;
    for (char& letter : name) {
        const bool plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                           (letter >= '0' && letter <= '9') || letter == '.' || letter == '_' || letter == '@';
        if (!plain) letter = '-';
    }
    if (name.front() == '.') name.front() = '-';
    constexpr std::size_t longest = 128;
    name.resize(std::min(name.size(), longest));
    return name;
}

MakeHostDirectory make_registry(const Context& context) {
    // Above it stands what the user has for a runtime directory, through links or not.
    return {.path = context.registry,
            .beneath = context.registry.substr(0, context.registry.rfind('/')),
            .uid = context.caller.uid,
            .gid = context.caller.gid};
}

std::vector<Planned<ParentStep>> plan_registration(const Profile& profile, const HostFacts& facts, const Clone& clone,
                                                   const std::vector<Planned<ParentStep>>& prepare) {
    std::vector<Planned<ParentStep>> steps;
    if (clone.in_place || facts.registry == RegistryState::none) return steps;
    const std::string& directory = facts.context.registry;
    const MakeHostDirectory made = make_registry(facts.context);
    const bool planned = std::ranges::any_of(prepare, [&](const auto& step) { return step.step == ParentStep(made); });
    if (facts.registry == RegistryState::missing && !planned) steps.push_back({made, Span{}});
    auto name = listed_name(profile, facts.context);
    auto path = fmt::format("{}/{}", directory, name);
    steps.push_back({Register{std::move(name), std::move(path), can_leave(profile)}, profile.name.at});
    return steps;
}

std::vector<JoinNamespace> plan_joins(const Profile& profile, const HostFacts& facts, Diagnostics& diagnostics) {
    return Joining(profile, facts, diagnostics).plan();
}

}  // namespace nsrun
