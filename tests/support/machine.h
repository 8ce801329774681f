#pragma once
#include <nsrun/host.h>

#include <string>

/// Machines to plan for: facts without a survey, the same everywhere.
namespace nsrun::testing {

/// A usual desktop: ada (1000) with 65536 subordinate ids, all namespaces, the helpers, a terminal, kernel 6.1.
inline HostFacts desktop() {
    HostFacts facts;
    Caller& ada = facts.context.caller;
    ada.uid = ada.gid = 1000;
    ada.groups = {27, 100, 1000};
    ada.name = ada.group_name = "ada";
    ada.home = "/home/ada";
    ada.shell = "/bin/bash";
    ada.cwd = "/home/ada/work";
    facts.context.environment = {
        "HOME=/home/ada", "LANG=en_GB.UTF-8", "PATH=/home/ada/bin:/usr/bin:/bin", "SSH_AUTH_SOCK=/run/user/1000/ssh",
        "TERM=xterm",     "USER=ada"};
    facts.context.name = "test";
    facts.interfaces.inode = 4026531840;  // of most machines
    facts.context.runtime_dir = "/run/user/1000";
    facts.context.config_home = "/home/ada/.config";
    facts.context.data_home = "/home/ada/.local/share";
    facts.context.state_home = "/home/ada/.local/state";
    facts.context.cache_home = "/home/ada/.cache";
    facts.context.kernel = {6, 1};
    facts.subuid = facts.subgid = {{100000, 65536}};
    facts.newuidmap = "/usr/bin/newuidmap";
    facts.newgidmap = "/usr/bin/newgidmap";
    facts.namespaces = {Namespace::user, Namespace::mount, Namespace::pid,    Namespace::net,
                        Namespace::ipc,  Namespace::uts,   Namespace::cgroup, Namespace::time};
    facts.users = {{0, "root", 0, "/root", "/bin/bash", ""},
                   {33, "www-data", 33, "/var/www", "/usr/sbin/nologin", ""},
                   {1000, "ada", 1000, "/home/ada", "/bin/bash", ""}};
    facts.groups = {{0, "root", 0, "", "", ""}, {33, "www-data", 0, "", "", ""}, {1000, "ada", 0, "", "", ""}};
    facts.landlock_abi = 2;
    facts.network = {.pasta = "/usr/bin/pasta",
                     .slirp4netns = "",
                     .default_route = true,
                     .default_route6 = true,
                     .addresses = {"192.0.2.7", "2001:db8::7", "fe80::7"},
                     .tun = PathKind::character_device};
    facts.texts["/etc/resolv.conf"] = "# by systemd-resolved\nnameserver 127.0.0.53\noptions edns0 trust-ad\nsearch lan\n";
    facts.context.registry = "/run/user/1000/nsrun";
    facts.registry = RegistryState::ready;
    facts.terminal = true;
    facts.machine = "x86_64";
    return facts;
}

/// The same machine, used by root as a service manager uses it: every capability, no terminal.
inline HostFacts service() {
    HostFacts facts = desktop();
    Caller& root = facts.context.caller;
    root.uid = root.gid = 0;
    root.groups = {0};
    root.name = root.group_name = "root";
    root.home = "/root";
    root.cwd = "/";
    root.has_sys_admin = true;
    facts.capabilities = (1ULL << 41) - 1;
    facts.context.registry = "/run/nsrun";
    facts.context.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
    facts.subuid = facts.subgid = {{1000000, 65536}};
    facts.terminal = false;
    return facts;
}

}  // namespace nsrun::testing
