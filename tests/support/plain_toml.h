#pragma once
#include "profile/toml_plain.h"

#include <nsrun/nsrun.h>

#include <string>
#include <string_view>

/// True when the plain reading takes a text, and makes of it something else than the parser does.
inline bool plain_differs(std::string_view text) {
    const auto plain = nsrun::plain_toml(text, 0);
    if (!plain) return false;
    // Letters beyond ASCII are not plain: with this comment the parser has the same text.
    nsrun::Diagnostics diagnostics;
    const auto parsed = nsrun::parse_toml(std::string(text) + "\n# \xC3\xA9", 0, diagnostics);
    return !diagnostics.empty() || parsed != *plain;
}
