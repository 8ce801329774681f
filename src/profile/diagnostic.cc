#include <nsrun/nsrun.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace nsrun {
namespace {

/// The order of reading; what stands nowhere comes last.
auto order(const Diagnostic& diagnostic) {
    const Span& at = diagnostic.at;
    return std::tuple(!at, at.source, at.line, at.column);
}

Value tree(const Diagnostic& diagnostic, const Sources& sources) {
    Table table;
    const auto text = [&](std::string_view key, std::string_view value) {
        if (!value.empty()) table.set(key, {std::string(value), {}});
    };
    const auto number = [&](std::string_view key, std::uint32_t value) { table.set(key, {std::int64_t{value}, {}}); };
    text("severity", spelling(diagnostic.severity));
    text("code", spelling(diagnostic.code));
    text("message", diagnostic.message);
    text("help", diagnostic.help);
    text("step", diagnostic.step);
    const Span& at = diagnostic.at;
    if (!at || at.source >= sources.size()) return {std::move(table), {}};
    text("source", sources[at.source].name);
    number("line", at.line);
    number("column", at.column);
    number("end-line", at.end_line);
    number("end-column", at.end_column);
    return {std::move(table), {}};
}

}  // namespace

void Diagnostics::add(Diagnostic diagnostic) {
    if (diagnostic.severity == Severity::error) ++errors_;
    list_.push_back(std::move(diagnostic));
}

void Diagnostics::error(Code code, const Span& at, std::string message, std::string help) {
    add({Severity::error, code, at, std::move(message), std::move(help), {}});
}

void Diagnostics::warning(Code code, const Span& at, std::string message, std::string help) {
    add({Severity::warning, code, at, std::move(message), std::move(help), {}});
}

void Diagnostics::sort() {
    std::stable_sort(list_.begin(), list_.end(),
                     [](const auto& left, const auto& right) { return order(left) < order(right); });
    std::vector<Diagnostic> kept;
    kept.reserve(list_.size());
    for (auto& diagnostic : list_) {
        // Doubles stand at the same place, so only the last ones kept can be equal.
        const bool doubled = [&] {
            for (auto other = kept.rbegin(); other != kept.rend() && order(*other) == order(diagnostic); ++other) {
                if (*other == diagnostic) return true;
            }
            return false;
        }();
        if (!doubled) kept.push_back(std::move(diagnostic));
    }
    list_ = std::move(kept);
    errors_ = static_cast<std::size_t>(std::count_if(
        list_.begin(), list_.end(), [](const auto& diagnostic) { return diagnostic.severity == Severity::error; }));
}

Value to_value(const Diagnostics& diagnostics, const Sources& sources) {
    Array list;
    for (const auto& diagnostic : diagnostics.list()) list.push_back(tree(diagnostic, sources));
    return {std::move(list), {}};
}

}  // namespace nsrun
