#pragma once
#include <nsrun/document.h>
#include <nsrun/host.h>
#include <nsrun/nsrun.h>

#include "cli/parse.h"

namespace nsrun::cli {

/// Writes a text so that the expansion of variables gives it back.
std::string literal(std::string_view text);

/// Turns an option into a layer: a Document whose spans lead to a new Source, called as the user wrote it ("--ro",
/// "--set network.mode"). `context` gives the caller's variables to `--env NAME`.
Document layer(const Flag& flag, const Context& context, Sources& sources, Diagnostics& diagnostics);

}  // namespace nsrun::cli
