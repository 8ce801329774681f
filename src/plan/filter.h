#pragma once
#include <linux/filter.h>

#include <cstdint>
#include <span>

/// The filters of system calls, compiled when nsrun was built.
namespace nsrun {

enum class FilterKind : std::uint8_t {
    strict,  ///< no user namespaces, no joining of others, no mounts
    mounts,  ///< no user namespaces, no joining of others; for a command that keeps CAP_SYS_ADMIN
    nested,  ///< namespaces and mounts are the command's own business
};

/// The program of a kind. Every kind keeps input from being pushed into a terminal (TIOCSTI, TIOCLINUX) and kills the
/// caller of another architecture's table of system calls. Without `keys` it refuses what keys are reached by: keyrings(7).
std::span<const sock_filter> filter(FilterKind kind, bool keys);

}  // namespace nsrun
