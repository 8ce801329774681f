#pragma once
#include <base/fd.h>
#include <nsrun/host.h>

#include <string>
#include <string_view>

struct statx;

namespace nsrun {

/// Reads what paths lead to, with one or two system calls each: every directory is resolved once and remembered, so
/// that 2,000 paths in a few directories cost 2,000 calls; those that follow one another in one directory are looked up
/// there, and the kernel need not walk to it for each.
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
    const Resolved& directory(std::string_view path, int links_left);
    int look_in(const Resolved& directory, const char* name, struct statx& status);

    ByText<Resolved> directories_;
    const Resolved* last_ = nullptr;  ///< the directory that was looked in last
    Fd last_file_;                    ///< the same, when it is open
    int looked_ = 0;                  ///< how often it was looked in again
};

}  // namespace nsrun
