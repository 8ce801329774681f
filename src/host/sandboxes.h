#pragma once
#include <nsrun/host.h>

#include <string>
#include <vector>

namespace nsrun {

/// Finds the caller's running sandboxes: all by name, those that are wanted with their namespaces, and with the id maps of
/// their user namespaces among the texts.
void find_sandboxes(const std::vector<std::string>& wanted, HostFacts& facts);

}  // namespace nsrun
