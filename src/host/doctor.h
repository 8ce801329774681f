#pragma once
#include <nsrun/document.h>
#include <nsrun/facilities.h>

#include <string>
#include <vector>

namespace nsrun {

/// How a facility was found on this machine, for this user: tried for real, and if it is absent, why and what to do.
struct Finding {
    Facility facility{};
    bool present = false;
    bool needed = false;   ///< a profile of defaults cannot run without it
    std::string detail{};  ///< what was found: "ABI 7", "65536 ids from 100000"; may be empty
    std::string cause{};   ///< why it is absent; empty when present
    std::string remedy{};  ///< what brings it: a command or one sentence; may be empty
    bool operator==(const Finding&) const = default;
};

/// Tries every facility, each in a child of its own; nothing of the trials stays. In the order people read.
std::vector<Finding> examine();

/// Tries one facility.
Finding examine(Facility facility);

/// True when everything that a profile of defaults needs is present.
bool sufficient(const std::vector<Finding>& findings);

/// Renders findings in aligned lines, causes and remedies beneath, and a verdict at the end.
std::string to_text(const std::vector<Finding>& findings);

/// Renders findings as a tree for JSON; `"nsrun_doctor": 1` first.
Value to_value(const std::vector<Finding>& findings);

}  // namespace nsrun
