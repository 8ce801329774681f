#pragma once
#include <nsrun/result.h>

#include <string>
#include <string_view>
#include <vector>

namespace nsrun {

/// The paths that an absolute pattern matches, in byte order. `**` as a whole component stands for any number of
/// directories and follows no symbolic link. A name that begins with a dot matches only a component that does.
/// Errors: E2BIG beyond 10,000 matches or 200,000 visited names. Directories that cannot be read match nothing.
Result<std::vector<std::string>> expand_glob(const std::string& pattern);

}  // namespace nsrun
