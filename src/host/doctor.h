#pragma once
#include <nsrun/document.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nsrun {

/// One facility of this machine: whether it works for this user, tried for real, and if not, why and what to do.
struct Facility {
    std::string name;    ///< stable, hyphenated: "user-namespaces"; what `has(NAME)` of a condition asks for
    bool present = false;
    bool needed = false;  ///< a profile of defaults cannot run without it
    std::string detail;  ///< what was found: "ABI 7", "65536 ids from 100000"
    std::string cause;   ///< why it is absent; empty when present
    std::string remedy;  ///< what brings it: a command, or one sentence; may be empty
    bool operator==(const Facility&) const = default;
};

/// Tries every facility, each in a child of its own; nothing of the trials stays.
std::vector<Facility> examine();

/// Tries one facility; nothing for a name that is none.
std::optional<Facility> examine(std::string_view name);

/// True when everything that a profile of defaults needs is present.
bool sufficient(const std::vector<Facility>& facilities);

/// Renders the facilities in aligned lines, causes and remedies indented beneath.
std::string to_text(const std::vector<Facility>& facilities);

/// Renders the facilities as a tree for JSON; `"nsrun_doctor": 1` first.
Value to_value(const std::vector<Facility>& facilities);

}  // namespace nsrun
