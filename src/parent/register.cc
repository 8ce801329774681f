#include "parent/parent.h"

#include <unistd.h>

/// The sandbox's entry among those that run.
namespace nsrun::parent {

Launched register_sandbox(const Planned<ParentStep>& planned, const Register& step, Kept& kept) {
    auto entry = registry::enter(step.path);
    if (!entry) return std::unexpected(explain(planned, entry.error()));
    kept.entry = *std::move(entry);
    return {};
}

Launched tell_registry(const Plan& plan, pid_t first, bool numbers, const Kept& kept) {
    for (const auto& planned : plan.prepare) {
        const auto* step = std::get_if<Register>(&planned.step);
        if (step == nullptr || step->numbers != numbers) continue;
        registry::Entry entry{.name = step->called,
                              .launcher = static_cast<std::uint32_t>(getpid()),
                              .first = static_cast<std::uint32_t>(first),
                              .init = plan.exec.init};
        for (const Namespace kind : plan.clone.namespaces) entry.namespaces.push_back({kind, 0});
        for (const auto& join : plan.clone.joins) entry.namespaces.push_back({join.kind, 0});
        if (numbers) registry::number_namespaces(entry);
        if (auto told = kept.entry.tell(entry); !told) return std::unexpected(explain(planned, told.error()));
    }
    return {};
}

bool tells_numbers(const Plan& plan) {
    for (const auto& planned : plan.prepare) {
        if (const auto* step = std::get_if<Register>(&planned.step)) return step->numbers;
    }
    return false;
}

}  // namespace nsrun::parent
