#pragma once
#include "plan/mount_wish.h"

#include <string>

/// The texts of /etc that nsrun writes itself.
namespace nsrun {

/// passwd(5) and group(5): the command's user, root and the host's accounts as far as they are mapped, and nobody.
std::string passwd_text(const MountRequest& request);
std::string group_text(const MountRequest& request);
/// hosts(5): localhost, the sandbox's host name, the profile's `hosts`, and with the host's network the host's own.
/// resolv.conf(5), where the sandbox reaches a network; empty elsewhere.
std::string resolver_text(const MountRequest& request);
std::string hosts_text(const MountRequest& request);
/// nsswitch.conf(5): files, and dns where there is a network to ask.
std::string nsswitch_text(const MountRequest& request);
/// machine-id(5): made from the sandbox's name and user id alone. It stays the same from run to run and says nothing of
/// the machine: everybody's sandbox of that name and user id has the same.
std::string machine_id_text(const MountRequest& request);
/// The sandbox's host name; empty when it is the host's.
std::string hostname_text(const MountRequest& request);

}  // namespace nsrun
