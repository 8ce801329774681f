#pragma once
#include "cli/options.h"

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace nsrun::cli {

enum class Format : std::uint8_t { text, json };
enum class Color : std::uint8_t { auto_, always, never };

/// An option that is a layer of the profile, with its argument.
struct Flag {
    Option option;
    std::string_view value;
    bool operator==(const Flag&) const = default;
};

/// The command line, understood.
struct CommandLine {
    Verb verb = Verb::run;
    std::vector<std::string_view> profiles;
    std::vector<Flag> flags;              ///< in their order
    std::vector<std::string_view> words;  ///< the command, or the verb's arguments
    Format format = Format::text;
    Color color = Color::auto_;
    int status_fd = -1;
    bool dry_run = false;
    bool explain = false;
    bool verbose = false;
    bool quiet = false;
    bool help = false;
    bool bare = false;  ///< no verb was written
};

/// What is wrong with a command line.
struct Usage {
    std::string message;
    std::string help;
    bool operator==(const Usage&) const = default;
};

/// Understands the words after the program's name. Views into `words` are kept.
/// The first word that is no option is a verb when it is exactly one; the options of run and plan end at the command.
std::expected<CommandLine, Usage> parse(std::vector<std::string_view> words);

}  // namespace nsrun::cli
