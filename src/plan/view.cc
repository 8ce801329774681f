#include "plan/mount_paths.h"
#include "plan/mounts.h"

#include <concepts>
#include <variant>

namespace nsrun {
namespace {

/// Where a step puts something into the tree; "" when it does not.
std::string_view target_of(const ChildStep& step) {
    const auto target = []<class Step>(const Step& each) -> std::string_view {
        constexpr bool creates =
            std::same_as<Step, MakeDirectory> || std::same_as<Step, MakeFile> || std::same_as<Step, MakeSymlink>;
        constexpr bool mounts = std::same_as<Step, BindMount> || std::same_as<Step, MountTmpfs> ||
                                std::same_as<Step, MountKernelFs> || std::same_as<Step, MountOverlay> ||
                                std::same_as<Step, Mask>;
        if constexpr (std::same_as<Step, MountRoot>) return "/";
        if constexpr (creates) return each.path;
        if constexpr (mounts) return each.target;
        return {};
    };
    return std::visit(target, step);
}

/// What shows at the place `rest` below the target of a step.
View::Place shown(const ChildStep& step, std::string_view rest) {
    using Kind = View::Place::Kind;
    if (const auto* bind = std::get_if<BindMount>(&step)) return {Kind::host, joined(bind->source, rest), bind->access};
    if (const auto* root = std::get_if<MountRoot>(&step)) {
        if (!root->source.empty()) return {Kind::host, joined(root->source, rest), root->access};
        return {rest.empty() ? Kind::own : Kind::absent, {}, Access::read_only};
    }
    // Nothing shows below what is empty; what lies in a file system of the kernel's cannot be known.
    const bool open = std::get_if<MountOverlay>(&step) || std::get_if<MountKernelFs>(&step);
    if (!rest.empty() && !open) return {};
    return {Kind::own, {}, Access::read_write};
}

}  // namespace

View::Place View::at(std::string_view sandbox_path) const {
    std::string path(sandbox_path);
    for (int followed = 0; followed <= 40; ++followed) {
        const ChildStep* deepest = nullptr;
        std::string_view target = "/";
        for (const auto& [step, why] : steps_) {
            const std::string_view each = target_of(step);
            if (each.size() < target.size() || !within(path, each)) continue;
            deepest = &step;
            target = each;
        }
        // Without a root of its own the sandbox shows all that the host does.
        if (!deepest) return {Place::Kind::host, path, Access::read_write};
        const auto* link = std::get_if<MakeSymlink>(deepest);
        if (!link) return shown(*deepest, tail(path, target));
        path = joined(link_target(parent(target), link->target), tail(path, target));
    }
    return {};
}

}  // namespace nsrun
