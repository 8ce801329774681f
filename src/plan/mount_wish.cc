#include "plan/mount_wish.h"

#include <fmt/format.h>

#include <algorithm>

namespace nsrun {

namespace {

template <class Step>
constexpr bool creates =
    std::is_same_v<Step, MakeFile> || std::is_same_v<Step, MakeSymlink> || std::is_same_v<Step, MakeDirectory>;

template <class Step>
auto& place_in(Step& step) {
    if constexpr (creates<std::remove_const_t<Step>>) {
        return step.path;
    } else {
        return step.target;
    }
}

std::string described(const BindMount& bind) {
    return std::string(spelling(bind.access));
}
std::string described(const MountTmpfs&) {
    return "an empty file system";
}
std::string described(const MountKernelFs& mount) {
    return fmt::format("a {}", mount.type);
}
std::string described(const MountOverlay&) {
    return "an overlay";
}
std::string described(const Mask&) {
    return "hidden";
}
std::string described(const MakeFile&) {
    return "a file of the profile";
}
std::string described(const MakeSymlink&) {
    return "a symbolic link";
}
std::string described(const MakeDirectory&) {
    return "a new directory";
}

}  // namespace

const std::string& target_of(const MountWish& wish) {
    return std::visit([](const auto& step) -> const std::string& { return place_in(step); }, wish.what);
}

void move_to(MountWish& wish, std::string target) {
    std::visit([&](auto& step) { place_in(step) = std::move(target); }, wish.what);
}

bool is_mount(const MountWish& wish) {
    return std::visit([]<class Step>(const Step&) { return !creates<Step>; }, wish.what);
}

std::string described(const MountWish& wish) {
    return std::visit([](const auto& step) { return described(step); }, wish.what);
}

const PathFact* Lookup::path(std::string_view path) {
    if (facts_) return facts_->path(path);
    if (!wanted_->paths.contains(path)) wanted_->paths.emplace(path);
    return nullptr;
}

bool Lookup::exists(std::string_view path) {
    const PathFact* fact = this->path(path);
    return !fact || fact->kind != PathKind::absent;
}

std::string_view Lookup::real(std::string_view path) {
    const PathFact* fact = this->path(path);
    return fact && !fact->real.empty() ? fact->real : path;
}

const PathFact* Lookup::source(const MountWish& wish) {
    return wish.source ? *wish.source : path(bind_of(wish)->source);
}

std::string_view Lookup::real_source(const MountWish& wish) {
    const PathFact* fact = source(wish);
    return fact && !fact->real.empty() ? fact->real : bind_of(wish)->source;
}

const std::vector<std::string>& Lookup::matches(std::string_view pattern) {
    static const std::vector<std::string> none;
    if (facts_) {
        const auto found = facts_->globs.find(pattern);
        return found == facts_->globs.end() ? none : found->second;
    }
    wanted_->globs.emplace_back(pattern);
    return none;
}

std::string_view Lookup::too_wide(std::string_view pattern) const {
    if (!facts_) return {};
    const auto found = facts_->wide_globs.find(pattern);
    return found == facts_->wide_globs.end() ? std::string_view() : found->second;
}

std::string_view Lookup::text(std::string_view path) {
    if (facts_) {
        const auto found = facts_->texts.find(path);
        return found == facts_->texts.end() ? std::string_view() : found->second;
    }
    wanted_->texts.emplace_back(path);
    return {};
}

namespace {
const std::vector<Account> no_accounts;
}

const NetworkFacts* Lookup::network() {
    if (wanted_) wanted_->network = true;
    return facts_ ? &facts_->network : nullptr;
}

const std::vector<Account>& Lookup::users() {
    if (facts_) return facts_->users;
    wanted_->all_accounts = true;
    return no_accounts;
}

const std::vector<Account>& Lookup::groups() {
    if (facts_) return facts_->groups;
    wanted_->all_accounts = true;
    return no_accounts;
}

RegistryState Lookup::registry() {
    if (facts_) return facts_->registry;
    wanted_->registry = true;
    return RegistryState::ready;
}

bool MountRequest::makes(Namespace kind) const {
    return std::ranges::any_of(profile.namespaces, [&](const auto& each) { return each.value == kind; });
}

}  // namespace nsrun
