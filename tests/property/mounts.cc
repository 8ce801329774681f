// Whatever is wished, the tree is the same in every order of the wishes, the passes change nothing the second time, and
// what shows where is what a simple tree of files says.

#include "plan/mount_expand.h"
#include "plan/mount_passes.h"
#include "plan/mount_paths.h"
#include "support/machine.h"

#include <nsrun/nsrun.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>

using namespace nsrun;

namespace {

/// Names of a small tree, so that rules meet: "/a", "/a/b", ..., three deep.
std::string any_path() {
    std::string path;
    const int depth = *rc::gen::inRange(1, 4);
    for (int i = 0; i < depth; ++i) path += *rc::gen::element<std::string>("/a", "/b", "/c");
    return path;
}

enum class Verb : std::uint8_t { ro, rw, tmpfs, hide };

struct Rule {
    Verb verb;
    std::string source, target;
    std::uint32_t line;
};

/// Rules of distinct targets: what two rules for one target mean is a matter of errors.
std::vector<Rule> any_rules() {
    std::vector<Rule> rules;
    std::set<std::string> targets;
    const int size = *rc::gen::inRange(0, 8);
    for (int i = 0; i < size; ++i) {
        auto target = any_path();
        if (!targets.insert(target).second) continue;
        rules.push_back({*rc::gen::element(Verb::ro, Verb::rw, Verb::tmpfs, Verb::hide), "/host" + any_path(), target,
                         static_cast<std::uint32_t>(i + 1)});
    }
    return rules;
}

Profile profile_of(const std::vector<Rule>& rules) {
    Profile profile;
    profile.filesystem.base.value = Base::empty;
    for (const auto& rule : rules) {
        const Span at{0, rule.line, 1, rule.line, 2};
        const bool bind = rule.verb == Verb::ro || rule.verb == Verb::rw;
        const Located<PathRule> path{{false, bind ? rule.source : rule.target, bind ? rule.target : ""}, at};
        auto& fs = profile.filesystem;
        (rule.verb == Verb::ro      ? fs.ro
         : rule.verb == Verb::rw    ? fs.rw
         : rule.verb == Verb::tmpfs ? fs.tmpfs
                                    : fs.hide)
            .push_back(path);
    }
    return profile;
}

/// The desktop with every directory of /host there, however deep.
HostFacts machine() {
    auto facts = nsrun::testing::desktop();
    std::vector<std::string> level{"/host"};
    for (int depth = 0; depth < 7; ++depth) {
        std::vector<std::string> next;
        for (const auto& path : level) {
            facts.paths[path] = {.kind = PathKind::directory, .link = {}, .real = path};
            for (const char* name : {"/a", "/b", "/c"}) next.push_back(path + name);
        }
        level = std::move(next);
    }
    return facts;
}

const HostFacts& host() {
    static const HostFacts facts = machine();
    return facts;
}

/// What the model says of a path: what the deepest rule above it shows there. "-": nothing.
std::string model(const std::vector<Rule>& rules, const std::string& path) {
    const Rule* deepest = nullptr;
    for (const auto& rule : rules) {
        if (within(path, rule.target) && (!deepest || rule.target.size() > deepest->target.size())) deepest = &rule;
    }
    // A rule below makes the directories on the way to it.
    const bool on_the_way = std::ranges::any_of(
        rules, [&](const Rule& rule) { return rule.verb != Verb::hide && below(rule.target, path); });
    if (deepest && (deepest->verb == Verb::ro || deepest->verb == Verb::rw)) {
        return std::string(deepest->verb == Verb::rw ? "rw " : "ro ") +
               joined(deepest->source, tail(path, deepest->target));
    }
    if (deepest && deepest->verb == Verb::tmpfs && path == deepest->target) return "own";
    // What hides has a place of its own where there is something to hide: in a tree of the host's.
    if (deepest && deepest->verb == Verb::hide && path == deepest->target && path != "/") {
        std::vector<Rule> others = rules;
        std::erase_if(others, [&](const Rule& rule) { return !below(path, rule.target); });
        if (model(others, path).starts_with('r')) return "own";
    }
    return on_the_way ? "own" : "-";
}

/// The rules, for a failure's report.
std::string text(const std::vector<Rule>& rules) {
    std::string all;
    for (const auto& rule : rules) {
        constexpr const char* verbs[] = {"ro", "rw", "tmpfs", "hide"};
        all += std::string(verbs[static_cast<std::size_t>(rule.verb)]) + " " + rule.source + ":" + rule.target + "\n";
    }
    return all;
}

/// What the plan's view says.
std::string seen(const View& view, const std::string& path) {
    const auto place = view.at(path);
    using Kind = View::Place::Kind;
    if (place.kind == Kind::host) return (place.access == Access::read_write ? "rw " : "ro ") + place.host_path;
    return place.kind == Kind::own ? "own" : "-";
}

MountPlan planned(const Profile& profile, Diagnostics& diagnostics) {
    Identity identity;
    identity.uid = identity.gid = 1000;
    identity.builder_uid = identity.builder_gid = 1000;
    identity.home = "/home/ada";
    return plan_mounts(profile, host(), identity, {}, diagnostics);
}

std::vector<std::string> all_paths() {
    std::vector<std::string> paths, level{""};
    for (int depth = 0; depth < 4; ++depth) {
        std::vector<std::string> next;
        for (const auto& path : level) {
            for (const char* name : {"/a", "/b", "/c"}) next.push_back(path + name);
        }
        paths.insert(paths.end(), next.begin(), next.end());
        level = std::move(next);
    }
    return paths;
}

/// Lists every wish on a machine where nothing hinders: the passes that ask the host, but not expand.
struct Passes {
    explicit Passes(const Profile& profile) : profile_(profile) {}

