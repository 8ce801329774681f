#include "host/capabilities.h"

#include <sys/capability.h>

#include <memory>

namespace nsrun {
namespace {

struct FreeCapabilities {
    void operator()(cap_t set) const { ::cap_free(set); }
};

std::uint64_t capabilities(cap_flag_t which) {
    const std::unique_ptr<_cap_struct, FreeCapabilities> set(::cap_get_proc());
    if (!set) return 0;
    std::uint64_t bits = 0;
    for (cap_value_t number = 0; number < ::cap_max_bits() && number < 64; ++number) {
        cap_flag_value_t raised = CAP_CLEAR;
        if (::cap_get_flag(set.get(), number, which, &raised) == 0 && raised == CAP_SET) {
            bits |= std::uint64_t{1} << number;
        }
    }
    return bits;
}

}  // namespace

std::uint32_t last_capability() { return static_cast<std::uint32_t>(::cap_max_bits() - 1); }

std::uint64_t permitted_capabilities() { return capabilities(CAP_PERMITTED); }

std::uint64_t effective_capabilities() { return capabilities(CAP_EFFECTIVE); }

bool has_sys_admin() { return (effective_capabilities() >> CAP_SYS_ADMIN & 1) != 0; }

}  // namespace nsrun
