#include "cli/parse.h"

#include <fmt/format.h>
#include <nsrun/diagnostic.h>

#include <charconv>
#include <optional>

#include "base/nearest.h"

namespace nsrun::cli {
namespace {

/// What was written, with what the option is.
struct Given {
    Option option;
    std::string written;  ///< "--net", "-e": as the user wrote it
    std::optional<std::string_view> value;
};

const OptionRow* by_name(std::string_view name) {
    for (const auto& candidate : options) {
        if (candidate.name == name) return &candidate;
    }
    return nullptr;
}

const OptionRow* by_letter(char letter) {
    for (const auto& candidate : options) {
        if (letter != '\0' && candidate.letter == letter) return &candidate;
    }
    return nullptr;
}

std::string full_name(const VerbRow& verb) {
    return verb.group.empty() ? std::string(verb.name) : fmt::format("{} {}", verb.group, verb.name);
}

std::string suggestion(std::string_view wrong, std::span<const std::string_view> candidates, std::string_view dashes) {
    const auto found = nearest(wrong, candidates);
    return found.empty() ? std::string() : fmt::format("did you mean '{}{}'?", dashes, found);
}

Usage unknown_option(std::string_view name) {
    std::array<std::string_view, options.size()> names;
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = options[i].name;
    auto help = suggestion(name, names, "--");
    if (help.empty()) help = "nsrun --help lists the options; a command that begins with '-' goes after '--'";
    return {fmt::format("unknown option '--{}'", printable(name)), std::move(help)};
}

/// Reads the words one after another into a CommandLine.
class Parser {
  public:
    explicit Parser(std::vector<std::string_view> given) : words_(std::move(given)) {}

    std::expected<CommandLine, Usage> parse() {
        line_.bare = true;
        while (next_ < words_.size() && !problem_) {
            const auto word = words_[next_++];
            if (word == "--") {
                take_rest();
            } else if (word.starts_with("--")) {
                long_option(word.substr(2));
            } else if (word.size() > 1 && word[0] == '-') {
                letters(word.substr(1));
            } else if (line_.bare && verb(word)) {
                line_.bare = false;
            } else if (!problem_) {
                line_.words.push_back(word);
                if (takes_command()) take_rest();
            }
        }
        if (!problem_) apply();
        if (!problem_ && !line_.help) count_arguments();
        if (problem_) return std::unexpected(std::move(*problem_));
        return std::move(line_);
    }

  private:
    bool takes_command() const { return row(line_.verb).completes == Completion::command; }

    void take_rest() {
        line_.words.insert(line_.words.end(), words_.begin() + static_cast<std::ptrdiff_t>(next_), words_.end());
        next_ = words_.size();
    }

    void refuse(std::string message, std::string help = {}) {
        if (!problem_) problem_ = Usage{std::move(message), std::move(help)};
    }

    /// Takes a word as the verb if it is one; of a group, the word after it too.
    bool verb(std::string_view word) {
        if (word.empty()) return false;  // verbs of no group have the group ""
        std::vector<std::string_view> members;
        for (const auto& candidate : verbs) {
            if (candidate.group.empty() && candidate.name == word) {
                line_.verb = candidate.verb;
                return true;
            }
            if (candidate.group == word) members.push_back(candidate.name);
        }
        if (members.empty()) return false;
        const auto member = next_ < words_.size() ? words_[next_] : std::string_view();
        for (const auto& candidate : verbs) {
            if (candidate.group != word || candidate.name != member) continue;
            line_.verb = candidate.verb;
            ++next_;
            return true;
        }
        const auto list = fmt::format("{}", fmt::join(members, ", "));
        if (member.empty() || member[0] == '-') {
            refuse(fmt::format("'{}' needs one of {}", word, list));
        } else {
            auto help = suggestion(member, members, fmt::format("{} ", word));
            if (help.empty())
                help = fmt::format("it is one of {}; a program called {} runs with: nsrun -- {}", list, word, word);
            refuse(fmt::format("'{}' is not a verb of {}", printable(member), word), std::move(help));
        }
        return false;
    }

    void long_option(std::string_view text) {
        const auto equals = text.find('=');
        const auto name = text.substr(0, equals);
        const OptionRow* found = by_name(name);
        if (!found) {
            problem_ = unknown_option(name);
            return;
        }
        std::optional<std::string_view> value;
        if (equals != std::string_view::npos) value = text.substr(equals + 1);
        if (found->argument.empty() && value) return refuse(fmt::format("'--{}' takes no value", name));
        take(*found, fmt::format("--{}", name), value);
    }