    void check() {
        Lookup lookup(host());
        const Identity identity;
        const Command command;
        const MountRequest request{profile_, host().context, identity, command, lookup, diagnostics_};
        auto wishes = same([&](MountWishes w) { return check_sources(std::move(w), request); }, expand(request));
        wishes = same([&](MountWishes w) { return follow_links(std::move(w), diagnostics_); }, std::move(wishes));
        wishes = same([](MountWishes w) { return sort_by_target(std::move(w)); }, std::move(wishes));
        wishes = same([&](MountWishes w) { return follow_host_links(std::move(w), "", lookup); }, std::move(wishes));
        wishes = same([&](MountWishes w) { return settle(std::move(w), diagnostics_); }, std::move(wishes));
        wishes = same([&](MountWishes w) { return drop_covered(std::move(w), request); }, std::move(wishes));
        wishes = same([&](MountWishes w) { return restrict_writable(std::move(w), request); }, std::move(wishes));
        wishes =
            same([&](MountWishes w) { return protect_configuration(std::move(w), "", request); }, std::move(wishes));
        same([&](MountWishes w) { return add_mount_points(std::move(w), "", request); }, std::move(wishes));
    }

  private:
    template <class Pass>
    MountWishes same(Pass pass, MountWishes wishes) {
        auto once = pass(std::move(wishes));
        RC_ASSERT(pass(once) == once);
        return once;
    }

    const Profile& profile_;
    Diagnostics diagnostics_;
};

/// Steps of a plan for `count` binds.
std::size_t steps_of(std::size_t count) {
    Profile profile;
    profile.filesystem.base.value = Base::empty;
    for (std::size_t i = 0; i < count; ++i) {
        const auto line = static_cast<std::uint32_t>(i + 1);
        profile.filesystem.ro.push_back({{false, "/host/a", "/many/" + std::to_string(i)}, {0, line, 1, line, 2}});
    }
    Diagnostics diagnostics;
    return planned(profile, diagnostics).steps.size();
}

}  // namespace

int main() {
    bool good = rc::check("the order of the rules does not matter", [] {
        auto rules = any_rules();
        Diagnostics first, second;
        const auto plan = planned(profile_of(rules), first);
        auto shuffled = rules;
        for (std::size_t i = shuffled.size(); i > 1; --i) {
            std::swap(shuffled[i - 1], shuffled[*rc::gen::inRange<std::size_t>(0, i)]);
        }
        const auto other = planned(profile_of(shuffled), second);
        RC_ASSERT(plan.steps == other.steps);
        first.sort();
        second.sort();
        RC_ASSERT(first.list() == second.list());
    });
    good &= rc::check("a pass changes nothing the second time", [] {
        const auto profile = profile_of(any_rules());
        Passes(profile).check();
    });
    good &= rc::check("what shows where is what the model says", [] {
        const auto rules = any_rules();
        Diagnostics diagnostics;
        const auto plan = planned(profile_of(rules), diagnostics);
        RC_CLASSIFY(diagnostics.has_errors(), "refused");
        if (diagnostics.has_errors()) return;
        const View view(plan.steps);
        for (const auto& path : all_paths()) {
            const auto expected = model(rules, path);
            const auto found = seen(view, path);
            if (expected != found)
                RC_LOG() << text(rules) << path << ": the model says " << expected << ", the plan " << found << "\n";
            RC_ASSERT(expected == found);
        }
    });
    good &= rc::check("twice the binds are twice the steps", [] {
        const auto count = *rc::gen::inRange<std::size_t>(1, 1000);
        const auto none = steps_of(0);
        // The directory that holds them all is made once.
        RC_ASSERT(steps_of(2 * count) - none - 1 == 2 * (steps_of(count) - none - 1));
    });
    return good ? 0 : 1;
}
