#include "parent/parent.h"

#include <algorithm>
#include <concepts>

namespace nsrun::parent {
namespace {

/// The namespace that must be new for a step, so that the step acts on the sandbox alone.
struct Needs {
    std::optional<Namespace> operator()(const DenySetgroups&) const { return Namespace::user; }
    std::optional<Namespace> operator()(const MapIds&) const { return Namespace::user; }
    std::optional<Namespace> operator()(const AddLink&) const { return Namespace::net; }
    std::optional<Namespace> operator()(const MoveLink&) const { return Namespace::net; }
    std::optional<Namespace> operator()(const LimitRate&) const { return Namespace::net; }
    std::optional<Namespace> operator()(const Masquerade&) const { return Namespace::net; }
    std::optional<Namespace> operator()(const ShareBridge&) const { return Namespace::net; }
    std::optional<Namespace> operator()(const AddAddress&) const { return Namespace::net; }
    std::optional<Namespace> operator()(const StartRelay&) const { return Namespace::net; }
    std::optional<Namespace> operator()(const SetLink&) const { return Namespace::net; }
    std::optional<Namespace> operator()(const AddRoute&) const { return Namespace::net; }
    std::optional<Namespace> operator()(const ForbidUserNamespaces&) const { return Namespace::user; }
    std::optional<Namespace> operator()(const StartUplink&) const { return Namespace::net; }
    std::optional<Namespace> operator()(const SetMtu&) const { return Namespace::net; }
    std::optional<Namespace> operator()(const WatchAddresses&) const { return Namespace::net; }
    std::optional<Namespace> operator()(const CloseAddress&) const { return Namespace::net; }
    std::optional<Namespace> operator()(const CloseMulticast&) const { return Namespace::net; }
    std::optional<Namespace> operator()(const SetSysctl&) const { return Namespace::net; }
    std::optional<Namespace> operator()(const SetHostname&) const { return Namespace::uts; }
    std::optional<Namespace> operator()(const SetDomainname&) const { return Namespace::uts; }
    std::optional<Namespace> operator()(const IdmapMount&) const { return Namespace::user; }
    std::optional<Namespace> operator()(const SetPropagation&) const { return Namespace::mount; }
    std::optional<Namespace> operator()(const MountRoot&) const { return Namespace::mount; }
    std::optional<Namespace> operator()(const PivotRoot&) const { return Namespace::mount; }
    std::optional<Namespace> operator()(const MakeDirectory&) const { return Namespace::mount; }
    std::optional<Namespace> operator()(const MakeFile&) const { return Namespace::mount; }
    std::optional<Namespace> operator()(const MakeSymlink&) const { return Namespace::mount; }
    std::optional<Namespace> operator()(const BindMount&) const { return Namespace::mount; }
    std::optional<Namespace> operator()(const MountTmpfs&) const { return Namespace::mount; }
    std::optional<Namespace> operator()(const MountKernelFs&) const { return Namespace::mount; }
    std::optional<Namespace> operator()(const MountOverlay&) const { return Namespace::mount; }
    std::optional<Namespace> operator()(const Mask&) const { return Namespace::mount; }
    std::optional<Namespace> operator()(const SetReadOnly&) const { return Namespace::mount; }
    template <class Step>
    std::optional<Namespace> operator()(const Step&) const {
        return std::nullopt;
    }
};

/// True for a step whose work ends with nsrun, or is undone by it.
struct Lasts {
    template <class Step>
    bool operator()(const Step&) const {
        return std::same_as<Step, MoveLink> || std::same_as<Step, Masquerade> || std::same_as<Step, ShareBridge> ||
               std::same_as<Step, StartRelay>;
    }
};

template <class Step>
Launched check_steps(const std::vector<Planned<Step>>& steps, const std::vector<Namespace>& fresh) {
    for (const auto& planned : steps) {
        const auto needed = std::visit(Needs{}, planned.step);
        if (!needed || std::ranges::find(fresh, *needed) != fresh.end()) continue;
        const auto name = spelling(*needed);
        auto error = fail(0, "the plan would act on the host: it has no {} namespace of its own", name).error();
        return std::unexpected(LaunchFailure{std::move(error), planned.why, to_text(planned.step)});
    }
    return {};
}

}  // namespace

Launched check(const Plan& plan) {
    std::vector<Namespace> fresh = plan.clone.namespaces;
    for (const auto& join : plan.clone.joins) {
        if (!join.pod.empty()) fresh.push_back(join.kind);  // made for its members, of which the sandbox is one
    }
    if (auto checked = check_steps(plan.prepare, fresh); !checked) return checked;
    if (auto checked = check_steps(plan.attach, fresh); !checked) return checked;
    if (auto checked = check_steps(plan.setup, fresh); !checked) return checked;
    const auto has = [&](Namespace kind) { return std::ranges::find(fresh, kind) != fresh.end(); };
    if (plan.clone.in_place && (plan.exec.init || has(Namespace::pid) || has(Namespace::time))) {
        Error error{0, "nsrun cannot become the sandbox itself with an init, a pid or a time namespace", {}};
        return std::unexpected(LaunchFailure{std::move(error), plan.clone.why, {}});
    }
    for (const auto* steps : {&plan.prepare, &plan.attach}) {
        for (const auto& planned : *steps) {
            if (!plan.clone.in_place || !std::visit(Lasts{}, planned.step)) continue;
            Error error{0, "nsrun cannot become the sandbox itself where something is to be kept or taken back at its end", {}};
            return std::unexpected(LaunchFailure{std::move(error), planned.why, to_text(planned.step)});
        }
    }
    return {};
}

}  // namespace nsrun::parent
