#include "plan/ids.h"

#include "plan/id_map.h"
#include "plan/namespaces.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

namespace nsrun {
namespace {

std::optional<std::uint32_t> id_number(std::string_view digits) {
    std::uint32_t number = 0;
    const char* const end = digits.data() + digits.size();
    const auto [rest, error] = std::from_chars(digits.data(), end, number);
    if (error != std::errc{} || rest != end || number == 0xffffffff) return std::nullopt;
    return number;
}

const Account* by_name(const std::vector<Account>& accounts, std::string_view name) {
    const auto found = std::ranges::find(accounts, name, &Account::name);
    return found == accounts.end() ? nullptr : &*found;
}

const Account* by_id(const std::vector<Account>& accounts, std::uint32_t id) {
    const auto found = std::ranges::find(accounts, id, &Account::id);
    return found == accounts.end() ? nullptr : &*found;
}

/// The two halves of run-as.
std::pair<std::string_view, std::string_view> halves(std::string_view run_as) {
    const auto colon = run_as.find(':');
    if (colon == std::string_view::npos) return {run_as, {}};
    return {run_as.substr(0, colon), run_as.substr(colon + 1)};
}

/// The file below /proc/PID that belongs to /proc/PID/ns/user, by which a joined namespace is understood.
std::string beside_namespace(std::string_view path, std::string_view file) {
    constexpr std::string_view ending = "/ns/user";
    if (!path.starts_with("/proc/") || !path.ends_with(ending)) return {};
    return fmt::format("{}/{}", path.substr(0, path.size() - ending.size()), file);
}

/// Plans the ids of one run; the members are what its parts share.
class Ids {
  public:
    Ids(const Profile& profile, const HostFacts& facts, const Clone& clone, Diagnostics& diagnostics)
        : profile_(profile),
          facts_(facts),
          caller_(facts.context.caller),
          diagnostics_(diagnostics),
          own_namespace_(makes(clone, Namespace::user) || in_pod(clone, Namespace::user)),
          joined_(enters(clone, Namespace::user) && !in_pod(clone, Namespace::user)) {}

    IdPlan plan() {
        if (own_namespace_) map();
        if (joined_) learn();
        choose();
        name();
        become();
        return std::move(plan_);
    }

  private:
    bool confined() const { return own_namespace_ || joined_; }
    Identity& identity() { return plan_.identity; }

    void map();
    void learn();
    void choose();
    void choose_run_as();
    void choose_inside();
    std::uint32_t default_id(const std::vector<IdRange>& map, std::uint32_t own) const;
    void check_mapped(const Located<std::int64_t>& wish, IdKind kind, std::uint32_t id);
    void name();
    void become();
    void groups();
    std::optional<std::uint32_t> group_named(const Located<std::string>& name);

