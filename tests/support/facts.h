#pragma once
#include <nsrun/host.h>

#include <string>

namespace nsrun::testing {

/// The machine of a facts.json: the usual desktop with the differences that the text names. An unknown name is a
/// failure.
HostFacts facts_of(const std::string& json);

/// Answers all that is wanted as a survey does: what the facts do not name is absent.
void close(HostFacts& facts, const Wanted& wanted);

}  // namespace nsrun::testing
