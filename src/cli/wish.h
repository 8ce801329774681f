#pragma once
#include <nsrun/nsrun.h>

#include "cli/output.h"
#include "cli/parse.h"
#include "load/load.h"

namespace nsrun::cli {

/// What one run asks for, as far as it is known before the machine is surveyed.
struct Wish {
    Sources sources;
    Diagnostics diagnostics;
    Context context;
    Loaded loaded;
    Profile profile;
    Command command;
};

/// Reads the profiles and options of a run into a Document.
/// `program`: what names the profile when none is given; may be empty.
Result<Wish> load_wish(const CommandLine& line, std::string_view program, const Output& output);

/// Decodes and checks the Document: the Wish is whole then.
void decode_wish(Wish& wish);

/// Surveys the machine and decides everything. The plan is empty when the diagnostics have errors.
Result<Plan> plan_wish(Wish& wish, const Output& output);

}  // namespace nsrun::cli