    const Profile& profile_;
    const HostFacts& facts_;
    const Caller& caller_;
    Diagnostics& diagnostics_;
    const bool own_namespace_;
    const bool joined_;
    bool setgroups_ = false;            ///< the kernel will let us set the supplementary groups
    const Account* account_ = nullptr;  ///< of run-as
    IdPlan plan_;
};

/// Maps a user namespace of our own.
void Ids::map() {
    const IdSide users = user_side(facts_), groups = group_side(facts_);
    identity().uid_map = wished_map(profile_, facts_, users, diagnostics_);
    identity().gid_map = wished_map(profile_, facts_, groups, diagnostics_);
    if (identity().uid_map.empty() || identity().gid_map.empty()) return;
    const auto uid_step = map_step(identity().uid_map, profile_, facts_, users, diagnostics_);
    const auto gid_step = map_step(identity().gid_map, profile_, facts_, groups, diagnostics_);
    if (!uid_step || !gid_step) return;

    const Span at = profile_.ids.map.at;
    const bool privileged = maps_anything(facts_);
    if (!privileged && gid_step->helper.empty()) plan_.attach.push_back({DenySetgroups{}, at});
    plan_.attach.push_back({*uid_step, at});
    plan_.attach.push_back({*gid_step, at});
    const auto denied = facts_.texts.find("/proc/self/setgroups");
    setgroups_ = !gid_step->helper.empty() ||
                 (privileged && (denied == facts_.texts.end() || !denied->second.starts_with("deny")));
}

/// Learns how a joined user namespace maps ids.
void Ids::learn() {
    const auto& path = *profile_.join.user;
    const auto text = [&](std::string_view file) -> std::string_view {
        const auto found = facts_.texts.find(beside_namespace(path, file));
        return found == facts_.texts.end() ? std::string_view{} : found->second;
    };
    identity().uid_map = read_map(text("uid_map"));
    identity().gid_map = read_map(text("gid_map"));
    setgroups_ = text("setgroups").starts_with("allow");
    const bool known = !identity().uid_map.empty() && !identity().gid_map.empty();
    if (known || (*profile_.ids.uid >= 0 && *profile_.ids.gid >= 0)) return;
    diagnostics_.error(
        Code::missing_key, profile_.join.user.at,
        fmt::format("the id map of {} cannot be read, so the command's ids must be named", printable(path)),
        "write ids.uid and ids.gid, or join /proc/PID/ns/user");
}

/// Decides whom the command runs as.
void Ids::choose() {
    for (const auto* wish : {&profile_.ids.uid, &profile_.ids.gid}) {
        if (**wish < 0xffffffffLL) continue;
        diagnostics_.error(Code::out_of_range, wish->at, fmt::format("there is no id {}", **wish),
                           "write 0 to 4294967294");
        return;
    }
    if (confined()) {
        choose_inside();
        return;
    }
    identity().uid = identity().builder_uid = caller_.uid;
    identity().gid = identity().builder_gid = caller_.gid;
    if (!profile_.ids.run_as->empty()) choose_run_as();
    if (*profile_.ids.uid >= 0) identity().uid = static_cast<std::uint32_t>(*profile_.ids.uid);
    if (*profile_.ids.gid >= 0) identity().gid = static_cast<std::uint32_t>(*profile_.ids.gid);
    setgroups_ = maps_anything(facts_);
    if (maps_anything(facts_) || (identity().uid == caller_.uid && identity().gid == caller_.gid)) return;
    const auto& ids = profile_.ids;
    const Span at = ids.run_as.written() ? ids.run_as.at : ids.uid.written() ? ids.uid.at : ids.gid.at;
    diagnostics_.error(Code::needs_privilege, at, "only root can become another user without a user namespace",
                       "add \"user\" to namespaces, or remove this");
}

/// Becomes a user of the host, as root and without a user namespace.
void Ids::choose_run_as() {
    const auto& wish = profile_.ids.run_as;
    const auto [user, group] = halves(*wish);
    const auto number = id_number(user);
    account_ = by_name(facts_.users, user);
    if (!account_ && number) account_ = by_id(facts_.users, *number);
    if (!account_ && !number) {
        diagnostics_.error(Code::unknown_user, wish.at, fmt::format("no user is called '{}'", printable(user)),
                           "create it, or write a number with a group: run-as = \"1234:1234\"");
        return;
    }
    identity().uid = account_ ? account_->id : *number;
    if (group.empty()) {
        if (account_) {
            identity().gid = account_->group;
        } else {
            diagnostics_.error(Code::unknown_user, wish.at,
                               fmt::format("user {} is not in the user database, so its group is unknown", *number),
                               fmt::format("write run-as = \"{}:GROUP\"", *number));
        }
        return;
    }
    if (const auto* named = by_name(facts_.groups, group)) {
        identity().gid = named->id;
    } else if (const auto gid = id_number(group)) {
        identity().gid = *gid;
    } else {
        diagnostics_.error(Code::unknown_user, wish.at, fmt::format("no group is called '{}'", printable(group)),
                           "create it, or write its number");
    }
}

std::uint32_t Ids::default_id(const std::vector<IdRange>& map, std::uint32_t own) const {
    if (const auto mine = inside(map, own)) return *mine;
    if (map.empty() || outside(map, 0)) return 0;
    return std::ranges::min_element(map, {}, &IdRange::inside)->inside;
}

void Ids::check_mapped(const Located<std::int64_t>& wish, IdKind kind, std::uint32_t id) {
    const auto& map = kind == IdKind::uid ? identity().uid_map : identity().gid_map;
    if (map.empty() || outside(map, id)) return;
    const bool single = map.size() == 1 && map[0].count == 1;
    diagnostics_.error(Code::unmapped_id, wish.at,
                       fmt::format("{} {} does not exist inside: {} maps {}", spelling(kind), id,
                                   joined_ ? std::string("the joined namespace")
                                           : fmt::format("ids.map = \"{}\"", spelling(*profile_.ids.map)),
                                   single ? fmt::format("{} only", map[0].inside) : "other ids"),
                       single && !joined_ ? "write ids.map = \"range\""
                                          : fmt::format("use an id that is mapped, such as {}", map[0].inside));
}

/// Chooses among the ids of the user namespace. Whoever stands for the caller builds: the caller's files are his.
void Ids::choose_inside() {
    Identity& who = identity();
    who.uid = who.builder_uid = default_id(who.uid_map, caller_.uid);
    who.gid = who.builder_gid = default_id(who.gid_map, caller_.gid);
    const auto& ids = profile_.ids;
    if (*ids.uid >= 0) {
        who.uid = static_cast<std::uint32_t>(*ids.uid);
        check_mapped(ids.uid, IdKind::uid, who.uid);
        // A user of the host's database comes with his group: uid 33 is www-data, and so is gid 33.
        const auto* account = by_id(facts_.users, who.uid);
        if (account && who.uid != who.builder_uid && outside(who.gid_map, account->group)) who.gid = account->group;
    }
    if (*ids.gid >= 0) {
        who.gid = static_cast<std::uint32_t>(*ids.gid);
        check_mapped(ids.gid, IdKind::gid, who.gid);
    }
    if (joined_ && who.uid_map.empty()) who.builder_uid = who.uid;
    if (joined_ && who.gid_map.empty()) who.builder_gid = who.gid;
}

/// Names the user as the sandbox knows him.
void Ids::name() {
    Identity& who = identity();
    const auto called = [](std::uint32_t id, bool callers, const std::string& own,
                           const std::vector<Account>& accounts) {
        if (id == 0) return std::string("root");
        if (callers) return own;
        const auto* account = by_id(accounts, id);
        return account ? account->name : std::to_string(id);
    };
    who.user = called(who.uid, outside(who.uid_map, who.uid) == caller_.uid, caller_.name, facts_.users);
    who.group = called(who.gid, outside(who.gid_map, who.gid) == caller_.gid, caller_.group_name, facts_.groups);
    who.home = account_ && !account_->home.empty() ? account_->home : caller_.home;
    if (const auto& wish = profile_.filesystem.home_dir->text; !wish.empty()) {
        who.home = wish.starts_with('~') ? caller_.home + wish.substr(1) : wish;
    }
    who.shell = account_ && !account_->shell.empty() ? account_->shell : caller_.shell;
    if (who.shell.empty()) who.shell = "/bin/sh";
    who.host_root_inside = who.uid_map.empty() || inside(who.uid_map, 0).has_value();
}

void Ids::become() {
    const Identity& who = identity();
    const auto& ids = profile_.ids;
    if (confined()) plan_.steps.push_back({BecomeBuilder{who.builder_uid, who.builder_gid}, ids.map.at});
    groups();
    if (who.uid == who.builder_uid && who.gid == who.builder_gid) return;
    const Span at = ids.run_as.written() ? ids.run_as.at : ids.uid.written() ? ids.uid.at : ids.gid.at;
    plan_.steps.push_back({SetIds{who.uid, who.gid}, at});
}

std::optional<std::uint32_t> Ids::group_named(const Located<std::string>& name) {
    std::optional<std::uint32_t> id;
    if (const auto* account = by_name(facts_.groups, *name)) id = account->id;
    if (!id) id = id_number(*name);
    if (!id) {
        diagnostics_.error(Code::unknown_user, name.at, fmt::format("no group is called '{}'", printable(*name)),
                           "create it, or write its number");
    } else if (!outside(identity().gid_map, *id)) {
        diagnostics_.error(
            Code::unmapped_id, name.at,
            fmt::format("group '{}' ({}) does not exist inside: it is not mapped", printable(*name), *id),
            "write ids.map = \"range\", or remove the group");
        id.reset();
    }
    return id;
}

/// Plans the supplementary groups. A plain user's cannot be dropped: the kernel denies setgroups(2) with his own map.
void Ids::groups() {
    const auto& wish = profile_.ids.groups;
    if (!wish->listed) {
        if (wish->word == Groups::drop && setgroups_) plan_.steps.push_back({SetGroups{}, wish.at});
        return;
    }
    if (!setgroups_ && !wish->names.empty()) {
        diagnostics_.error(Code::needs_privilege, wish.at,
                           "the kernel lets nobody set groups with this id map: groups can only be kept",
                           "write ids.map = \"range\", or groups = \"keep\"");
        return;
    }
    SetGroups step;
    for (const auto& name : wish->names) {
        if (const auto id = group_named(name)) step.groups.push_back(*id);
    }
    std::ranges::sort(step.groups);
    const auto doubles = std::ranges::unique(step.groups);
    step.groups.erase(doubles.begin(), doubles.end());
    if (setgroups_) plan_.steps.push_back({std::move(step), wish.at});
}

}  // namespace

std::optional<std::uint32_t> outside(const std::vector<IdRange>& map, std::uint32_t id) {
    if (map.empty()) return id;
    for (const auto& range : map) {
        if (id >= range.inside && id - range.inside < range.count) return range.outside + (id - range.inside);
    }
    return std::nullopt;
}

std::optional<std::uint32_t> inside(const std::vector<IdRange>& map, std::uint32_t id) {
    if (map.empty()) return id;
    for (const auto& range : map) {
        if (id >= range.outside && id - range.outside < range.count) return range.inside + (id - range.outside);
    }
    return std::nullopt;
}

void want_ids(const Profile& profile, const Context& context, Wanted& wanted) {
    const auto& ids = profile.ids;
    const bool mapped = lists(profile, Namespace::user) && profile.join.user->empty();
    if (mapped && (*ids.map == IdMapping::range || *ids.map == IdMapping::explicit_)) wanted.subordinate_ids = true;
    if (mapped && context.caller.has_sys_admin) wanted.texts.push_back("/proc/self/setgroups");
    for (const std::string_view file : {"uid_map", "gid_map", "setgroups"}) {
        auto path = beside_namespace(*profile.join.user, file);
        if (!path.empty()) wanted.texts.push_back(std::move(path));
    }
    if (*ids.uid >= 0) wanted.user_ids.push_back(static_cast<std::uint32_t>(*ids.uid));
    if (*ids.gid >= 0) wanted.group_ids.push_back(static_cast<std::uint32_t>(*ids.gid));
    if (!ids.run_as->empty()) {
        const auto [user, group] = halves(*ids.run_as);
        wanted.users.emplace_back(user);
        if (const auto number = id_number(user)) wanted.user_ids.push_back(*number);
        if (!group.empty()) wanted.groups.emplace_back(group);
    }
    for (const auto& name : ids.groups->names) wanted.groups.push_back(*name);
}

IdPlan plan_ids(const Profile& profile, const HostFacts& facts, const Clone& clone, Diagnostics& diagnostics) {
    return Ids(profile, facts, clone, diagnostics).plan();
}

}  // namespace nsrun
