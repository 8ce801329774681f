#pragma once
#include "cli/options.h"

#include <string>

namespace nsrun::cli {

/// The text of `nsrun --help`.
std::string help();

/// The text of `nsrun VERB --help`.
std::string help(Verb verb);

}  // namespace nsrun::cli
