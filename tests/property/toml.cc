#include "support/plain_toml.h"

#include <rapidcheck.h>

#include <string>
#include <vector>

using namespace nsrun;

namespace {

const std::vector<std::string> keys{"mount", "a", "b-c", "_d", "7", "a.b", "'a'", "\"b\"", "", "true"};
const std::vector<std::string> scalars{"\"/srv\"",
                                       "'/srv'",
                                       "\"\"",
                                       "''",
                                       "true",
                                       "false",
                                       "0",
                                       "7",
                                       "-12",
                                       "-0",
                                       "",
                                       "9223372036854775807",
                                       "9223372036854775808",
                                       "-9223372036854775808",
                                       "007",
                                       "+1",
                                       "-",
                                       "1_000",
                                       "0x1F",
                                       "1.5",
                                       "1e3",
                                       "inf",
                                       "1979-05-27",
                                       "07:32:00",
                                       "truee",
                                       "\"a\\tb\"",
                                       "\"a\\\\\"",
                                       "'a\\'",
                                       "\"'\"",
                                       "\"#\"",
                                       "\"\"\"x\"\"\"",
                                       "'''x'''",
                                       "{}",
                                       "{a = 1}",
                                       "[1]",
                                       "\"open",
                                       "'",
                                       "\"a\tb\"",
                                       "\"\x7F\"",
                                       "\"\xC3\xA9\""};
const std::vector<std::string> gaps{"", " ", "\t", "  "};
const std::vector<std::string> ends{"\n",   "\n",       "\n\n",         " # says\n", "#\n",
                                    "\r\n", "#\ttab\n", "# \xC3\xA9\n", "",          " x\n"};

/// Mostly the first ones, which are plain: that whole texts are.
std::string one_of(const std::vector<std::string>& words, std::size_t plain) {
    const bool any = *rc::gen::inRange(0, 40) == 0;
    return words[*rc::gen::inRange<std::size_t>(0, any ? words.size() : plain)];
}

std::string gap() {
    return one_of(gaps, gaps.size());
}
std::string key() {
    return one_of(keys, 5);
}

std::string array() {
    std::string text = "[";
    const int size = *rc::gen::inRange(0, 4);
    for (int i = 0; i < size; ++i) {
        const auto between = [] { return *rc::gen::inRange(0, 4) == 0 ? one_of(ends, 5) : gap(); };
        text += between() + one_of(scalars, 10) + between();
        if (i + 1 < size || *rc::gen::arbitrary<bool>()) text += ",";
    }
    return text + gap() + "]";
}

std::string statement() {
    const int kind = *rc::gen::inRange(0, 8);
    if (kind == 0) return "";
    if (kind == 1) return "[" + key() + "]";
    if (kind <= 3) return "[[" + key() + "]]";
    return key() + gap() + "=" + gap() + (kind == 4 ? array() : one_of(scalars, 10));
}

std::string document() {
    std::string text;
    const int size = *rc::gen::inRange(0, 8);
    for (int i = 0; i < size; ++i) text += gap() + statement() + gap() + one_of(ends, 5);
    if (*rc::gen::inRange(0, 4) == 0 && !text.empty()) text.pop_back();
    return text;
}

}  // namespace

int main() {
    int plain = 0;  // texts that were: without them nothing would have been compared
    const bool same = rc::check("the plain reading is the parser's", [&] {
        for (int i = 0; i < 1000; ++i) {
            const std::string text = document();
            if (plain_toml(text, 0)) ++plain;
            RC_LOG() << text << '\n';
            RC_ASSERT(!plain_differs(text));
        }
    });
    return same && plain > 10000 ? 0 : 1;
}
