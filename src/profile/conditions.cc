#include "profile/condition.h"
#include "profile/keys.h"

#include <fmt/format.h>

#include <algorithm>

namespace nsrun {
namespace {

void ask(const Document& document, const Context& context, std::vector<Question>& asked) {
    const Value* when = document.find("when");
    if (when == nullptr || !when->as<Table>()) return;
    // What is wrong in the conditions is said when they are applied.
    Diagnostics unread;
    for (const auto& section : when->as<Table>()->members) {
        condition(section.key, section.at, context, asked, unread);
        if (const Table* inner = section.value.as<Table>()) ask(*inner, context, asked);
    }
}

}  // namespace

std::vector<Question> questions(const Document& document, const Context& context) {
    std::vector<Question> asked;
    ask(document, context, asked);
    std::vector<Question> once;
    for (auto& question : asked) {
        if (std::find(once.begin(), once.end(), question) == once.end()) once.push_back(std::move(question));
    }
    return once;
}

Document apply_conditions(Document document, const Context& context, Diagnostics& diagnostics) {
    const auto found = std::find_if(document.members.begin(), document.members.end(),
                                    [](const Member& member) { return member.key == "when"; });
    if (found == document.members.end()) return document;
    Value when = std::move(found->value);
    document.members.erase(found);
    if (!when.as<Table>()) {
        diagnostics.error(Code::wrong_type, when.at, fmt::format("expected [when.\"EXPR\"] sections, found {}", described(when)),
                          "for example [when.'env(DISPLAY)']");
        return document;
    }
    for (auto& section : when.as<Table>()->members) {
        std::vector<Question> asked;
        const auto holds = condition(section.key, section.at, context, asked, diagnostics);
        Table* settings = section.value.as<Table>();
        if (settings == nullptr) {
            diagnostics.error(Code::wrong_type, section.value.at,
                              fmt::format("expected a table of settings, found {}", described(section.value)),
                              fmt::format("write [when.'{}'] and the settings under it", section.key));
            continue;
        }
        // Sections inside are settled even when this one does not hold, so that their mistakes are found.
        Document settled = apply_conditions(std::move(*settings), context, diagnostics);
        if (holds.value_or(false)) {
            document = merge(std::move(document), std::move(settled), diagnostics);
        } else {
            check_names(settled, diagnostics);
        }
    }
    return document;
}

}  // namespace nsrun
