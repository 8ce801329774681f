#pragma once
#include "base/fd.h"
#include "base/process.h"

#include <vector>

namespace nsrun::parent {

/// What lives as long as the sandbox, and ends after it was reaped: helpers are killed, and what the kernel keeps only
/// while a descriptor is open goes.
struct Kept {
    std::vector<Process> processes;
    std::vector<Fd> descriptors;
};

}  // namespace nsrun::parent
