#pragma once
#include <nsrun/diagnostic.h>

#include <string_view>

namespace nsrun {

/// The place of `size` bytes from `offset` of a text that was written at `at`, as one line in quotes or bare. When it was
/// written otherwise, with escapes or over several lines, the whole place.
Span part_of(const Span& at, std::string_view text, std::size_t offset, std::size_t size);

}  // namespace nsrun
