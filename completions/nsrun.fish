# fish completion for nsrun. Made from nsrun's tables of options and keys; changes belong there.

function __nsrun_profiles
    nsrun profile list 2>/dev/null | string match -rg '^(\S+)  '
end

function __nsrun_all_settings
    printf '%s\t%s\n' 'schema=' 'The version of the language that the profile is written in.'
    printf '%s\t%s\n' 'name=' 'What the sandbox is called.'
    printf '%s\t%s\n' 'description=' 'What the profile is for, in one line.'
    printf '%s\t%s\n' 'extends=' 'Profiles that this one builds on, by name or path; they are laid below it in this order.'
    printf '%s\t%s\n' 'reset=' 'Keys to empty of what the profiles below say, before this one'\''s are added.'
    printf '%s\t%s\n' 'vars=' 'Texts of your own, or lists of them, that ${vars.NAME} stands for.'
    printf '%s\t%s\n' 'when=' 'Sections that hold under a condition: [when."EXPR"], [when."EXPR".network].'
    printf '%s\t%s\n' 'requires.kernel=' 'The oldest kernel that the profile can run on.'
    printf '%s\t%s\n' 'requires.nsrun=' 'The oldest nsrun that understands the profile.'
    printf '%s\t%s\n' 'on-unsupported=' 'What happens when the kernel lacks something that the profile asks for.'
    printf '%s\t%s\n' 'on-unsupported=fail' 'a facility that the kernel lacks ends the run before it starts'
    printf '%s\t%s\n' 'namespaces=' 'The namespaces that the sandbox has of its own: see namespaces(7).'
    printf '%s\t%s\n' 'namespaces=["user"]' 'user and group ids, capabilities'
    printf '%s\t%s\n' 'namespaces=["mount"]' 'mount points'
    printf '%s\t%s\n' 'namespaces=["pid"]' 'process ids'
    printf '%s\t%s\n' 'namespaces=["net"]' 'network devices, addresses, ports, abstract sockets'
    printf '%s\t%s\n' 'namespaces=["ipc"]' 'System V IPC, POSIX message queues'
    printf '%s\t%s\n' 'namespaces=["uts"]' 'host name and NIS domain name'
    printf '%s\t%s\n' 'namespaces=["cgroup"]' 'the root of the cgroup hierarchy'
    printf '%s\t%s\n' 'namespaces=["time"]' 'boot and monotonic clocks'
    printf '%s\t%s\n' 'join.net=' 'The network namespace to join.'
    printf '%s\t%s\n' 'join.ipc=' 'The IPC namespace to join.'
    printf '%s\t%s\n' 'join.uts=' 'The namespace of host names to join.'
    printf '%s\t%s\n' 'join.pid=' 'The namespace of process ids to join.'
    printf '%s\t%s\n' 'join.user=' 'The user namespace to join; it is entered first, and gives the privilege to join the others.'
    printf '%s\t%s\n' 'join.cgroup=' 'The cgroup namespace to join.'
    printf '%s\t%s\n' 'join.time=' 'The namespace of clocks to join.'
    printf '%s\t%s\n' 'hostname=' 'The host name inside.'
    printf '%s\t%s\n' 'domainname=' 'The NIS domain name inside.'
    printf '%s\t%s\n' 'command.exec=' 'The program to run when the command line names none.'
    printf '%s\t%s\n' 'command.args=' 'Arguments of the program.'
    printf '%s\t%s\n' 'command.argv0=' 'What the program sees as its own name.'
    printf '%s\t%s\n' 'command.workdir=' 'The working directory of the command, inside the sandbox.'
    printf '%s\t%s\n' 'command.umask=' 'The permission bits that new files do not get.'
    printf '%s\t%s\n' 'environment.inherit=' 'Which variables of the caller the command sees.'
    printf '%s\t%s\n' 'environment.inherit=safe' 'locale, terminal, user and time zone; no secrets, no sockets'
    printf '%s\t%s\n' 'environment.inherit=all' 'everything'
    printf '%s\t%s\n' 'environment.inherit=none' 'nothing'
    printf '%s\t%s\n' 'environment.set=' 'Variables to set, over inherited ones and those of files.'
    printf '%s\t%s\n' 'environment.unset=' 'Patterns of the names of variables to leave out, whichever key sets them.'
    printf '%s\t%s\n' 'environment.files=' 'Files of the host with a NAME=VALUE on each line, set in this order.'
    printf '%s\t%s\n' 'ids.map=' 'Which ids exist in the sandbox, and which of the host they stand for.'
    printf '%s\t%s\n' 'ids.map=self' 'your own uid and gid, unchanged'
    printf '%s\t%s\n' 'ids.map=root' 'your own uid and gid appear as 0'
    printf '%s\t%s\n' 'ids.map=range' '0 to 65535 from the subordinate ids'
    printf '%s\t%s\n' 'ids.map=explicit' 'what uid-map and gid-map say'
    printf '%s\t%s\n' 'ids.uid-map=' 'With map = "explicit": the user ids, as ranges.'
    printf '%s\t%s\n' 'ids.gid-map=' 'With map = "explicit": the group ids, as ranges.'
    printf '%s\t%s\n' 'ids.uid=' 'The user id that the command runs as, inside.'
    printf '%s\t%s\n' 'ids.gid=' 'The group id that the command runs as, inside.'
    printf '%s\t%s\n' 'ids.groups=' 'The supplementary groups of the command.'
    printf '%s\t%s\n' 'ids.groups=drop' 'no supplementary groups where the kernel allows dropping them'
    printf '%s\t%s\n' 'ids.groups=keep' 'the caller'\''s'
    printf '%s\t%s\n' 'ids.run-as=' 'The user of the host, and the group, that the command runs as.'
    printf '%s\t%s\n' 'filesystem.base=' 'What the sandbox'\''s files begin with.'
    printf '%s\t%s\n' 'filesystem.base=system' '/usr read-only, a minimal /etc, everything else empty'
    printf '%s\t%s\n' 'filesystem.base=host-ro' 'the host'\''s files, read-only'
    printf '%s\t%s\n' 'filesystem.base=host' 'the host'\''s files'
    printf '%s\t%s\n' 'filesystem.base=empty' 'nothing'
    printf '%s\t%s\n' 'filesystem.base=rootfs' 'the directory that rootfs names, as /'
    printf '%s\t%s\n' 'filesystem.rootfs=' 'With base = "rootfs": the directory of the host that becomes /.'
    printf '%s\t%s\n' 'filesystem.home=' 'Whose home directory the command has.'
    printf '%s\t%s\n' 'filesystem.home=tmp' 'empty, gone at the end'
    printf '%s\t%s\n' 'filesystem.home=private' 'a directory of the profile'\''s own that stays'
    printf '%s\t%s\n' 'filesystem.home=host' 'yours'
    printf '%s\t%s\n' 'filesystem.home=host-ro' 'yours, read-only'
    printf '%s\t%s\n' 'filesystem.home=none' 'none at all'
    printf '%s\t%s\n' 'filesystem.home-dir=' 'Where the home directory is, inside.'
    printf '%s\t%s\n' 'filesystem.cwd=' 'Whether the directory that nsrun is called in is visible.'
    printf '%s\t%s\n' 'filesystem.cwd=none' 'not visible'
    printf '%s\t%s\n' 'filesystem.cwd=ro' 'read-only'
    printf '%s\t%s\n' 'filesystem.cwd=rw' 'read-write'
    printf '%s\t%s\n' 'filesystem.cwd=overlay' 'writable, the changes gone at the end'
    printf '%s\t%s\n' 'filesystem.tmp=' 'What /tmp and /var/tmp are.'
    printf '%s\t%s\n' 'filesystem.tmp=private' 'empty, gone at the end'
    printf '%s\t%s\n' 'filesystem.tmp=host' 'the host'\''s'
    printf '%s\t%s\n' 'filesystem.dev=' 'What /dev holds.'
    printf '%s\t%s\n' 'filesystem.dev=minimal' 'null zero full random urandom tty, ptmx and pts, shm, fd and the standard streams'
    printf '%s\t%s\n' 'filesystem.dev=host' 'the host'\''s'
    printf '%s\t%s\n' 'filesystem.devices=' 'Devices of the host to add to /dev, also by pattern.'
    printf '%s\t%s\n' 'filesystem.proc=' 'What /proc is.'
    printf '%s\t%s\n' 'filesystem.proc=private' 'a procfs of the sandbox'\''s own process ids'
    printf '%s\t%s\n' 'filesystem.proc=restricted' 'the same with process directories only (subset=pid)'
    printf '%s\t%s\n' 'filesystem.proc=none' 'none'
    printf '%s\t%s\n' 'filesystem.sys=' 'What /sys is.'
    printf '%s\t%s\n' 'filesystem.sys=none' 'none'
    printf '%s\t%s\n' 'filesystem.sys=ro' 'the sysfs of the sandbox'\''s network namespace, read-only'
    printf '%s\t%s\n' 'filesystem.etc=' 'What /etc holds.'
    printf '%s\t%s\n' 'filesystem.etc=minimal' 'what programs need to run: users, hosts, linker cache, certificates, time zone, fonts'
    printf '%s\t%s\n' 'filesystem.etc=host' 'the host'\''s, read-only'
    printf '%s\t%s\n' 'filesystem.ro=' 'Paths of the host to show read-only, "SOURCE[:TARGET]".'
    printf '%s\t%s\n' 'filesystem.rw=' 'Paths of the host to show read-write, "SOURCE[:TARGET]".'
    printf '%s\t%s\n' 'filesystem.hide=' 'Paths inside to cover with something empty and unreadable.'
    printf '%s\t%s\n' 'filesystem.tmpfs=' 'Paths inside at which an empty directory in memory is mounted.'
    printf '%s\t%s\n' 'filesystem.overlay=' 'Directories of the host to show writable, the changes gone at the end, "SOURCE[:TARGET]".'
    printf '%s\t%s\n' 'filesystem.files=' 'Files to make inside: path = content.'
    printf '%s\t%s\n' 'filesystem.symlinks=' 'Symbolic links to make inside: path = what the link says.'
    printf '%s\t%s\n' 'filesystem.state=' 'Names of directories below /var/lib that stay from run to run.'
    printf '%s\t%s\n' 'filesystem.cache=' 'Names of directories below /var/cache that stay from run to run.'
    printf '%s\t%s\n' 'filesystem.runtime=' 'Names of directories below /run, in memory and gone at the end.'
    printf '%s\t%s\n' 'filesystem.noexec-writable=' 'Whether files that the sandbox can write cannot be executed.'
    printf '%s\t%s\n' 'filesystem.noexec-writable=true' ''
    printf '%s\t%s\n' 'filesystem.noexec-writable=false' ''
    printf '%s\t%s\n' 'network.mode=' 'The network that the sandbox has.'
    printf '%s\t%s\n' 'network.mode=none' 'no interface is up'
    printf '%s\t%s\n' 'network.mode=loopback' 'the loopback interface only'
    printf '%s\t%s\n' 'network.mode=host' 'the host'\''s network, shared'
    printf '%s\t%s\n' 'network.mode=user' 'out to the network through a helper, without privilege; nothing of the host'\''s own'
    printf '%s\t%s\n' 'network.mode=private' 'the interfaces of [[network.interface]]'
    printf '%s\t%s\n' 'network.mode=pod' 'a network that sandboxes of one user share: see [network.pod]'
    printf '%s\t%s\n' 'network.mode=join' 'the network that join.net names'
    printf '%s\t%s\n' 'network.publish=' 'Ports of the host that lead to ports of the sandbox, "[ADDRESS:]OUTSIDE:INSIDE[/udp]".'
    printf '%s\t%s\n' 'network.interface.type=' 'What kind of interface it is.'
    printf '%s\t%s\n' 'network.interface.type=veth' 'one end of a pair whose other end is the host'\''s, alone or on a bridge'
    printf '%s\t%s\n' 'network.interface.type=bridge' 'a bridge inside the sandbox'
    printf '%s\t%s\n' 'network.interface.type=macvlan' 'an address of its own on an interface of the host; the host itself is not reached'
    printf '%s\t%s\n' 'network.interface.type=ipvlan' 'the same with the link-layer address of that interface, for wireless ones'
    printf '%s\t%s\n' 'network.interface.type=dummy' 'a place for addresses that nothing leaves by'
    printf '%s\t%s\n' 'network.interface.type=phys' 'an interface of the host, moved into the sandbox until it ends'
    printf '%s\t%s\n' 'network.interface.name=' 'Its name inside, at most 15 bytes.'
    printf '%s\t%s\n' 'network.interface.parent=' 'The interface of the host that it stands on; of '\''phys'\'' the one that is moved.'
    printf '%s\t%s\n' 'network.interface.bridge=' 'Of a veth: the bridge of the host that its other end is attached to.'
    printf '%s\t%s\n' 'network.interface.peer-name=' 'Of a veth: the name of its other end, on the host.'
    printf '%s\t%s\n' 'network.interface.address=' 'Its addresses, with the length of their network'\''s prefix.'
    printf '%s\t%s\n' 'network.interface.gateway=' 'The routers to everywhere else, at most one of IPv4 and one of IPv6, in a network of '\''address'\''.'
    printf '%s\t%s\n' 'network.interface.routes=' 'More routes: tables of to, via and metric.'
    printf '%s\t%s\n' 'network.interface.routes.to=' 'The network that the route leads to.'
    printf '%s\t%s\n' 'network.interface.routes.via=' 'The router on the way there.'
    printf '%s\t%s\n' 'network.interface.routes.metric=' 'How far it is: of two routes the nearer is taken.'
    printf '%s\t%s\n' 'network.interface.mac=' 'Its link-layer address.'
    printf '%s\t%s\n' 'network.interface.mtu=' 'The largest packet, in bytes.'
    printf '%s\t%s\n' 'network.interface.vlan=' 'The VLAN that its frames are tagged with.'
    printf '%s\t%s\n' 'network.interface.egress=' 'How much may leave the sandbox by it, in bits a second.'
    printf '%s\t%s\n' 'network.interface.ingress=' 'Of a veth: how much may enter the sandbox by it, in bits a second.'
    printf '%s\t%s\n' 'network.interface.nat=' 'Of a veth: whether what leaves its networks by the host'\''s other interfaces gets the host'\''s address.'
    printf '%s\t%s\n' 'network.interface.nat=true' ''
    printf '%s\t%s\n' 'network.interface.nat=false' ''
    printf '%s\t%s\n' 'network.dns=' 'Who answers questions for names, where the sandbox reaches a network.'
    printf '%s\t%s\n' 'network.dns=auto' 'the host'\''s, wherever they are'
    printf '%s\t%s\n' 'network.hosts=' 'Names to add to /etc/hosts: name = address.'
    printf '%s\t%s\n' 'network.helper=' 'The program that carries a sandbox'\''s network where mode = "user", or a pod'\''s uplink, goes out.'
    printf '%s\t%s\n' 'network.helper=auto' 'pasta, or slirp4netns where pasta is not installed'
    printf '%s\t%s\n' 'network.helper=pasta' 'see pasta(1)'
    printf '%s\t%s\n' 'network.helper=slirp4netns' 'see slirp4netns(1)'
    printf '%s\t%s\n' 'network.host-loopback=' 'With mode = "user": whether services of the host itself can be reached.'
    printf '%s\t%s\n' 'network.host-loopback=true' ''
    printf '%s\t%s\n' 'network.host-loopback=false' ''
    printf '%s\t%s\n' 'network.ipv6=' 'Whether the sandbox has IPv6, also on its loopback interface.'
    printf '%s\t%s\n' 'network.ipv6=true' ''
    printf '%s\t%s\n' 'network.ipv6=false' ''
    printf '%s\t%s\n' 'network.unprivileged-ports=' 'The first port that a program without privilege may listen on.'
    printf '%s\t%s\n' 'network.ping=' 'Whether the command'\''s group may send ICMP echo requests, as ping(8) does.'
    printf '%s\t%s\n' 'network.ping=true' ''
    printf '%s\t%s\n' 'network.ping=false' ''
    printf '%s\t%s\n' 'network.pod.name=' 'The pod that the sandbox is a member of.'
    printf '%s\t%s\n' 'network.pod.share=' 'What its members have in common.'
    printf '%s\t%s\n' 'network.pod.share=addresses' 'each sandbox has an address of its own, and its own localhost'
    printf '%s\t%s\n' 'network.pod.share=net' 'all have one network namespace: the same ports, the same localhost'
    printf '%s\t%s\n' 'network.pod.address=' 'The sandbox'\''s address in the pod'\''s network, 10.88.0.0/16.'
    printf '%s\t%s\n' 'network.pod.uplink=' 'The way out of the pod, one for all members.'
    printf '%s\t%s\n' 'network.pod.uplink=none' 'nothing leaves the pod'
    printf '%s\t%s\n' 'network.pod.uplink=user' 'out to the network, as with mode = "user"'
    printf '%s\t%s\n' 'landlock.scope=' 'Whether a sandbox that shares the host'\''s network reaches only abstract sockets of its own.'
    printf '%s\t%s\n' 'landlock.scope=true' ''
    printf '%s\t%s\n' 'landlock.scope=false' ''
    printf '%s\t%s\n' 'security.capabilities=' 'Capabilities that the command may have: see capabilities(7).'
    printf '%s\t%s\n' 'security.capabilities=["chown"]' ''
    printf '%s\t%s\n' 'security.capabilities=["dac-override"]' ''
    printf '%s\t%s\n' 'security.capabilities=["dac-read-search"]' ''
    printf '%s\t%s\n' 'security.capabilities=["fowner"]' ''
    printf '%s\t%s\n' 'security.capabilities=["fsetid"]' ''
    printf '%s\t%s\n' 'security.capabilities=["kill"]' ''
    printf '%s\t%s\n' 'security.capabilities=["setgid"]' ''
    printf '%s\t%s\n' 'security.capabilities=["setuid"]' ''
    printf '%s\t%s\n' 'security.capabilities=["setpcap"]' ''
    printf '%s\t%s\n' 'security.capabilities=["linux-immutable"]' ''
    printf '%s\t%s\n' 'security.capabilities=["net-bind-service"]' ''
    printf '%s\t%s\n' 'security.capabilities=["net-broadcast"]' ''
    printf '%s\t%s\n' 'security.capabilities=["net-admin"]' ''
    printf '%s\t%s\n' 'security.capabilities=["net-raw"]' ''
    printf '%s\t%s\n' 'security.capabilities=["ipc-lock"]' ''
    printf '%s\t%s\n' 'security.capabilities=["ipc-owner"]' ''
    printf '%s\t%s\n' 'security.capabilities=["sys-module"]' ''
    printf '%s\t%s\n' 'security.capabilities=["sys-rawio"]' ''
    printf '%s\t%s\n' 'security.capabilities=["sys-chroot"]' ''
    printf '%s\t%s\n' 'security.capabilities=["sys-ptrace"]' ''
    printf '%s\t%s\n' 'security.capabilities=["sys-pacct"]' ''
    printf '%s\t%s\n' 'security.capabilities=["sys-admin"]' ''
    printf '%s\t%s\n' 'security.capabilities=["sys-boot"]' ''
    printf '%s\t%s\n' 'security.capabilities=["sys-nice"]' ''
    printf '%s\t%s\n' 'security.capabilities=["sys-resource"]' ''
    printf '%s\t%s\n' 'security.capabilities=["sys-time"]' ''
    printf '%s\t%s\n' 'security.capabilities=["sys-tty-config"]' ''
    printf '%s\t%s\n' 'security.capabilities=["mknod"]' ''
    printf '%s\t%s\n' 'security.capabilities=["lease"]' ''
    printf '%s\t%s\n' 'security.capabilities=["audit-write"]' ''
    printf '%s\t%s\n' 'security.capabilities=["audit-control"]' ''
    printf '%s\t%s\n' 'security.capabilities=["setfcap"]' ''
    printf '%s\t%s\n' 'security.capabilities=["mac-override"]' ''
    printf '%s\t%s\n' 'security.capabilities=["mac-admin"]' ''
    printf '%s\t%s\n' 'security.capabilities=["syslog"]' ''
    printf '%s\t%s\n' 'security.capabilities=["wake-alarm"]' ''
    printf '%s\t%s\n' 'security.capabilities=["block-suspend"]' ''
    printf '%s\t%s\n' 'security.capabilities=["audit-read"]' ''
    printf '%s\t%s\n' 'security.capabilities=["perfmon"]' ''
    printf '%s\t%s\n' 'security.capabilities=["bpf"]' ''
    printf '%s\t%s\n' 'security.capabilities=["checkpoint-restore"]' ''
    printf '%s\t%s\n' 'security.ambient=' 'Those of the capabilities that the command has from its start.'
    printf '%s\t%s\n' 'security.ambient=["chown"]' ''
    printf '%s\t%s\n' 'security.ambient=["dac-override"]' ''
    printf '%s\t%s\n' 'security.ambient=["dac-read-search"]' ''
    printf '%s\t%s\n' 'security.ambient=["fowner"]' ''
    printf '%s\t%s\n' 'security.ambient=["fsetid"]' ''
    printf '%s\t%s\n' 'security.ambient=["kill"]' ''
    printf '%s\t%s\n' 'security.ambient=["setgid"]' ''
    printf '%s\t%s\n' 'security.ambient=["setuid"]' ''
    printf '%s\t%s\n' 'security.ambient=["setpcap"]' ''
    printf '%s\t%s\n' 'security.ambient=["linux-immutable"]' ''
    printf '%s\t%s\n' 'security.ambient=["net-bind-service"]' ''
    printf '%s\t%s\n' 'security.ambient=["net-broadcast"]' ''
    printf '%s\t%s\n' 'security.ambient=["net-admin"]' ''
    printf '%s\t%s\n' 'security.ambient=["net-raw"]' ''
    printf '%s\t%s\n' 'security.ambient=["ipc-lock"]' ''
    printf '%s\t%s\n' 'security.ambient=["ipc-owner"]' ''
    printf '%s\t%s\n' 'security.ambient=["sys-module"]' ''
    printf '%s\t%s\n' 'security.ambient=["sys-rawio"]' ''
    printf '%s\t%s\n' 'security.ambient=["sys-chroot"]' ''
    printf '%s\t%s\n' 'security.ambient=["sys-ptrace"]' ''
    printf '%s\t%s\n' 'security.ambient=["sys-pacct"]' ''
    printf '%s\t%s\n' 'security.ambient=["sys-admin"]' ''
    printf '%s\t%s\n' 'security.ambient=["sys-boot"]' ''
    printf '%s\t%s\n' 'security.ambient=["sys-nice"]' ''
    printf '%s\t%s\n' 'security.ambient=["sys-resource"]' ''
    printf '%s\t%s\n' 'security.ambient=["sys-time"]' ''
    printf '%s\t%s\n' 'security.ambient=["sys-tty-config"]' ''
    printf '%s\t%s\n' 'security.ambient=["mknod"]' ''
    printf '%s\t%s\n' 'security.ambient=["lease"]' ''
    printf '%s\t%s\n' 'security.ambient=["audit-write"]' ''
    printf '%s\t%s\n' 'security.ambient=["audit-control"]' ''
    printf '%s\t%s\n' 'security.ambient=["setfcap"]' ''
    printf '%s\t%s\n' 'security.ambient=["mac-override"]' ''
    printf '%s\t%s\n' 'security.ambient=["mac-admin"]' ''
    printf '%s\t%s\n' 'security.ambient=["syslog"]' ''
    printf '%s\t%s\n' 'security.ambient=["wake-alarm"]' ''
    printf '%s\t%s\n' 'security.ambient=["block-suspend"]' ''
    printf '%s\t%s\n' 'security.ambient=["audit-read"]' ''
    printf '%s\t%s\n' 'security.ambient=["perfmon"]' ''
    printf '%s\t%s\n' 'security.ambient=["bpf"]' ''
    printf '%s\t%s\n' 'security.ambient=["checkpoint-restore"]' ''
    printf '%s\t%s\n' 'security.no-new-privileges=' 'Whether set-user-ID programs and file capabilities give nothing.'
    printf '%s\t%s\n' 'security.no-new-privileges=true' ''
    printf '%s\t%s\n' 'security.no-new-privileges=false' ''
    printf '%s\t%s\n' 'security.nested-namespaces=' 'Whether the command may make user namespaces of its own, as browsers do for their sandbox.'
    printf '%s\t%s\n' 'security.nested-namespaces=true' ''
    printf '%s\t%s\n' 'security.nested-namespaces=false' ''
    printf '%s\t%s\n' 'security.keyring=' 'The session keyring: see keyrings(7).'
    printf '%s\t%s\n' 'security.keyring=private' 'a fresh session keyring; the system calls add_key, request_key and keyctl are refused'
    printf '%s\t%s\n' 'security.keyring=host' 'the caller'\''s keyrings'
    printf '%s\t%s\n' 'limits.time=' 'How long the command may run.'
    printf '%s\t%s\n' 'process.init=' 'Whether process 1 of the sandbox is nsrun'\''s own, which reaps orphans and forwards signals.'
    printf '%s\t%s\n' 'process.init=true' ''
    printf '%s\t%s\n' 'process.init=false' ''
    printf '%s\t%s\n' 'process.tty=' 'What the command has of the caller'\''s terminal.'
    printf '%s\t%s\n' 'process.tty=auto' 'inherit when a standard descriptor is a terminal, else none'
    printf '%s\t%s\n' 'process.tty=inherit' 'the caller'\''s session and terminal; input cannot be pushed into it'
    printf '%s\t%s\n' 'process.tty=none' 'a session of its own without a controlling terminal'
    printf '%s\t%s\n' 'process.signals=' 'The signals to nsrun that the command receives.'
    printf '%s\t%s\n' 'process.signals=forward' 'every signal that a program is sent on purpose'
    printf '%s\t%s\n' 'process.stop-signal=' 'The signal that asks the command to end.'
    printf '%s\t%s\n' 'process.stop-signal=HUP' ''
    printf '%s\t%s\n' 'process.stop-signal=INT' ''
    printf '%s\t%s\n' 'process.stop-signal=QUIT' ''
    printf '%s\t%s\n' 'process.stop-signal=ILL' ''
    printf '%s\t%s\n' 'process.stop-signal=TRAP' ''
    printf '%s\t%s\n' 'process.stop-signal=ABRT' ''
    printf '%s\t%s\n' 'process.stop-signal=BUS' ''
    printf '%s\t%s\n' 'process.stop-signal=FPE' ''
    printf '%s\t%s\n' 'process.stop-signal=KILL' ''
    printf '%s\t%s\n' 'process.stop-signal=USR1' ''
    printf '%s\t%s\n' 'process.stop-signal=SEGV' ''
    printf '%s\t%s\n' 'process.stop-signal=USR2' ''
    printf '%s\t%s\n' 'process.stop-signal=PIPE' ''
    printf '%s\t%s\n' 'process.stop-signal=ALRM' ''
    printf '%s\t%s\n' 'process.stop-signal=TERM' ''
    printf '%s\t%s\n' 'process.stop-signal=STKFLT' ''
    printf '%s\t%s\n' 'process.stop-signal=CHLD' ''
    printf '%s\t%s\n' 'process.stop-signal=CONT' ''
    printf '%s\t%s\n' 'process.stop-signal=STOP' ''
    printf '%s\t%s\n' 'process.stop-signal=TSTP' ''
    printf '%s\t%s\n' 'process.stop-signal=TTIN' ''
    printf '%s\t%s\n' 'process.stop-signal=TTOU' ''
    printf '%s\t%s\n' 'process.stop-signal=URG' ''
    printf '%s\t%s\n' 'process.stop-signal=XCPU' ''
    printf '%s\t%s\n' 'process.stop-signal=XFSZ' ''
    printf '%s\t%s\n' 'process.stop-signal=VTALRM' ''
    printf '%s\t%s\n' 'process.stop-signal=PROF' ''
    printf '%s\t%s\n' 'process.stop-signal=WINCH' ''
    printf '%s\t%s\n' 'process.stop-signal=IO' ''
    printf '%s\t%s\n' 'process.stop-signal=PWR' ''
    printf '%s\t%s\n' 'process.stop-signal=SYS' ''
    printf '%s\t%s\n' 'process.stop-timeout=' 'How long the command may take to end before it is killed.'
    printf '%s\t%s\n' 'process.die-with-parent=' 'Whether the sandbox is killed when nsrun ends, whatever ended it.'
    printf '%s\t%s\n' 'process.die-with-parent=true' ''
    printf '%s\t%s\n' 'process.die-with-parent=false' ''
    printf '%s\t%s\n' 'process.inherit-fds=' 'The open descriptors that the command inherits; all others are closed.'
    printf '%s\t%s\n' 'process.on-exit=' 'What becomes of other processes when the command ends.'
    printf '%s\t%s\n' 'process.on-exit=kill' 'the sandbox ends with the command'
    printf '%s\t%s\n' 'process.on-exit=wait' 'the sandbox ends with its last process'
