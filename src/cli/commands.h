#pragma once
#include "cli/output.h"
#include "cli/parse.h"

namespace nsrun::cli {

/// How nsrun exits when it could not do what was asked.
inline constexpr int refused = 125;

/// A function a verb: does what the command line asks and returns the exit status.
int run(const CommandLine& line, const Output& output);
int plan(const CommandLine& line, const Output& output);
int check(const CommandLine& line, const Output& output);
int keys(const CommandLine& line, const Output& output);
int doctor(const CommandLine& line, const Output& output);
int version(const CommandLine& line, const Output& output);
int profile_list(const CommandLine& line, const Output& output);
int profile_show(const CommandLine& line, const Output& output);
int profile_path(const CommandLine& line, const Output& output);
int profile_new(const CommandLine& line, const Output& output);

}  // namespace nsrun::cli
