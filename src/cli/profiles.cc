#include <fmt/format.h>
#include <nsrun/nsrun.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/file.h"
#include "base/nearest.h"
#include "cli/commands.h"
#include "cli/layers.h"
#include "cli/print.h"
#include "cli/starter.h"
#include "cli/wish.h"

namespace nsrun::cli {
namespace {

Value text(std::string content) {
    return {std::move(content), {}};
}

/// Whether a new profile can be called so: what -p finds as a name, and nothing that could be a path.
bool is_name(std::string_view name) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
               c == '.' || c == '+';
    };
    return !name.empty() && name.size() <= 200 && name[0] != '.' && name[0] != '-' && !name.ends_with(".toml") &&
           std::all_of(name.begin(), name.end(), fits);
}

std::string nearest_profile(std::string_view name, const Context& context) {
    const auto entries = list_profiles(context);
    std::vector<std::string_view> names;
    for (const auto& entry : entries) names.push_back(entry.name);
    return std::string(nearest(name, names));
}

/// Writes every "$" so that reading the text again gives the same document, not what a variable stands for.
Value unexpanded(Value value);

Table unexpanded(Table table) {
    for (auto& member : table.members) {
        member.key = literal(member.key);
        member.value = unexpanded(std::move(member.value));
    }
    return table;
}

Value unexpanded(Value value) {
    if (auto* content = value.as<std::string>()) *content = literal(*content);
    if (auto* array = value.as<Array>()) {
        for (auto& element : *array) element = unexpanded(std::move(element));
    }
    if (auto* table = value.as<Table>()) *table = unexpanded(std::move(*table));
    return value;
}

}  // namespace

int profile_list(const CommandLine& line, const Output& output) {
    const auto context = survey_context("");
    if (!context) {
        output.complain(context.error());
        return refused;
    }
    const auto entries = list_profiles(*context);
    if (line.format == Format::json) {
        Array list;
        for (const auto& entry : entries) {
            Table row;
            row.set("name", text(entry.name));
            row.set("path", text(entry.path));
            row.set("description", text(entry.description));
            row.set("hidden", Value{entry.hidden, {}});
            list.push_back({std::move(row), {}});
        }
        return output.print(to_json({std::move(list), {}}) + "\n") ? 0 : refused;
    }
    std::size_t width = 0;
    for (const auto& entry : entries) width = std::max(width, entry.name.size());
    std::string out;
    for (const auto& entry : entries) {
        if (entry.hidden && !output.verbose()) continue;
        out += fmt::format("{:<{}}  {}", printable(entry.name), width, printable(entry.path));
        if (entry.hidden) out += "  (hidden by the one above)";
        if (!entry.description.empty()) out += fmt::format("\n{:<{}}  {}", "", width, printable(entry.description));
        out += '\n';
    }
    return output.print(out) ? 0 : refused;
}

int profile_show(const CommandLine& line, const Output& output) {
    auto wanted = line;
    if (!line.words.empty()) wanted.profiles.insert(wanted.profiles.begin(), line.words.front());
    auto wish = load_wish(wanted, "", output);
    if (!wish) {
        output.complain(wish.error());
        return refused;
    }
    output.complain(wish->diagnostics, wish->sources);
    if (wish->diagnostics.has_errors()) return refused;
    const auto shown = line.format == Format::json ? to_json({std::move(wish->loaded.document), {}}) + "\n"
                                                   : to_toml(unexpanded(std::move(wish->loaded.document)));
    return output.print(shown) ? 0 : refused;
}

int profile_path(const CommandLine& line, const Output& output) {
    const auto context = survey_context("");
    if (!context) {
        output.complain(context.error());
        return refused;
    }
    Array paths;
    if (line.words.empty()) {
        for (const auto& directory : profile_directories(*context)) paths.push_back(text(directory));
    } else {
        auto path = find_profile(line.words.front(), *context);
        if (path.empty()) {
            const auto near = nearest_profile(line.words.front(), *context);
            const auto help = near.empty() ? std::string("nsrun profile list shows those that exist")
                                           : fmt::format("did you mean '{}'?", near);
            output.complain(Error{0, fmt::format("there is no profile '{}'", line.words.front()), help});
            return refused;
        }
        paths.push_back(text(std::move(path)));
    }
    if (line.format == Format::json) return output.print(to_json({std::move(paths), {}}) + "\n") ? 0 : refused;
    std::string out;
    for (const auto& path : paths) out += printable(*path.as<std::string>()) + "\n";
    return output.print(out) ? 0 : refused;
}

int profile_new(const CommandLine& line, const Output& output) {
    const auto name = line.words.front();
    if (!is_name(name)) {
        output.complain(Usage{fmt::format("'{}' cannot be the name of a profile", printable(name)),
                              "a name is made of letters, digits, '-', '_', '+' and '.', without '.toml'"});
        return 2;
    }
    const auto context = survey_context("");
    if (!context) {
        output.complain(context.error());
        return refused;
    }
    const auto directory = profile_directories(*context).front();
    const auto path = fmt::format("{}/{}.toml", directory, name);
    auto written = make_directories(directory);
    if (written) written = write_new_file(path, starter(name));
    if (!written) {
        const bool exists = written.error().code == EEXIST;
        output.complain(exists ? Error{0, fmt::format("{} exists already", path), "edit it, or choose another name"}
                               : written.error());
        return refused;
    }
    if (line.format == Format::json) return output.print(to_json(text(path)) + "\n") ? 0 : refused;
    return output.print(printable(path) + "\n") ? 0 : refused;
}

}  // namespace nsrun::cli
