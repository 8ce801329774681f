#pragma once
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <span>

namespace nsrun {

/// Closes all descriptors but those, for a process that goes on alone. `kept`: may hold -1; it is sorted. Allocates nothing.
inline void close_all_but(std::span<int> kept) noexcept {
    std::ranges::sort(kept);
    unsigned next = 0;
    for (const int descriptor : kept) {
        if (descriptor < 0) continue;
        const auto number = static_cast<unsigned>(descriptor);
        if (number > next) syscall(SYS_close_range, next, number - 1, 0);
        next = number + 1;
    }
    syscall(SYS_close_range, next, ~0U, 0);
}

}  // namespace nsrun