    void letters(std::string_view text) {
        for (std::size_t i = 0; i < text.size() && !problem_; ++i) {
            const OptionRow* found = by_letter(text[i]);
            if (!found) {
                return refuse(fmt::format("unknown option '-{}'", printable(text.substr(i, 1))),
                              "nsrun --help lists the options; a command that begins with '-' goes after '--'");
            }
            std::optional<std::string_view> value;
            const bool has_argument = !found->argument.empty();
            if (has_argument && i + 1 < text.size()) value = text.substr(i + 1);
            take(*found, fmt::format("-{}", text[i]), value);
            if (has_argument) return;
        }
    }

    void take(const OptionRow& found, std::string written, std::optional<std::string_view> value) {
        if (!found.argument.empty() && !value) {
            if (next_ == words_.size()) return refuse(fmt::format("'{}' needs {}", written, found.argument));
            value = words_[next_++];
        }
        given_.push_back({found.option, std::move(written), value});
    }

    /// Applies the options, now that the verb is known.
    void apply() {
        for (const auto& given : given_) {
            const auto& option = row(given.option);
            if (!takes(line_.verb, given.option)) {
                return refuse(fmt::format("'{}' does not go with '{}'", given.written, full_name(row(line_.verb))));
            }
            if (!option.words.empty() && !is_word(option, *given.value)) {
                auto help = suggestion(*given.value, option.words, "");
                return refuse(fmt::format("'{}' of '{}' is not one of {}", printable(*given.value), given.written,
                                          fmt::join(option.words, ", ")),
                              std::move(help));
            }
            apply(given);
        }
    }

    static bool is_word(const OptionRow& option, std::string_view value) {
        for (const auto word : option.words) {
            if (word == value) return true;
        }
        return false;
    }

    void apply(const Given& given) {
        switch (given.option) {
            case Option::profile:
                line_.profiles.push_back(*given.value);
                return;
            case Option::dry_run:
                line_.dry_run = true;
                return;
            case Option::explain:
                line_.explain = true;
                return;
            case Option::format:
                line_.format = *given.value == "json" ? Format::json : Format::text;
                return;
            case Option::status_fd:
                return status_fd(*given.value);
            case Option::verbose:
                line_.verbose = true;
                return;
            case Option::quiet:
                line_.quiet = true;
                return;
            case Option::color:
                return color(*given.value);
            case Option::help:
                line_.help = true;
                return;
            case Option::version:
                line_.verb = Verb::version;
                line_.words.clear();
                return;
            case Option::set:
                if (given.value->find('=') == std::string_view::npos) {
                    return refuse(
                        fmt::format("'{}' needs KEY=VALUE, found '{}'", given.written, printable(*given.value)));
                }
                [[fallthrough]];
            case Option::ro:
            case Option::rw:
            case Option::tmpfs:
            case Option::hide:
            case Option::net:
            case Option::env:
            case Option::workdir:
            case Option::hostname:
            case Option::name:
            case Option::timeout:
                line_.flags.push_back({given.option, *given.value});
                return;
        }
    }

    void status_fd(std::string_view text) {
        int number = -1;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc() || end != text.data() + text.size() || number < 0) {
            return refuse(
                fmt::format("'--status-fd' needs the number of an open descriptor, found '{}'", printable(text)));
        }
        line_.status_fd = number;
    }

    void color(std::string_view word) {
        line_.color = word == "always" ? Color::always : word == "never" ? Color::never : Color::auto_;
    }

    /// Refuses arguments that the verb does not take, and asks for those that it needs.
    void count_arguments() {
        const std::size_t count = line_.words.size();
        const auto name = full_name(row(line_.verb));
        std::size_t least = 0;
        std::size_t most = 1;
        switch (line_.verb) {
            case Verb::run:
            case Verb::plan:
                return;
            case Verb::check:
                least = 1;
                most = SIZE_MAX;
                break;
            case Verb::profile_new:
                least = 1;
                break;
            case Verb::doctor:
            case Verb::version:
            case Verb::profile_list:
                most = 0;
                break;
            case Verb::keys:
            case Verb::profile_show:
            case Verb::profile_path:
                break;
        }
        if (count < least)
            refuse(fmt::format("'{}' needs {}", name, line_.verb == Verb::check ? "a PROFILE" : "a NAME"));
        if (count > most)
            refuse(fmt::format("'{}' is one argument too many for '{}'", printable(line_.words[most]), name));
    }

    std::vector<std::string_view> words_;
    std::size_t next_ = 0;
    std::vector<Given> given_;
    CommandLine line_;
    std::optional<Usage> problem_;
};

}  // namespace

std::expected<CommandLine, Usage> parse(std::vector<std::string_view> words) {
    return Parser(std::move(words)).parse();
}

}  // namespace nsrun::cli
