#include "statistics.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace bench {

double median(Samples samples) {
    if (samples.empty()) return 0;
    auto middle = samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 2);
    std::nth_element(samples.begin(), middle, samples.end());
    if (samples.size() % 2) return *middle;
    return (*middle + *std::max_element(samples.begin(), middle)) / 2;
}

Estimate median_estimate(Samples samples) {
    if (samples.empty()) return {};
    std::sort(samples.begin(), samples.end());
    const auto count = static_cast<double>(samples.size());
    // The binomial distribution of how many samples lie below the median, by its normal approximation.
    const double half = 1.96 * std::sqrt(count) / 2;
    const auto at = [&](double rank) {
        return samples[static_cast<std::size_t>(std::clamp(rank, 0.0, count - 1))];
    };
    return {median(samples), at(std::floor(count / 2 - half)), at(std::ceil(count / 2 + half))};
}

Estimate ratio_estimate(const Samples& samples, const Samples& floor) {
    const std::size_t rounds = std::min(samples.size(), floor.size());
    if (rounds == 0 || median(floor) == 0) return {};
    constexpr int draws = 1000;
    std::mt19937 random(1);  // a fixed seed: the same samples give the same report
    std::uniform_int_distribution<std::size_t> round(0, rounds - 1);
    Samples ratios, above(rounds), below(rounds);
    for (int draw = 0; draw < draws; ++draw) {
        for (std::size_t n = 0; n < rounds; ++n) {
            const std::size_t drawn = round(random);
            above[n] = samples[drawn];
            below[n] = floor[drawn];
        }
        ratios.push_back(median(above) / median(below));
    }
    std::sort(ratios.begin(), ratios.end());
    return {median(samples) / median(floor), ratios[draws * 25 / 1000], ratios[draws * 975 / 1000]};
}

}  // namespace bench
