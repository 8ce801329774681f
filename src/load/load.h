#pragma once
#include <nsrun/nsrun.h>

#include <string>
#include <string_view>
#include <vector>

/// From profile names and flags to the one Document of a run: finding files, trusting them, reading them, layering
/// them.
namespace nsrun {

/// What the command line says about profiles.
struct LayerRequest {
    std::vector<std::string> profiles;  ///< each `-p` as written, left to right
    std::string program;  ///< without `-p`: the profile named like its last component, else "default", else none
    std::vector<Document> flags;  ///< `--set` and the short flags, in order; each with a Source of its own
};

/// The Document that the layers make, conditions settled and variables expanded: ready to decode.
struct Loaded {
    Document document;
    std::vector<std::string> files;  ///< every file that was read, absolute, in the order of layering
    std::vector<std::string> drop_ins;  ///< every directory that was looked at for drop-ins, existing or not
    std::string name;                ///< the `name` key, else the first profile's file stem
    std::string instance;            ///< of "NAME@INSTANCE"
};

/// Reads and layers the profiles: parents by `extends` first, then the text, its drop-ins, the next `-p`, the flags.
/// Fills `name` and `instance` of the context and the answers to the conditions' questions. Texts are added to
/// `sources`.
Loaded load(const LayerRequest& request, Context& context, Sources& sources, Diagnostics& diagnostics);

/// The directories that profile names are searched in, best first: $XDG_CONFIG_HOME/nsrun/profiles (not as root),
/// /etc/nsrun/profiles, and the shipped ones. Never the current directory.
std::vector<std::string> profile_directories(const Context& context);

/// The path of the profile of that name ("NAME" or "NAME@INSTANCE"), or of a value that is a path itself; empty when
/// there is none.
std::string find_profile(std::string_view value, const Context& context);

/// A profile that a name finds.
struct ProfileEntry {
    std::string name;
    std::string path;
    std::string description;  ///< its `description` key; empty when it has none or cannot be read
    bool hidden = false;      ///< a better directory has one of the same name
    bool operator==(const ProfileEntry&) const = default;
};

/// All profiles of the search directories, by name, hidden ones after those that hide them.
std::vector<ProfileEntry> list_profiles(const Context& context);

}  // namespace nsrun
