// Whatever a profile wishes: its plan is in the order of the ranks, comes out the same twice, and an errant wish has
// none.

#include "plan/order.h"
#include "support/machine.h"

#include <nsrun/nsrun.h>
#include <rapidcheck.h>

using namespace nsrun;

namespace {

constexpr Span here{0, 1, 1, 1, 2};

template <Worded E>
Located<E> any_word() {
    return {words<E>[static_cast<std::size_t>(*rc::gen::inRange<int>(0, static_cast<int>(words<E>.size())))].value,
            here};
}

bool maybe() {
    return *rc::gen::arbitrary<bool>();
}

Profile any_profile() {
    Profile profile;
    profile.namespaces.clear();
    for (const auto& word : words<Namespace>) {
        if (*rc::gen::inRange(0, 40) != 0) profile.namespaces.push_back({word.value, here});
    }
    profile.hostname = {maybe() ? "box" : "", here};
    profile.ids.map = any_word<IdMapping>();
    if (*profile.ids.map == IdMapping::explicit_) {
        profile.ids.uid_map = profile.ids.gid_map = {{{0, 100000, 1000}, here}};
    }
    const bool many = *profile.ids.map == IdMapping::range || *profile.ids.map == IdMapping::explicit_;
    if (many && maybe()) profile.ids.uid = {*rc::gen::inRange<std::int64_t>(0, 1010), here};
    profile.filesystem.home = any_word<Home>();
    profile.filesystem.proc = any_word<Proc>();
    profile.filesystem.tmp = any_word<Tmp>();
    if (maybe()) profile.filesystem.tmpfs.push_back({{false, "/scratch", ""}, here});
    profile.network.mode = any_word<NetworkMode>();
    profile.security.nested_namespaces = {maybe(), here};
    profile.security.no_new_privileges = {maybe(), here};
    profile.security.keyring = any_word<Keyring>();
    if (maybe()) profile.security.capabilities.push_back({"net-bind-service", here});
    profile.process.tty = any_word<Tty>();
    profile.process.init = {maybe(), here};
    return profile;
}

template <class Step>
bool in_order(const std::vector<Planned<Step>>& steps) {
    return std::ranges::is_sorted(steps, {}, rank<Step>);
}

}  // namespace

int main() {
    bool good = rc::check("a plan is in the order of the ranks and comes out the same twice", [] {
        const auto profile = any_profile();
        const auto facts = maybe() ? nsrun::testing::desktop() : nsrun::testing::service();
        const Command command{.words = {"/usr/bin/env"}, .profile_files = {}};
        Diagnostics first, second;
        const auto plan = resolve(profile, facts, command, first);
        RC_CLASSIFY(first.has_errors(), "refused");
        RC_ASSERT(plan == resolve(profile, facts, command, second));
        RC_ASSERT(first.list() == second.list());
        RC_ASSERT(in_order(plan.prepare) && in_order(plan.attach) && in_order(plan.setup));
        if (first.has_errors()) RC_ASSERT(plan == Plan{});
    });
    good &= rc::check("what a plan needs to know is asked the same way twice", [] {
        const auto profile = any_profile();
        const auto context = nsrun::testing::desktop().context;
        const Command command{.words = {"env"}, .profile_files = {}};
        RC_ASSERT(wanted(profile, command, context) == wanted(profile, command, context));
    });
    return good ? 0 : 1;
}
