#pragma once
#include "host/doctor.h"
#include "host/trial.h"

#include <nsrun/enums.h>

#include <string>

namespace nsrun {

/// Why something is refused, and what brings it.
struct Cause {
    std::string cause;
    std::string remedy;
};

/// Why a namespace of that kind could not be made.
Cause why_no_namespace(Namespace kind, const Outcome& outcome);

/// Why a file system could not be mounted in a sandbox. `hiding`: the directory of the host whose covered parts make
/// the kernel refuse a fresh one, "/proc" or "/sys"; empty for file systems that cover nothing.
Cause why_no_mount(const Outcome& outcome, const std::string& type, const std::string& hiding);

/// Why a call that needs no privilege was refused: a kernel without it, or a filter. `since`: the kernel that brought
/// it.
Cause why_no_call(const Outcome& outcome, const char* option, const char* since);

/// The one line of a small file of /proc or /sys, without its end; empty when it cannot be read.
std::string setting(const char* path);

/// True when system calls of this process pass a filter. Source: Seccomp of proc_pid_status(5).
bool filtered();

}  // namespace nsrun
