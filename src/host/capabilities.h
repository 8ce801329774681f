#pragma once
#include <cstdint>

namespace nsrun {

/// The highest capability that this kernel knows. Source: capabilities(7).
std::uint32_t last_capability();

/// This process's permitted and effective sets, bit n for capability n; empty when they cannot be read.
std::uint64_t permitted_capabilities();
std::uint64_t effective_capabilities();

/// True when CAP_SYS_ADMIN is effective: no user namespace is needed to isolate.
bool has_sys_admin();

}  // namespace nsrun
