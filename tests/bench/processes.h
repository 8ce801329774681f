#pragma once
#include <vector>

/// What /proc says of processes and memory.
namespace bench {

struct Process {
    int pid = 0, parent = 0;
    bool is_command = false;  ///< the launched command, no process of the launcher's
};

/// The processes below `root`, without itself.
std::vector<Process> descendants(int root);

/// Waits until `count` commands run below `root`, or half a minute passes without a new one. Returns how many do.
int wait_for_commands(int root, int count);

/// Ends the commands below `root`, and what still stands a while after them.
void end_commands(int root);

/// The proportional set size in bytes; 0 when it cannot be read.
double pss_of(int pid);

/// Bytes, after caches that can be given back were given back.
struct Memory {
    double available = 0, slab = 0;
};
Memory settled_memory();

}  // namespace bench
