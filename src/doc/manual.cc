#include "doc/doc.h"
#include "doc/roff.h"

#include "cli/options.h"
#include "profile/keys.h"

#include <fmt/format.h>
#include <nsrun/diagnostic.h>

namespace nsrun::doc {
namespace {

bool is_table(const PlacedKey& placed) {
    return placed.key->shape->kind == Kind::table || placed.key->shape->kind == Kind::tables;
}

/// The words of a key with their meanings.
std::string words_list(const Key& key) {
    const Shape& shape = *key.shape;
    const bool all = shape.kind == Kind::word || shape.kind == Kind::word_or_list ||
                     (shape.kind == Kind::list && shape.element == Kind::word);
    if (!all) return {};
    std::string out = ".RS\n";
    for (const auto& word : shape.words) {
        out += fmt::format(".TP 14\n.B {}\n{}", escaped(word.name), prose(word.meaning));
    }
    return out + ".RE\n";
}

std::string key_entry(const PlacedKey& placed) {
    const Key& key = *placed.key;
    std::string out = fmt::format(".TP\n.B {}\n", escaped(key.name()));
    out += prose(key.text.summary);
    const std::string words = words_list(key);
    out += words;
    if (*key.text.details) out += ".IP\n" + paragraphs(key.text.details, ".IP\n");
    std::string facts;
    const std::string type = type_text(key);
    if (words.empty() && !type.empty()) facts += fmt::format("Takes {}.\n", escaped(type));
    if (key.encode) {
        facts += *key.text.otherwise ? fmt::format("Default: {}.\n", escaped(key.text.otherwise))
                                     : fmt::format("Default:\n.BR {} .\n", "\"" + escaped(default_text(placed)) + "\"");
    }
    if (!facts.empty()) out += ".IP\n" + facts;
    out += fmt::format(".IP\n.EX\n{} = {}\n.EE\n", escaped(key.name()), escaped(key.text.example));
    return out;
}

std::string key_sections() {
    std::string out = ".SS Top level\nThese keys stand above all tables.\n";
    const auto all = placed_keys();
    for (const auto& placed : all) {
        if (placed.path.find('.') == std::string::npos && !is_table(placed)) out += key_entry(placed);
    }
    for (const auto& table : all) {
        if (!is_table(table)) continue;
        const bool many = table.key->shape->kind == Kind::tables;
        out += fmt::format(".SS {0}{1}{2}\n{3}", many ? "[[" : "[", table.path, many ? "]]" : "]",
                           prose(table.key->text.summary));
        for (const auto& placed : all) {
            const std::size_t dot = placed.path.rfind('.');
            if (dot == std::string::npos || placed.path.substr(0, dot) != table.path) continue;
            out += key_entry(placed);
            if (placed.key->shape->keys.empty()) continue;
            out += ".RS\n.PP\nEach entry has these keys:\n";
            for (const auto& inner : all) {
                if (inner.path.starts_with(placed.path + ".")) out += key_entry(inner);
            }
            out += ".RE\n";
        }
    }
    return out;
}

std::string full_name(const cli::VerbRow& verb) {
    return verb.group.empty() ? std::string(verb.name) : fmt::format("{} {}", verb.group, verb.name);
}

std::string synopsis() {
    std::string out = ".B nsrun\n.RI [ OPTION ...]\n.RB [ \\-\\- ]\n.RI [ COMMAND \" [\" ARG ...]]\n";
    for (const auto& verb : cli::verbs) {
        out += fmt::format(".br\n.B nsrun {}\n{}\n", full_name(verb), escaped(verb.arguments));
    }
    return out;
}

std::string verb_entries() {
    std::string out;
    for (const auto& verb : cli::verbs) {
        out += fmt::format(".TP\n.B {}\n{}", escaped(full_name(verb)), paragraphs(verb.manual, ".IP\n"));
    }
    return out;
}

std::string option_entries() {
    std::string out;
    for (const auto& option : cli::options) {
        std::string line = ".TP\n.BR";
        if (option.letter != '\0') line += fmt::format(" \\-{} \", \"", option.letter);
        line += fmt::format(" \\-\\-{}", escaped(option.name));
        if (!option.argument.empty()) line += fmt::format(" \" \\fI{}\"", escaped(option.argument));
        out += line + "\n" + paragraphs(option.manual, ".IP\n");
    }
    return out;
}

std::string status_entries() {
    std::string out;
    for (const auto& row : cli::exit_statuses)
        out += fmt::format(".TP\n.B {}\n{}", row.status, prose(std::string(row.meaning) + "."));
    return out;
}

std::string code_entries() {
    std::string out;
    for (const auto& word : words<Code>) {
        out += fmt::format(".TP\n.B {}\n{}", escaped(word.name), prose(std::string(word.meaning) + "."));
    }
    return out;
}

}  // namespace

std::string manual_of_profiles(const std::string& frame) {
    return filled(frame, "KEYS", key_sections());
}

std::string manual_of_commands(const std::string& frame) {
    std::string page = filled(frame, "SYNOPSIS", synopsis());
    page = filled(page, "VERBS", verb_entries());
    page = filled(page, "OPTIONS", option_entries());
    page = filled(page, "STATUSES", status_entries());
    return filled(page, "CODES", code_entries());
}

}  // namespace nsrun::doc
