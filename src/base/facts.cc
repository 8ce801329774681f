#include <nsrun/host.h>

namespace nsrun {

std::optional<std::string_view> Context::variable(std::string_view wanted) const {
    for (const std::string_view entry : environment) {
        if (entry.size() > wanted.size() && entry[wanted.size()] == '=' && entry.starts_with(wanted)) {
            return entry.substr(wanted.size() + 1);
        }
    }
    return std::nullopt;
}

const PathFact* HostFacts::path(std::string_view wanted) const {
    const auto found = paths.find(wanted);
    return found == paths.end() ? nullptr : &found->second;
}

}  // namespace nsrun
