#pragma once
#include <functional>
#include <string>
#include <vector>

namespace bench {

/// One entry of the file system that every launcher is asked to build, in the floor's own letters.
struct Step {
    char kind;  ///< d directory, r read-only directory, w writable directory, f read-only file, l symbolic link
    std::string source, target;
};

/// What is launched, and where the files for it lie.
struct Workload {
    std::string name;
    std::string scratch;  ///< a directory of this workload alone, readable by the user
    std::vector<Step> steps;
    std::string word;  ///< the argument of the command: nothing, wait or report
};

/// Where the programs are.
struct Programs {
    std::string floor, nsrun, command;
};

/// Builds the workload of `binds` numbered directories beside what every profile has.
Workload make_workload(const std::string& name, const std::string& scratch, const Programs& programs, int binds);

/// How many binds make a profile of 30 mounts: see everything_else in launchers.cc.
inline constexpr int profile_binds = 12;

/// A launcher, and how it is told to isolate as nearly as it can like nsrun's default.
struct Launcher {
    std::string name;
    std::string lacks;  ///< what it cannot do of the isolation asked for; part of the report
    bool binds;         ///< whether an ordinary user can give it binds at all
    /// Writes what it wants to find in the scratch directory: once, before anything is measured.
    std::function<void(const Workload&)> prepare;
    /// Its command line. "@RUN@" becomes a number that no other run has.
    std::function<std::vector<std::string>(const Workload&)> command_line;
};

/// Those that are on this machine; the floor first.
std::vector<Launcher> launchers(const Programs& programs);

}  // namespace bench
