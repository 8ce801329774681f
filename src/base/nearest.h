#pragma once
#include <span>
#include <string_view>

namespace nsrun {

/// The candidate that a misspelt word most likely stands for; empty when none is close. One slip (a letter wrong, missing,
/// too many, or two swapped) is forgiven in short words, one in every three letters in longer ones.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace nsrun
