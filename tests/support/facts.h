#pragma once
#include <nsrun/host.h>

#include <string>

namespace nsrun::testing {

/// The machine of a facts.json: the usual desktop with the differences that the text names. An unknown name is a
/// failure.
HostFacts facts_of(const std::string& json);

}  // namespace nsrun::testing
