#include <doctest/doctest.h>

#include "cli/help.h"

using namespace nsrun::cli;

TEST_CASE("help names every verb, and a verb's help every option it takes") {
    for (const auto& verb : verbs) {
        CHECK_MESSAGE(help().find(verb.help) != std::string::npos, verb.name);
        const auto text = help(verb.verb);
        for (const auto& option : options) {
            const auto name = "--" + std::string(option.name);
            CHECK_MESSAGE((text.find(name) != std::string::npos) == takes(verb.verb, option.option), name);
        }
    }
}

TEST_CASE("help fits a terminal") {
    const auto text = help();
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = text.find('\n', begin);
        CHECK_MESSAGE(end - begin <= 100, text.substr(begin, end - begin));
        begin = end + 1;
    }
}

TEST_CASE("no two options share a name or a letter") {
    for (const auto& left : options) {
        for (const auto& right : options) {
            if (left.option == right.option) continue;
            CHECK(left.name != right.name);
            if (left.letter != '\0') CHECK(left.letter != right.letter);
        }
    }
}
