#include <nsrun/nsrun.h>

#include "profile/variables.h"

#include <fmt/format.h>

#include <algorithm>

namespace nsrun {
namespace {

/// Walks over a document. A text with a wrong variable is left out: what is said of it once is enough.
class Expansion {
  public:
    Expansion(const Context& context, const Table* vars, Diagnostics& diagnostics)
        : variables_(context, vars, diagnostics), diagnostics_(diagnostics) {}

    void check_vars() { variables_.check_all(); }

    void table(Table& table) {
        auto kept = table.members.begin();
        for (auto member = table.members.begin(); member != table.members.end(); ++member) {
            if (!key(table.members.begin(), kept, *member) || !value(member->value)) continue;
            if (kept != member) *kept = std::move(*member);
            ++kept;
        }
        table.members.erase(kept, table.members.end());
    }

  private:
    using Members = std::vector<Member>::iterator;

    /// False when the key is wrong, or now the same as one before it.
    bool key(Members first, Members last, Member& member) {
        if (member.key.find('$') == std::string::npos) return true;
        auto expanded = variables_.text(member.key, member.at);
        if (!expanded) return false;
        member.key = std::move(*expanded);
        if (std::none_of(first, last, [&](const Member& other) { return other.key == member.key; })) return true;
        diagnostics_.error(Code::duplicate_entry, member.at, fmt::format("'{}' is written twice", member.key),
                           "keep one of the two");
        return false;
    }

    bool value(Value& value) {
        if (auto* text = value.as<std::string>()) {
            if (text->find('$') == std::string::npos) return true;
            auto expanded = variables_.text(*text, value.at);
            if (expanded) *text = std::move(*expanded);
            return expanded.has_value();
        }
        if (auto* elements = value.as<Array>()) array(*elements);
        if (auto* inner = value.as<Table>()) table(*inner);
        return true;
    }

    void array(Array& elements) {
        const bool plain = std::none_of(elements.begin(), elements.end(), [](const Value& element) {
            const auto* text = element.as<std::string>();
            return text && text->find('$') != std::string::npos;
        });
        if (plain) {
            for (auto& element : elements) value(element);
            return;
        }
        Array expanded;
        expanded.reserve(elements.size());
        for (auto& element : elements) {
            if (element.as<std::string>()) {
                for (auto& item : variables_.elements(std::move(element))) expanded.push_back(std::move(item));
            } else {
                value(element);
                expanded.push_back(std::move(element));
            }
        }
        elements = std::move(expanded);
    }

    Variables variables_;
    Diagnostics& diagnostics_;
};

}  // namespace

Document expand(Document document, const Context& context, Diagnostics& diagnostics) {
    Value vars{Table{}, {}};
    const auto found = std::find_if(document.members.begin(), document.members.end(),
                                    [](const Member& member) { return member.key == "vars"; });
    if (found != document.members.end()) {
        vars = std::move(found->value);
        document.members.erase(found);
    }
    if (!vars.as<Table>()) {
        diagnostics.error(Code::wrong_type, vars.at, fmt::format("expected a table [vars], found {}", described(vars)),
                          "write [vars] and a line for each variable");
        vars.data = Table{};
    }
    Expansion expansion(context, vars.as<Table>(), diagnostics);
    expansion.check_vars();
    expansion.table(document);
    return document;
}

}  // namespace nsrun
