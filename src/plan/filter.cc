#include <nsrun/plan.h>

#include <algorithm>

namespace nsrun {

bool InstallFilter::operator==(const InstallFilter& other) const {
    return std::ranges::equal(program, other.program, [](const sock_filter& left, const sock_filter& right) {
        return left.code == right.code && left.jt == right.jt && left.jf == right.jf && left.k == right.k;
    });
}

}  // namespace nsrun
