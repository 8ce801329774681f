#include "base/nearest.h"

#include <algorithm>
#include <vector>

namespace nsrun {
namespace {

/// The number of slips between two words; swapping neighbours counts as one (optimal string alignment).
std::size_t slips(std::string_view left, std::string_view right) {
    std::vector<std::size_t> before(right.size() + 1), last(right.size() + 1), now(right.size() + 1);
    for (std::size_t j = 0; j <= right.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= left.size(); ++i) {
        now[0] = i;
        for (std::size_t j = 1; j <= right.size(); ++j) {
            const bool same = left[i - 1] == right[j - 1];
            now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (same ? 0U : 1U)});
            const bool swapped = i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
            if (swapped) now[j] = std::min(now[j], before[j - 2] + 1);
        }
        before.swap(last);
        last.swap(now);
    }
    return last[right.size()];
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
    if (word.size() > 64) return {};
    std::size_t best = std::max<std::size_t>(1, word.size() / 3) + 1;
    std::string_view found;
    for (const auto candidate : candidates) {
        const std::size_t distance = slips(word, candidate);
        if (distance >= best || distance >= word.size()) continue;
        best = distance;
        found = candidate;
    }
    return found;
}

}  // namespace nsrun
