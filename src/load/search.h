#pragma once
#include <nsrun/host.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nsrun {

/// True when a value of `-p` or `extends` is a path: it has a slash, or ends in ".toml".
bool is_profile_path(std::string_view value);

/// "NAME" or "NAME@INSTANCE", taken apart.
struct ProfileName {
    std::string_view name;
    std::string_view instance;

    explicit ProfileName(std::string_view value);
    /// Both are made of letters, digits and "._+:-" (bytes above 127 too), begin with no dot, and are not too long.
    bool valid() const;
};

/// The first of `directories` that has NAME.toml, as its index; directories.size() when none has.
std::size_t search(std::string_view name, std::span<const std::string> directories);

/// The drop-ins of a profile, in name order: `directories`, best first, are NAME.toml.d beside or above it. Of equal
/// names the best counts; one that is a symbolic link to /dev/null takes the others away.
std::vector<std::string> drop_ins(std::span<const std::string> directories);

/// True for a symbolic link to /dev/null: what it stands for is switched off.
bool is_masked(const std::string& path);

/// The names of the profiles in a directory, ascending.
std::vector<std::string> profile_names(const std::string& directory);

}  // namespace nsrun
