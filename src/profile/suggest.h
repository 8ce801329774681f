#pragma once
#include "base/nearest.h"

#include <string_view>
#include <vector>

namespace nsrun {

/// The name in a list of things that comes nearest to a word; empty when none is near. `name_of` names a thing.
/// Only for messages: it builds a list.
template <class List, class NameOf>
std::string_view nearest_of(std::string_view word, const List& things, NameOf name_of) {
    std::vector<std::string_view> names;
    for (const auto& thing : things) names.push_back(name_of(thing));
    return nearest(word, names);
}

}  // namespace nsrun