end

# Values come after the key is chosen.
function __nsrun_settings
    if string match -q 'join.*=*' -- (commandline -ct)
        # Of namespaces to join, the sandboxes that run.
        set -l running $XDG_RUNTIME_DIR/nsrun
        test (id -u) = 0; and set running /run/nsrun
        printf '%s\n' (string replace -r '=.*' '=' -- (commandline -ct))(ls $running 2>/dev/null)
    else if string match -q '*=*' -- (commandline -ct)
        __nsrun_all_settings
    else
        __nsrun_all_settings | string match -r '^[^=]*=\t.*'
    end
end

# The words before the cursor that are not options, nor arguments of options, up to the command's first.
function __nsrun_words
    set -l want 0
    for word in (commandline -opc)[2..]
        if test $want = 1
            set want 0
        else if contains -- $word --profile -p --set -s --ro --rw --tmpfs --hide --net --env -e --workdir -w --hostname --name -n --timeout --format --status-fd --color
            set want 1
        else if not string match -q -- '-*' $word
            echo $word
        end
    end
end

# Completes the command as if nsrun were not there.
function __nsrun_command
    set -l rest (commandline -opc)[2..]
    set -l verb 0
    while set -q rest[1]
        if test $rest[1] = --
            set -e rest[1]
            break
        else if contains -- $rest[1] --profile -p --set -s --ro --rw --tmpfs --hide --net --env -e --workdir -w --hostname --name -n --timeout --format --status-fd --color
            set -e rest[1]
        else if test $verb = 0; and contains -- $rest[1] run plan
            set verb 1
        else if not string match -q -- '-*' $rest[1]
            break
        end
        set -e rest[1]
    end
    complete -C (string join ' ' -- (string escape -- $rest) (commandline -ct))
