#pragma once
#include <nsrun/document.h>

#include <string>

namespace nsrun::cli {

/// Renders a document as TOML that reads back as the same document: keys of a table before the tables in it.
std::string to_toml(const Document& document);

}  // namespace nsrun::cli
