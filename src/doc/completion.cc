#include "doc/completion.h"

#include "cli/options.h"

#include <utility>

namespace nsrun::doc {

std::string shell_quoted(std::string_view text) {
    std::string out = "'";
    for (const char letter : text) {
        if (letter == '\'') {
            out += "'\\''";
        } else {
            out += letter;
        }
    }
    return out + "'";
}

std::vector<SettingCompletion> settings() {
    std::vector<SettingCompletion> all;
    for (auto& key : complete_setting("")) {
        auto values = complete_setting(key.text);
        all.push_back(std::move(key));
        for (auto& value : values) all.push_back(std::move(value));
    }
    return all;
}

std::string setting_lines() {
    std::string out;
    for (const auto& setting : settings()) out += setting.text + "\n";
    return out;
}

NamedHelp first_words() {
    NamedHelp list;
    bool group = false;
    for (const auto& verb : cli::verbs) {
        if (verb.group.empty()) list.emplace_back(verb.name, verb.help);
        if (!verb.group.empty() && !group) list.emplace_back(verb.group, "list, show, find and write profiles");
        group = group || !verb.group.empty();
    }
    return list;
}

std::string names(const NamedHelp& words) {
    std::string out;
    for (const auto& [name, help] : words) out += (out.empty() ? "" : " ") + std::string(name);
    return out;
}

NamedHelp profile_words() {
    NamedHelp list;
    for (const auto& verb : cli::verbs) {
        if (verb.group == "profile") list.emplace_back(verb.name, verb.help);
    }
    return list;
}

std::string with(std::string text, std::string_view name, std::string_view value) {
    const std::string mark = "@" + std::string(name) + "@";
    for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos; at += value.size()) {
        text.replace(at, mark.size(), value);
    }
    return text;
}

}  // namespace nsrun::doc
