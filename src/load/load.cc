#include "load/load.h"

#include "load/layers.h"
#include "load/search.h"

#include <base/file.h>

#include <algorithm>

namespace nsrun {
namespace {

constexpr std::size_t largest_profile = 1024 * 1024;

/// The last component of a value that is a path, without ".toml"; the name before "@" of one that is a name.
std::string stem(std::string_view value) {
    if (!is_profile_path(value)) return std::string(ProfileName(value).name);
    value.remove_prefix(value.rfind('/') + 1);
    if (value.ends_with(".toml")) value.remove_suffix(5);
    return std::string(value);
}

/// The value of `-p` when the user wrote none: the program's name or "default", whichever is found; empty when neither.
std::string implied_profile(std::string_view program, std::span<const std::string> directories) {
    program.remove_prefix(program.rfind('/') + 1);
    for (const auto name : {program, std::string_view("default")}) {
        // A program may be called like "x@y": no instance was asked for then.
        if (name.find('@') != name.npos || is_profile_path(name) || !ProfileName(name).valid()) continue;
        if (search(name, directories) != directories.size()) return std::string(name);
    }
    return {};
}

Span flag_span(const std::string& value, Sources& sources) {
    const auto index = static_cast<std::uint32_t>(sources.size());
    sources.push_back({"--profile", value, true});
    return {index, 1, 1, 1, static_cast<std::uint32_t>(value.size() + 1)};
}

std::string absolute(std::string_view path, const Context& context) {
    if (path.starts_with('/')) return std::string(path);
    if (path.starts_with("~/")) return fmt::format("{}{}", context.caller.home, path.substr(1));
    return context.caller.cwd.empty() ? std::string() : fmt::format("{}/{}", context.caller.cwd, path);
}

/// What a profile says of itself; nothing when it cannot be read or trusted.
std::string description(const std::string& path, const Context& context) {
    const auto file = open_trusted(path, path, context.caller);
    if (!file) return {};
    const auto text = read_all(file->file, largest_profile, path);
    if (!text) return {};
    Diagnostics ignored;
    const Document document = parse_toml(*text, 0, ignored);
    const Value* const said = document.find("description");
    return said && said->as<std::string>() ? *said->as<std::string>() : std::string();
}

}  // namespace

Loaded load(const LayerRequest& request, Context& context, Sources& sources, Diagnostics& diagnostics) {
    const auto directories = profile_directories(context);
    std::vector<std::string> profiles = request.profiles;
    const bool implied = profiles.empty();
    if (implied) {
        if (auto found = implied_profile(request.program, directories); !found.empty()) profiles.push_back(found);
    }
    Loaded loaded;
    if (!profiles.empty()) {
        loaded.name = stem(profiles.front());
        if (!is_profile_path(profiles.front())) loaded.instance = ProfileName(profiles.front()).instance;
    } else {
        loaded.name = "default";
    }
    // Conditions may ask for both, before the texts that could say another name are merged.
    context.name = loaded.name;
    context.instance = loaded.instance;

    Layers layers(directories, context, sources, diagnostics);
    for (const auto& profile : profiles) {
        const Span at = implied ? Span{} : flag_span(profile, sources);
        Document layer = layers.profile(profile, at, context.caller.cwd, "");
        loaded.document = merge(std::move(loaded.document), std::move(layer), diagnostics);
    }
    for (const auto& flag : request.flags) {
        loaded.document = merge(std::move(loaded.document), flag, diagnostics);
    }
    if (const Value* name = loaded.document.find("name"); name && name->as<std::string>()) {
        loaded.name = context.name = *name->as<std::string>();
    }
    loaded.files = layers.take_files();
    loaded.drop_ins = layers.take_drop_ins();
    loaded.document = expand(std::move(loaded.document), context, diagnostics);
    return loaded;
}

std::string find_profile(std::string_view value, const Context& context) {
    if (is_profile_path(value)) {
        std::string path = absolute(value, context);
        return !path.empty() && open_for_reading(path) ? path : std::string();
    }
    const ProfileName name(value);
    if (!name.valid()) return {};
    const auto directories = profile_directories(context);
    const auto where = search(name.name, directories);
    return where == directories.size() ? std::string() : fmt::format("{}/{}.toml", directories[where], name.name);
}

std::vector<ProfileEntry> list_profiles(const Context& context) {
    std::vector<ProfileEntry> entries;
    for (const auto& directory : profile_directories(context)) {
        for (auto& name : profile_names(directory)) {
            std::string path = fmt::format("{}/{}.toml", directory, name);
            const bool hidden = std::ranges::find(entries, name, &ProfileEntry::name) != entries.end();
            entries.push_back({std::move(name), path, is_masked(path) ? "" : description(path, context), hidden});
        }
    }
    std::ranges::stable_sort(entries, {}, &ProfileEntry::name);
    // One that is switched off hides those beneath it, and is itself no profile.
    std::erase_if(entries, [](const ProfileEntry& entry) { return is_masked(entry.path); });
    return entries;
}

}  // namespace nsrun
