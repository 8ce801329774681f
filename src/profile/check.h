#pragma once
#include <nsrun/nsrun.h>

/// The parts of `check`, one for each subject. All are pure: what needs the machine is checked while planning.
namespace nsrun {

/// True when the sandbox makes that namespace: it is listed, not joined, and not given up for the host's network.
bool makes(const Profile& profile, Namespace kind);
/// The entry of that kind in `namespaces`; null when there is none.
const Located<Namespace>* listed(const Profile& profile, Namespace kind);
/// True when one text says both: then they contradict each other. In different layers the more special one wins.
bool said_together(const Span& one, const Span& other);
/// The path of the namespace of that kind to join; null when it is not joined.
const Located<std::string>* joined(const Profile& profile, Namespace kind);

/// Where the list of namespaces has that kind; null when it has not.
const Located<Namespace>* listed(const Profile& profile, Namespace kind);
/// True when one text says both: then they contradict each other. In different layers the more special one wins.
bool said_together(const Span& one, const Span& other);

void check_namespaces(const Profile& profile, Diagnostics& diagnostics);
void check_network(const Profile& profile, Diagnostics& diagnostics);
void check_interfaces(const Profile& profile, Diagnostics& diagnostics);
void check_ids(const Profile& profile, Diagnostics& diagnostics);
void check_filesystem(const Profile& profile, Diagnostics& diagnostics);
void check_mounts(const Profile& profile, Diagnostics& diagnostics);
void check_publish(const Profile& profile, Diagnostics& diagnostics);
void check_process(const Profile& profile, Diagnostics& diagnostics);

}  // namespace nsrun
