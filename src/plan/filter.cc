#include "plan/filter.h"

#include <nsrun/plan.h>

#include <algorithm>
#include <array>

namespace nsrun {
namespace {
#include "filter_programs.inc"
}  // namespace

std::span<const sock_filter> filter(FilterKind kind, bool keys) {
    switch (kind) {
        case FilterKind::strict:
            return keys ? std::span<const sock_filter>(strict_keys_filter) : strict_filter;
        case FilterKind::mounts:
            return keys ? std::span<const sock_filter>(mounts_keys_filter) : mounts_filter;
        case FilterKind::nested:
            return keys ? std::span<const sock_filter>(nested_keys_filter) : nested_filter;
    }
    return strict_filter;
}

bool InstallFilter::operator==(const InstallFilter& other) const {
    return std::ranges::equal(program, other.program, [](const sock_filter& left, const sock_filter& right) {
        return left.code == right.code && left.jt == right.jt && left.jf == right.jf && left.k == right.k;
    });
}

}  // namespace nsrun
