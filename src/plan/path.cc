#include "plan/path.h"

#include <fmt/format.h>
#include <algorithm>

namespace nsrun {

std::string normal_path(std::string_view path) {
    std::string normal;
    while (!path.empty()) {
        const auto end = std::min(path.find('/'), path.size());
        const auto part = path.substr(0, end);
        path.remove_prefix(std::min(end + 1, path.size()));
        if (part.empty() || part == ".") continue;
        if (part == "..") {
            normal.resize(normal.empty() ? 0 : normal.rfind('/'));
            continue;
        }
        normal += '/';
        normal += part;
    }
    return normal.empty() ? "/" : normal;
}

std::string expand_home(std::string_view path, std::string_view home) {
    const bool tilde = path == "~" || path.starts_with("~/");
    return tilde ? fmt::format("{}{}", home, path.substr(1)) : std::string(path);
}

std::string joined_path(std::string_view directory, std::string_view rest) {
    return normal_path(fmt::format("{}/{}", directory, rest));
}

}  // namespace nsrun
