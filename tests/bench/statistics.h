#pragma once
#include <cstddef>
#include <vector>

namespace bench {

/// A number with the interval that holds its true value 95 times of 100.
struct Estimate {
    double value = 0, low = 0, high = 0;
};

using Samples = std::vector<double>;

double median(Samples samples);

/// The median; its interval comes from order statistics, so that no shape of the distribution is assumed.
Estimate median_estimate(Samples samples);

/// The ratio of two medians of samples taken alternately. `samples[n]` and `floor[n]` come from the same round: rounds
/// are drawn again with replacement, so that what slows both at once cancels.
Estimate ratio_estimate(const Samples& samples, const Samples& floor);

}  // namespace bench
