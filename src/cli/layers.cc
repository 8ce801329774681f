#include "cli/layers.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace nsrun::cli {
namespace {

/// Nests a value under a dotted key: "filesystem.ro" becomes {filesystem: {ro: value}}.
Document nested(std::string_view key, Value value, const Span& at) {
    Document document;
    const auto dot = key.find('.');
    if (dot == std::string_view::npos) {
        document.set(key, std::move(value), at);
    } else {
        document.set(key.substr(0, dot), Value{nested(key.substr(dot + 1), std::move(value), at), at}, at);
    }
    return document;
}

/// The entry of environment.set for NAME or NAME=VALUE; none when the caller has no such variable to pass on.
std::optional<Table> variable(std::string_view text, const Context& context, const Span& at) {
    const auto equals = text.find('=');
    const auto name = text.substr(0, equals);
    std::optional<std::string_view> value;
    if (equals == std::string_view::npos) {
        value = context.variable(name);
    } else {
        value = text.substr(equals + 1);
    }
    if (!value) return std::nullopt;
    Table table;
    table.set(name, Value{literal(*value), at}, at);
    return table;
}

}  // namespace

std::string literal(std::string_view text) {
    std::string out;
    for (const char c : text) out.append(c == '$' ? 2 : 1, c);
    return out;
}

Document layer(const Flag& flag, const Context& context, Sources& sources, Diagnostics& diagnostics) {
    const auto& option = row(flag.option);
    const auto source = static_cast<std::uint32_t>(sources.size());
    Source text{fmt::format("--{}", option.name), std::string(flag.value), true};
    if (flag.option == Option::set) {
        text.name += fmt::format(" {}", flag.value.substr(0, flag.value.find('=')));
        sources.push_back(std::move(text));
        return parse_setting(flag.value, source, diagnostics);
    }
    sources.push_back(std::move(text));
    const Span at{source, 1, 1, 1, static_cast<std::uint32_t>(flag.value.size() + 1)};
    if (flag.option == Option::env) {
        auto table = variable(flag.value, context, at);
        return table ? nested(option.key, Value{std::move(*table), at}, at) : Document{};
    }
    Value value{std::string(flag.value), at};
    if (option.repeatable) value = Value{Array{std::move(value)}, at};
    return nested(option.key, std::move(value), at);
}

}  // namespace nsrun::cli
