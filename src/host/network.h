#pragma once
#include <nsrun/host.h>

namespace nsrun {

/// Reads what the host has of a network: routes, addresses, and what a way out for a sandbox takes.
NetworkFacts network_facts();

/// Finds a program where distributions install it; empty when it is nowhere or may not be executed.
std::string installed_program(std::string_view name);

}  // namespace nsrun
