#pragma once
#include "host/doctor.h"

/// The trials of `nsrun doctor`, by what they are about. Each gives a finding for its facility; `needed` is set later.
namespace nsrun::probe {

Finding namespaces(Facility facility);       ///< any of *_namespaces
Finding subordinate_ids(Facility facility);  ///< maps a range through newuidmap and newgidmap

Finding file_system(Facility facility);  ///< tmpfs, proc, sysfs, devpts, mqueue
Finding overlay(Facility facility);
Finding mount_api(Facility facility);
Finding idmapped_mounts(Facility facility);

Finding kernel(Facility facility);
Finding seccomp(Facility facility);
Finding no_new_privileges(Facility facility);
Finding keyring(Facility facility);
Finding landlock(Facility facility);  ///< and landlock_scope
Finding pidfd(Facility facility);
Finding loopback(Facility facility);
Finding tiocsti_closed(Facility facility);

Finding cgroup2(Facility facility);
Finding cgroup_delegation(Facility facility);
Finding security_module(Facility facility);  ///< apparmor, selinux
Finding surroundings(Facility facility);     ///< systemd, wayland, x11, fuse

Finding uplink_helper(Facility facility);  ///< pasta, slirp4netns
Finding tun(Facility facility);

}  // namespace nsrun::probe
