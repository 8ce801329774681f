#include <nsrun/nsrun.h>

#include "support/plain_toml.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace nsrun;

namespace {

Context context() {
    Context facts;
    facts.caller.home = "/home/ada";
    facts.caller.cwd = "/srv";
    facts.caller.name = "ada";
    facts.environment = {"FOO=foo", "EMPTY="};
    facts.kernel = {6, 1};
    return facts;
}

/// Everything that happens to a text before planning.
void whole_way(Document under, Document over, const Sources& sources, Diagnostics& diagnostics) {
    static const Context facts = context();
    (void)questions(under, facts);
    under = apply_conditions(std::move(under), facts, diagnostics);
    over = apply_conditions(std::move(over), facts, diagnostics);
    Document merged = expand(merge(std::move(under), std::move(over), diagnostics), facts, diagnostics);
    (void)to_json({merged, {}}, -1);
    check(decode(merged, diagnostics), diagnostics);
    diagnostics.sort();
    for (const char c : to_text(diagnostics, sources, false)) {
        // Whatever was read, a terminal has nothing to obey.
        if ((c >= 0 && c < ' ' && c != '\n' && c != '\t') || c == 0x7F) std::abort();
    }
}

}  // namespace

/// The first byte chooses the reading: one text, two layers divided by a form feed, or a setting.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    Diagnostics diagnostics;
    if (data[0] == 's') {
        const Sources sources{{"--set", std::string(text), true}};
        whole_way(parse_setting(text, 0, diagnostics), {}, sources, diagnostics);
        return 0;
    }
    const std::size_t middle = data[0] == '2' ? text.find('\f') : text.npos;
    const std::string_view first = text.substr(0, middle);
    const std::string_view second = middle == text.npos ? "" : text.substr(middle + 1);
    const Sources sources{{"a.toml", std::string(first), false}, {"b.toml", std::string(second), false}};
    if (plain_differs(first) || plain_differs(second)) std::abort();
    Document under = parse_toml(first, 0, diagnostics);
    whole_way(std::move(under), parse_toml(second, 1, diagnostics), sources, diagnostics);
    return 0;
}
