#pragma once
#include <nsrun/host.h>

#include <string>
#include <string_view>
#include <unordered_map>

struct statx;

namespace nsrun {

/// Reads what paths lead to, with one or two system calls each: every directory is resolved once and remembered, so
/// that 2,000 paths in a few directories cost 2,000 calls.
class PathReader {
  public:
    /// The fact about an absolute path.
    PathFact fact(const std::string& path);

  private:
    /// Where a path leads: a path without symbolic links, or the errno that resolving it ends in.
    struct Resolved {
        int error = 0;
        std::string real;
    };

    Resolved resolve(const std::string& path, struct statx& status, std::string* link, int links_left);
    const Resolved& directory(const std::string& path, int links_left);

    std::unordered_map<std::string, Resolved> directories_;
};

}  // namespace nsrun
