#pragma once
#include <string_view>

namespace nsrun::cli {

/// Writes a line with the time to standard error. Only `-v` comes here: the logger is made at the first line.
void log(std::string_view line);

}  // namespace nsrun::cli
