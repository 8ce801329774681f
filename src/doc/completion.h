#pragma once
#include "profile/keys.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What the completions of all shells are made of.
namespace nsrun::doc {

/// Words, each with one line of help.
using NamedHelp = std::vector<std::pair<std::string_view, std::string_view>>;

/// The words that can stand first: verbs, and the groups of verbs.
NamedHelp first_words();
/// Those that follow "profile".
NamedHelp profile_words();
/// The words alone, separated by spaces.
std::string names(const NamedHelp& words);

/// All that `--set` takes: each key, and each of its words.
std::vector<SettingCompletion> settings();
/// The same, a line each.
std::string setting_lines();

/// Quotes a text for a shell: between single quotes.
std::string shell_quoted(std::string_view text);
/// Replaces every "@NAME@" of a frame.
std::string with(std::string text, std::string_view name, std::string_view value);

}  // namespace nsrun::doc
