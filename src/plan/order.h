#pragma once
#include "plan/arrange.h"

#include <nsrun/plan.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <string_view>
#include <variant>
#include <vector>

/// The order of the steps: the only place that knows it. Steps of one rank keep the order in which they were planned.
namespace nsrun {

/// When a step happens, and why not elsewhere.
struct StageRank {
    std::string_view step;
    int rank;
    std::string_view reason;
};

inline constexpr auto stage_ranks = std::to_array<StageRank>({
    // the parent's, before and after the clone
    {Publish::name, 5, "a port in use is told before anything is made"},
    {MakeHostDirectory::name, 10, "a bind mount needs its source"},
    {ShareBridge::name, 12, "a link is attached to it; before the sandbox, so that it ends after it"},
    {Register::name, 15, "after its directory; held before there is a sandbox"},
    {JoinPod::name, 15, "its namespaces are entered by the clone; after the directories, one of which is its own"},
    {DenySetgroups::name, 20, "the kernel takes an unprivileged gid map only after it"},
    {MapIds::name, 30, "until then nobody inside can own or create anything"},
    {IdmapMount::name, 40, "maps the owners of files through the maps that now stand"},
    {StartUplink::name, 48, "joins the namespaces by the ids that now stand; the next steps are about the link it makes"},
    {AddLink::name, 50, "needs nothing but the namespace; after the maps, so that a bad one fails before any network exists"},
    {MoveLink::name, 50, "as add_link"},
    {AddAddress::name, 52, "an address belongs to a link"},
    {SetMtu::name, 53, "of a link that is not up yet"},
    {SetLink::name, 54, "with its addresses, so that nothing is sent from another"},
    {LimitRate::name, 56, "a link has a queue to replace once it is up; before anything can be sent far"},
    {CloseAddress::name, 56, "the link must be up; before the routes that would lead there"},
    {CloseMulticast::name, 56, "names the link; before a program can send"},
    {WatchAddresses::name, 57, "the same; what the host got since planning is closed before the routes, too"},
    {AddRoute::name, 58, "the kernel takes a route only through a link that is up"},
    {Masquerade::name, 60, "opens the way out: last"},
    {StartRelay::name, 90, "last: it connects in the network as it then is"},

    // the child's
    {NewSession::name, 10, "the caller's terminal is out of reach before anything else is opened"},
    {SetPropagation::name, 20, "no later mount may reach the host, nor the host's the sandbox"},
    {BecomeBuilder::name, 30, "what follows creates files: an unmapped owner could not"},
    {MountRoot::name, 40, "everything else is attached to it"},
    {PivotRoot::name, 50, "the host's tree is gone before a path is resolved that the sandbox could have prepared"},
    {MakeDirectory::name, 60, "the tree, parents first, as the mounts were sorted"},
    {MakeFile::name, 60, "the tree"},
    {MakeSymlink::name, 60, "the tree"},
    {BindMount::name, 60, "the tree"},
    {MountTmpfs::name, 60, "the tree"},
    {MountKernelFs::name, 60, "the tree"},
    {MountOverlay::name, 60, "the tree"},
    {Mask::name, 60, "the tree"},
    {ForbidUserNamespaces::name, 70, "writes below /proc/sys, which may become read-only next"},
    {SetSysctl::name, 70, "the same; and privilege over the network namespace goes with set_ids or set_capabilities"},
    {SetReadOnly::name, 80, "nothing is created in the tree from here on"},
    {SetHostname::name, 90, "needs CAP_SYS_ADMIN, which goes with set_ids or set_capabilities"},
    {SetDomainname::name, 90, "as set_hostname"},
    {SetGroups::name, 100, "needs CAP_SETGID, and must precede set_ids: a user cannot change his groups"},
    {SetIds::name, 110, "from here on this is the command's user"},
    {JoinSessionKeyring::name, 120, "the keyring belongs to who joins it: the command's user"},
    {SetUmask::name, 130, "after the tree, whose modes are exact"},
    {ChangeDirectory::name, 140, "as the command's user, in the finished tree"},
    {SetNoNewPrivileges::name, 150, "the kernel takes a filter from the unprivileged only after it"},
    {RestrictAbstractSockets::name, 155, "as the filter; before it, which may come to refuse the calls of Landlock"},
    {InstallFilter::name, 160, "without no_new_privs it needs CAP_SYS_ADMIN, which the next step takes away"},
    {SetCapabilities::name, 170, "nothing after it needs privilege"},
    {CheckSelf::name, 180, "last: it compares what all the others left"},
});

/// Not constexpr: calling it is the compiler's error for a step that the table lacks.
int step_without_rank();

template <class Step>
consteval int rank_of() {
    for (const auto& entry : stage_ranks) {
        if (entry.step == Step::name) return entry.rank;
    }
    return step_without_rank();
}

/// When Step happens among its variant's steps. A step without an entry in the table does not compile.
template <class Step>
inline constexpr int stage_rank = rank_of<Step>();

/// The rank of a planned step.
template <class Variant>
int rank(const Planned<Variant>& planned) {
    return std::visit([]<class Step>(const Step&) { return stage_rank<Step>; }, planned.step);
}

inline constexpr int highest_rank = std::ranges::max(stage_ranks, {}, &StageRank::rank).rank;

/// Sorts by rank; never reorders within one.
template <class Variant>
void put_in_order(std::vector<Planned<Variant>>& steps) {
    if (std::ranges::is_sorted(steps, {}, rank<Variant>)) return;
    // For each place the step that belongs there, by counting.
    std::array<std::uint32_t, highest_rank + 2> next{};
    for (const auto& step : steps) ++next[static_cast<std::size_t>(rank(step)) + 1];
    std::partial_sum(next.begin(), next.end(), next.begin());
    std::vector<std::uint32_t> sources(steps.size());
    for (std::uint32_t i = 0; i < steps.size(); ++i) sources[next[static_cast<std::size_t>(rank(steps[i]))]++] = i;
    arrange(steps, std::move(sources));
}

}  // namespace nsrun
