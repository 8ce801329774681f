#pragma once
#include "plan/mount_wish.h"

#include <string>

/// The passes from wishes to a tree: each takes wishes and gives wishes, in O(n log n), and gives the same when run twice.
/// They run in the order in which they stand here.
namespace nsrun {

/// Learns from the facts what each source is. A missing source is an error, or drops its wish when it is optional.
MountWishes check_sources(MountWishes wishes, const MountRequest& request);

/// Leads every target through the symbolic links that the wishes themselves make: below /bin -> usr/bin, /bin/sh becomes
/// /usr/bin/sh. A rule at the place of one of nsrun's own links replaces the link.
MountWishes follow_links(MountWishes wishes, Diagnostics& diagnostics);

/// Sorts by target, every directory before what lies below it; at the same target the strongest first, then in the
/// order of the profile.
MountWishes sort_by_target(MountWishes wishes);

/// With a root of the host's, leads targets through the links of that tree, so that hiding a link hides what it shows.
/// Takes and gives sorted wishes.
MountWishes follow_host_links(MountWishes wishes, const std::string& root, Lookup& host);

/// Leaves one wish a target: the strongest. Equal ones are one; different ones of the same strength are an error that
/// names both lines. Takes and gives sorted wishes, as all passes below.
MountWishes settle(MountWishes wishes, Diagnostics& diagnostics);

/// Drops binds that show what an outer bind shows at that place anyway, in the same way.
MountWishes drop_covered(MountWishes wishes, const MountRequest& request);

/// Makes every writable mount noexec when the profile says so.
MountWishes restrict_writable(MountWishes wishes, const MountRequest& request);

/// Keeps nsrun's own configuration, and every profile of this run, from being written inside.
MountWishes protect_configuration(MountWishes wishes, const std::string& root, const MountRequest& request);

/// Adds the directories and empty files that mounts need in the sandbox's own file systems. In the host's tree nothing is
/// created: what is missing there is an error.
MountWishes add_mount_points(MountWishes wishes, const std::string& root, const MountRequest& request);

/// Has sources that lie in places that the sandbox can write opened without following links.
MountWishes open_beneath(MountWishes wishes, const std::string& root, const MountRequest& request);

}  // namespace nsrun
