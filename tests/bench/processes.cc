#include "processes.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <string>
#include <thread>

namespace bench {
namespace {

/// The number after `key` in a file of "key: number kB" lines, in bytes.
double field(const std::string& path, const std::string& key) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);)
        if (line.starts_with(key)) return std::atof(line.c_str() + key.size()) * 1024;
    return 0;
}

std::vector<Process> everybody() {
    std::vector<Process> all;
    DIR* proc = opendir("/proc");
    while (const dirent* entry = readdir(proc)) {
        const int pid = std::atoi(entry->d_name);
        if (pid <= 0) continue;
        std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
        std::string line;
        std::getline(stat, line);
        const auto open = line.find('('), close = line.rfind(')');
        if (close == line.npos) continue;
        all.push_back({pid, std::atoi(line.c_str() + close + 4), line.substr(open + 1, close - open - 1) == "command"});
    }
    closedir(proc);
    return all;
}

int count_commands(const std::vector<Process>& processes) {
    int count = 0;
    for (const Process& process : processes) count += process.is_command;
    return count;
}

}  // namespace

std::vector<Process> descendants(int root) {
    const std::vector<Process> all = everybody();
    std::multimap<int, Process> children;
    for (const Process& process : all) children.emplace(process.parent, process);
    std::vector<Process> found;
    std::vector<int> open{root};
    while (!open.empty()) {
        const auto [first, last] = children.equal_range(open.back());
        open.pop_back();
        for (auto child = first; child != last; ++child) {
            found.push_back(child->second);
            open.push_back(child->second.pid);
        }
    }
    return found;
}

int wait_for_commands(int root, int count) {
    int seen = 0;
    for (int idle = 0; idle < 600; ++idle) {
        const int now = count_commands(descendants(root));
        if (now >= count) return now;
        if (now > seen) idle = 0;
        seen = now;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return seen;
}

void end_commands(int root) {
    for (int tries = 0; tries < 100; ++tries) {
        const std::vector<Process> left = descendants(root);
        if (left.empty()) return;
        for (const Process& process : left)
            if (process.is_command || tries > 60) kill(process.pid, SIGKILL);
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
}

double pss_of(int pid) { return field("/proc/" + std::to_string(pid) + "/smaps_rollup", "Pss:"); }

Memory settled_memory() {
    // Network namespaces die in the background; caches are not memory that a sandbox holds.
    std::this_thread::sleep_for(std::chrono::milliseconds(1500));
    if (const int caches = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC); caches >= 0) {
        (void)!write(caches, "3", 1);
        close(caches);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    return {field("/proc/meminfo", "MemAvailable:"), field("/proc/meminfo", "Slab:")};
}

}  // namespace bench
