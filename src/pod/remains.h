#pragma once
#include "base/fd.h"

#include <string>

/// The directory that a pod is found in: its lock, its socket, and what the members are told. Who holds the lock that is
/// found there is the pod; where nobody does, it is what a killed one left.
namespace nsrun::pod {

/// Removes what a pod keeps in its directory besides the lock. Only for who holds that.
void clean(const Fd& directory);
/// Removes all of it, and the directory unless somebody has begun anew in it. Only for who holds the lock.
void remove(const Fd& directory);
/// Removes what pods that were killed left. `place`: the directory that all of one user's are in.
void sweep(const std::string& place);

}  // namespace nsrun::pod
