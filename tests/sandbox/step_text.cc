#include <nsrun/plan.h>
#include <nsrun/nsrun.h>

/// The names of steps, where the room that renders them is not linked.
namespace nsrun {

[[gnu::weak]] std::string to_text(const ParentStep& step) {
    return std::visit([](const auto& one) { return std::string(one.name); }, step);
}

[[gnu::weak]] std::string to_text(const ChildStep& step) {
    return std::visit([](const auto& one) { return std::string(one.name); }, step);
}

}  // namespace nsrun
