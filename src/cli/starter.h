#pragma once
#include <string>
#include <string_view>

namespace nsrun::cli {

/// The text of a new profile: what most profiles need, explained, ready to be changed.
std::string starter(std::string_view name);

}  // namespace nsrun::cli
