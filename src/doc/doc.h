#pragma once
#include <string>

/// The documents that users receive, each made from the table of keys and the table of options.
namespace nsrun::doc {

/// The JSON schema of profiles, draft 7, for editors.
std::string schema();
/// nsrun.toml(5) and nsrun(1): `frame` is the text with @PLACEHOLDERS@ on lines of their own.
std::string manual_of_profiles(const std::string& frame);
std::string manual_of_commands(const std::string& frame);

std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();

}  // namespace nsrun::doc
