#pragma once
#include <cstdint>
#include <utility>
#include <vector>

namespace nsrun {

/// Puts large things into another order, each moved once. `sources`: for each place the index of what belongs there.
template <class T>
void arrange(std::vector<T>& things, std::vector<std::uint32_t> sources) {
    for (std::uint32_t first = 0; first < things.size(); ++first) {
        if (sources[first] == first) continue;
        // Around the circle that begins here.
        auto held = std::move(things[first]);
        std::uint32_t place = first;
        for (std::uint32_t source = sources[place]; source != first; source = sources[place]) {
            things[place] = std::move(things[source]);
            sources[place] = place;
            place = source;
        }
        things[place] = std::move(held);
        sources[place] = place;
    }
}

}  // namespace nsrun
