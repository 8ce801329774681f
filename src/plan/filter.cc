#include "plan/filter.h"

#include <nsrun/plan.h>

#include <algorithm>
#include <array>

namespace nsrun {
namespace {
#include "filter_programs.inc"
}  // namespace

std::span<const sock_filter> filter(FilterKind kind) {
    switch (kind) {
        case FilterKind::strict:
            return strict_filter;
        case FilterKind::mounts:
            return mounts_filter;
        case FilterKind::nested:
            return nested_filter;
    }
    return strict_filter;
}

bool InstallFilter::operator==(const InstallFilter& other) const {
    return std::ranges::equal(program, other.program, [](const sock_filter& left, const sock_filter& right) {
        return left.code == right.code && left.jt == right.jt && left.jf == right.jf && left.k == right.k;
    });
}

}  // namespace nsrun
