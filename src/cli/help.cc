#include "cli/help.h"

#include <fmt/format.h>

namespace nsrun::cli {
namespace {

constexpr std::size_t width = 80;

/// Breaks a paragraph into lines.
std::string wrapped(std::string_view text, std::size_t indent) {
    std::string out;
    std::size_t column = 0;
    while (!text.empty()) {
        const auto space = text.find(' ');
        const auto word = text.substr(0, space);
        if (column != 0 && column + 1 + word.size() > width) {
            out += '\n';
            column = 0;
        }
        if (column == 0) {
            out.append(indent, ' ');
            column = indent;
        } else {
            out += ' ';
            ++column;
        }
        out += word;
        column += word.size();
        text = space == std::string_view::npos ? std::string_view() : text.substr(space + 1);
    }
    return out + '\n';
}

/// The paragraphs of a manual text.
std::string paragraphs(std::string_view text, std::size_t indent) {
    std::string out;
    while (!text.empty()) {
        const auto end = text.find("\n\n");
        if (!out.empty()) out += '\n';
        out += wrapped(text.substr(0, end), indent);
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 2);
    }
    return out;
}

std::string full_name(const VerbRow& verb) {
    return verb.group.empty() ? std::string(verb.name) : fmt::format("{} {}", verb.group, verb.name);
}

std::string words_of(const OptionRow& option) {
    return option.words.empty() ? std::string() : fmt::format(": {}", fmt::join(option.words, ", "));
}

/// One line an option, those that the verbs take.
std::string option_lines(Verbs which) {
    std::string out;
    for (const auto& option : options) {
        if ((option.verbs & which) == 0) continue;
        const auto letter = option.letter == '\0' ? std::string("   ") : fmt::format("-{},", option.letter);
        const auto name = option.argument.empty() ? fmt::format("--{}", option.name)
                                                  : fmt::format("--{} {}", option.name, option.argument);
        out += fmt::format("  {} {:<23} {}{}\n", letter, name, option.help, words_of(option));
    }
    return out;
}

}  // namespace

std::string help() {
    std::string out =
        "nsrun runs a program in a sandbox that a profile describes.\n\n"
        "  nsrun [OPTION...] [--] COMMAND [ARG...]\n"
        "  nsrun VERB [OPTION...] [ARGUMENT...]\n\n"
        "Verbs:\n";
    for (const auto& verb : verbs) out += fmt::format("  {:<14} {}\n", full_name(verb), verb.help);
    out += "\nOptions of a run:\n" + option_lines(only({Verb::run, Verb::plan}));
    out += "\nnsrun VERB --help tells more of a verb, nsrun(1) everything, nsrun.toml(5) the profiles' keys.\n";
    return out;
}

std::string help(Verb verb) {
    const auto& of = row(verb);
    auto out = fmt::format("nsrun {} {}\n\n{}\nOptions:\n", full_name(of), of.arguments, paragraphs(of.manual, 0));
    return out + option_lines(only({verb}));
}

}  // namespace nsrun::cli
