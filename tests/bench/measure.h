#pragma once
#include "launchers.h"
#include "statistics.h"

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

/// Everything that starts programs, watches clocks and reads /proc.
namespace bench {

/// Runs `work` in a process of the user `uid` (0: as we are) and returns the numbers that it gives.
Samples as_user(unsigned uid, unsigned gid, const std::function<Samples()>& work);

/// Starts a command line, its output thrown away or in `output`. Returns the pid.
int start(const std::vector<std::string>& words, const Workload& work, int output = -1);

/// Runs a command line and returns what it printed, its errors among it; `status` as waitpid(2) gives it.
std::string output_of(const std::vector<std::string>& words, const Workload& work, int& status);

/// Seconds from start to end of each launcher, A B A B, until the time is over but `least` rounds at least.
/// Returns launcher after launcher, each with as many samples.
Samples alternate(const std::vector<Launcher>& all, const Workload& work, double seconds, int least);

/// Launches finished a second with `at_once` in flight.
double throughput(const Launcher& launcher, const Workload& work, int at_once, double seconds);

/// Bytes of the launcher's own processes while its command waits; the command itself is not counted. Needs root.
struct LeftBehind {
    double pss = 0;
    int processes = 0;
};
LeftBehind left_behind(const Launcher& launcher, const Workload& work, unsigned uid, unsigned gid);

/// Bytes that the whole machine has less for each of `count` sandboxes alive, kernel included.
struct Alive {
    double all = 0, slab = 0;
    int count = 0;  ///< how many there really were
};
Alive alive(const Launcher& launcher, const Workload& work, int count, unsigned uid, unsigned gid);

}  // namespace bench