end

function __nsrun_before_command
    set -l words (__nsrun_words)
    contains -- -- (commandline -opc); and return 1
    test (count $words) = 0; or contains -- $words[1] run plan check keys doctor version profile
end

function __nsrun_first
    test (count (__nsrun_words)) = 0; and not contains -- -- (commandline -opc)
end

function __nsrun_is
    set -l words (__nsrun_words)
    test (count $words) -ge 1; and contains -- $words[1] $argv
end

function __nsrun_profile_first
    set -l words (__nsrun_words)
    test "$words" = profile
end

function __nsrun_profile_named
    set -l words (__nsrun_words)
    test (count $words) = 2; and test $words[1] = profile; and contains -- $words[2] show path
end

function __nsrun_runs
    set -l words (__nsrun_words)
    test (count $words) = 0; or contains -- $words[1] run plan; or not contains -- $words[1] run plan check keys doctor version profile
end

complete -c nsrun -f
complete -c nsrun -n __nsrun_runs -a '(__nsrun_command)'
complete -c nsrun -n __nsrun_first -f -a run -d 'run a command in a sandbox; the implied verb'
complete -c nsrun -n __nsrun_first -f -a plan -d 'print every step that run would take, and take none'
complete -c nsrun -n __nsrun_first -f -a check -d 'check profiles, without running anything'
complete -c nsrun -n __nsrun_first -f -a keys -d 'explain the keys of profiles'
complete -c nsrun -n __nsrun_first -f -a doctor -d 'try what this machine can do, and say how to get the rest'
complete -c nsrun -n __nsrun_first -f -a version -d 'print the version'
complete -c nsrun -n __nsrun_first -f -a profile -d 'list, show, find and write profiles'
complete -c nsrun -n __nsrun_profile_first -f -a list -d 'list the profiles that can be named'
complete -c nsrun -n __nsrun_profile_first -f -a show -d 'print a profile with all its layers merged'
complete -c nsrun -n __nsrun_profile_first -f -a path -d 'print where profiles are searched, or where one is found'
complete -c nsrun -n __nsrun_profile_first -f -a new -d 'write a commented profile to start from'
complete -c nsrun -n '__nsrun_is check' -F -a '(__nsrun_profiles)'
complete -c nsrun -n __nsrun_profile_named -F -a '(__nsrun_profiles)'
complete -c nsrun -n '__nsrun_is keys' -f -a '(__nsrun_settings | string replace -rf "^([^=]*)=\t" "\$1\t")'
complete -c nsrun -n __nsrun_before_command -l profile -s p -r -F -a '(__nsrun_profiles)' -d 'the profile; more than one are layers, left to right'
complete -c nsrun -n __nsrun_before_command -l set -s s -r -f -a '(__nsrun_settings)' -d 'set a key on top of the profile'
complete -c nsrun -n __nsrun_before_command -l ro -r -F -d 'show a path read-only'
complete -c nsrun -n __nsrun_before_command -l rw -r -F -d 'show a path read-write'
complete -c nsrun -n __nsrun_before_command -l tmpfs -r -f -a '(__fish_complete_directories)' -d 'put an empty directory in memory at a path'
complete -c nsrun -n __nsrun_before_command -l hide -r -F -d 'hide a path'
complete -c nsrun -n __nsrun_before_command -l net -r -f -a 'none loopback host user private pod join' -d 'the network inside'
complete -c nsrun -n __nsrun_before_command -l env -s e -r -f -d 'set an environment variable, or pass the caller'\''s'
complete -c nsrun -n __nsrun_before_command -l workdir -s w -r -f -a '(__fish_complete_directories)' -d 'the working directory, inside'
complete -c nsrun -n __nsrun_before_command -l hostname -r -f -d 'the host name inside'
complete -c nsrun -n __nsrun_before_command -l name -s n -r -f -d 'what to call the sandbox'
complete -c nsrun -n __nsrun_before_command -l timeout -r -f -d 'end the command after a time: 90s, 5m, 2h'
complete -c nsrun -n __nsrun_before_command -l dry-run -d 'do as '\''plan'\'' does: print the steps, take none'
complete -c nsrun -n __nsrun_before_command -l explain -d 'name the profile line behind each step of the plan'
complete -c nsrun -n __nsrun_before_command -l format -r -f -a 'text json' -d 'how results are printed'
complete -c nsrun -n __nsrun_before_command -l status-fd -r -f -d 'write JSON lines about the run to a descriptor'
complete -c nsrun -n __nsrun_before_command -l verbose -s v -d 'tell on standard error what is read and done'
complete -c nsrun -n __nsrun_before_command -l quiet -s q -d 'print no warnings'
complete -c nsrun -n __nsrun_before_command -l color -r -f -a 'auto always never' -d 'when messages are colored'
complete -c nsrun -n __nsrun_before_command -l help -s h -d 'print help and exit'
complete -c nsrun -n __nsrun_before_command -l version -d 'print the version and exit'
