#pragma once
#include <nsrun/result.h>

#include <chrono>
#include <string>
#include <vector>

namespace nsrun {

/// Runs a program of the system that only answers a question, with a fixed environment, no input and its messages
/// discarded, and gives what it printed. `words`: an absolute path and arguments. At most 64 KiB are taken.
/// Errors: ETIMEDOUT when it takes longer than `patience` (it is killed); ECHILD when it fails.
Result<std::string> ask_tool(const std::vector<std::string>& words,
                             std::chrono::milliseconds patience = std::chrono::seconds{5});

}  // namespace nsrun
