# bash completion for nsrun. Made from nsrun's tables of options and keys; changes belong there.

_nsrun_profiles() {
    compopt -o filenames
    COMPREPLY=($(compgen -W "$(nsrun profile list 2>/dev/null | sed -n 's/^\([^ ]\{1,\}\)  .*/\1/p')" -- "$cur")
               $(compgen -f -X '!*.toml' -- "$cur") $(compgen -d -- "$cur"))
}

_nsrun_running() {
    ((UID)) && ls "${XDG_RUNTIME_DIR:-/run/user/$UID}/nsrun" 2>/dev/null || ls /run/nsrun 2>/dev/null
}

_nsrun_settings() {
    local IFS=$'\n' words=$_nsrun_setting_words
    compopt -o nospace
    # Values come after the key is chosen.
    [[ $cur == *=* ]] || words=$(sed -n '/=$/p' <<<"$words")
    # Of namespaces to join, the sandboxes that run.
    [[ $cur != join.*=* ]] || words=$(_nsrun_running | sed "s/^/${cur%%=*}=/")
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
}

# Completes the argument of the option $1; fails when it takes none.
_nsrun_argument() {
    case $1 in
        -p|--profile) _nsrun_profiles ;;
        -s|--set) _nsrun_settings ;;
        --ro) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")) ;;
        --rw) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")) ;;
        --tmpfs) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")) ;;
        --hide) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")) ;;
        --net) COMPREPLY=($(compgen -W 'none loopback host user private pod join' -- "$cur")) ;;
        -e|--env) : ;;
        -w|--workdir) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")) ;;
        --hostname) : ;;
        -n|--name) : ;;
        --timeout) : ;;
        --format) COMPREPLY=($(compgen -W 'text json' -- "$cur")) ;;
        --status-fd) : ;;
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")) ;;
        *) return 1 ;;
    esac
}

# Completes the command that begins at word $1, as if nsrun were not there.
_nsrun_command() {
    if ((COMP_CWORD > $1)) && declare -F _command_offset >/dev/null; then
        _command_offset "$1"
    elif ((COMP_CWORD > $1)); then
        compopt -o filenames
        COMPREPLY=($(compgen -f -- "$cur"))
    else
        compopt -o filenames
        COMPREPLY=($(compgen -c -- "$cur") $(compgen -f -- "$cur"))
    fi
}

# readline replaces only what follows the last '=': the rest of each reply goes.
_nsrun_trim() {
    [[ $typed == *=* && $COMP_WORDBREAKS == *=* ]] || return 0
    local head=${typed%"${typed##*=}"} i
    for i in "${!COMPREPLY[@]}"; do COMPREPLY[i]=${COMPREPLY[i]#"$head"}; done
}

_nsrun() {
    local IFS=$' \t\n' cur= typed= verb= sub= want= i word glue=
    COMPREPLY=()
    cur=${COMP_WORDS[COMP_CWORD]}
    for ((i = 1; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        # readline splits words at '=': they are put together again.
        if [[ $word == = || $glue ]]; then typed+=$word; else typed=$word; fi
        if [[ $word == = ]]; then glue=1; else glue=; fi
        ((i < COMP_CWORD)) || break
        [[ ${COMP_WORDS[i + 1]} == = || $glue ]] && continue
        if [[ $want ]]; then
            want=
            continue
        fi
        case $typed in
            -p|--profile|-s|--set|--ro|--rw|--tmpfs|--hide|--net|-e|--env|-w|--workdir|--hostname|-n|--name|--timeout|--format|--status-fd|--color) want=$typed ;;
            --) _nsrun_command $((i + 1)); return ;;
            -*) ;;
            *)
                if [[ ! $verb && " run plan check keys doctor version profile " == *" $typed "* ]]; then verb=$typed
                elif [[ $verb == profile && ! $sub ]]; then sub=$typed
                elif [[ ! $verb || $verb == run || $verb == plan ]]; then _nsrun_command "$i"; return
                fi ;;
        esac
    done
    cur=$typed
    if [[ $want ]]; then
        _nsrun_argument "$want"
    elif [[ $cur == --*=* ]]; then
        local name=${cur%%=*}
        cur=${cur#*=}
        _nsrun_argument "$name"
        COMPREPLY=("${COMPREPLY[@]/#/$name=}")
    elif [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W '--profile -p --set -s --ro --rw --tmpfs --hide --net --env -e --workdir -w --hostname --name -n --timeout --dry-run --explain --format --status-fd --verbose -v --quiet -q --color --help -h --version' -- "$cur"))
    else
        case $verb in
            '') _nsrun_command "$COMP_CWORD"; COMPREPLY+=($(compgen -W 'run plan check keys doctor version profile' -- "$cur")) ;;
            run|plan) _nsrun_command "$COMP_CWORD" ;;
            check) _nsrun_profiles ;;
            keys) COMPREPLY=($(compgen -W "$(sed -n 's/=$//p' <<<"$_nsrun_setting_words")" -- "$cur")) ;;
            profile)
                case $sub in
                    '') COMPREPLY=($(compgen -W 'list show path new' -- "$cur")) ;;
                    show|path) _nsrun_profiles ;;
                esac ;;
        esac
    fi
    _nsrun_trim
}

_nsrun_setting_words='schema=
name=
description=
extends=
reset=
vars=
when=
requires.kernel=
requires.nsrun=
on-unsupported=
on-unsupported=fail
namespaces=
namespaces=["user"]
namespaces=["mount"]
namespaces=["pid"]
namespaces=["net"]
namespaces=["ipc"]
namespaces=["uts"]
namespaces=["cgroup"]
namespaces=["time"]
join.net=
join.ipc=
join.uts=
join.pid=
join.user=
join.cgroup=
join.time=
hostname=
domainname=
command.exec=
command.args=
command.argv0=
command.workdir=
command.umask=
environment.inherit=
environment.inherit=safe
environment.inherit=all
environment.inherit=none
environment.set=
environment.unset=
environment.files=
ids.map=
ids.map=self
ids.map=root
ids.map=range
ids.map=explicit
ids.uid-map=
ids.gid-map=
ids.uid=
ids.gid=
ids.groups=
ids.groups=drop
ids.groups=keep
ids.run-as=
filesystem.base=
filesystem.base=system
filesystem.base=host-ro
filesystem.base=host
filesystem.base=empty
filesystem.base=rootfs
filesystem.rootfs=
filesystem.home=
filesystem.home=tmp
filesystem.home=private
filesystem.home=host
filesystem.home=host-ro
filesystem.home=none
filesystem.home-dir=
filesystem.cwd=
filesystem.cwd=none
filesystem.cwd=ro
filesystem.cwd=rw
filesystem.cwd=overlay
filesystem.tmp=
filesystem.tmp=private
filesystem.tmp=host
filesystem.dev=
filesystem.dev=minimal
filesystem.dev=host
filesystem.devices=
filesystem.proc=
filesystem.proc=private
filesystem.proc=restricted
filesystem.proc=none
filesystem.sys=
filesystem.sys=none
filesystem.sys=ro
filesystem.etc=
filesystem.etc=minimal
filesystem.etc=host
filesystem.ro=
filesystem.rw=
filesystem.hide=
filesystem.tmpfs=
filesystem.overlay=
filesystem.files=
filesystem.symlinks=
filesystem.state=
filesystem.cache=
filesystem.runtime=
filesystem.noexec-writable=
filesystem.noexec-writable=true
filesystem.noexec-writable=false
network.mode=
network.mode=none
network.mode=loopback
network.mode=host
network.mode=user
network.mode=private
network.mode=pod
network.mode=join
network.publish=
network.interface.type=
network.interface.type=veth
network.interface.type=bridge
network.interface.type=macvlan
network.interface.type=ipvlan
network.interface.type=dummy
network.interface.type=phys
network.interface.name=
network.interface.parent=
network.interface.bridge=
network.interface.peer-name=
network.interface.address=
network.interface.gateway=
network.interface.routes=
network.interface.routes.to=
network.interface.routes.via=
network.interface.routes.metric=
network.interface.mac=
network.interface.mtu=
network.interface.vlan=
network.interface.egress=
network.interface.ingress=
network.interface.nat=
network.interface.nat=true
network.interface.nat=false
network.dns=
network.dns=auto
network.hosts=
network.helper=
network.helper=auto
network.helper=pasta
network.helper=slirp4netns
network.host-loopback=
network.host-loopback=true
network.host-loopback=false
network.ipv6=
network.ipv6=true
network.ipv6=false
network.unprivileged-ports=
network.ping=
network.ping=true
network.ping=false
network.pod.name=
network.pod.share=
network.pod.share=addresses
network.pod.share=net
network.pod.address=
network.pod.uplink=
network.pod.uplink=none
network.pod.uplink=user
landlock.scope=
landlock.scope=true
landlock.scope=false
security.capabilities=
security.capabilities=["chown"]
security.capabilities=["dac-override"]
security.capabilities=["dac-read-search"]
security.capabilities=["fowner"]
security.capabilities=["fsetid"]
security.capabilities=["kill"]
security.capabilities=["setgid"]
security.capabilities=["setuid"]
security.capabilities=["setpcap"]
security.capabilities=["linux-immutable"]
security.capabilities=["net-bind-service"]
security.capabilities=["net-broadcast"]
security.capabilities=["net-admin"]
security.capabilities=["net-raw"]
security.capabilities=["ipc-lock"]
security.capabilities=["ipc-owner"]
security.capabilities=["sys-module"]
security.capabilities=["sys-rawio"]
security.capabilities=["sys-chroot"]
security.capabilities=["sys-ptrace"]
security.capabilities=["sys-pacct"]
security.capabilities=["sys-admin"]
security.capabilities=["sys-boot"]
security.capabilities=["sys-nice"]
security.capabilities=["sys-resource"]
security.capabilities=["sys-time"]
security.capabilities=["sys-tty-config"]
security.capabilities=["mknod"]
security.capabilities=["lease"]
security.capabilities=["audit-write"]
security.capabilities=["audit-control"]
security.capabilities=["setfcap"]
security.capabilities=["mac-override"]
security.capabilities=["mac-admin"]
security.capabilities=["syslog"]
security.capabilities=["wake-alarm"]
security.capabilities=["block-suspend"]
security.capabilities=["audit-read"]
security.capabilities=["perfmon"]
security.capabilities=["bpf"]
security.capabilities=["checkpoint-restore"]
security.ambient=
security.ambient=["chown"]
security.ambient=["dac-override"]
security.ambient=["dac-read-search"]
security.ambient=["fowner"]
security.ambient=["fsetid"]
security.ambient=["kill"]
security.ambient=["setgid"]
security.ambient=["setuid"]
security.ambient=["setpcap"]
security.ambient=["linux-immutable"]
security.ambient=["net-bind-service"]
security.ambient=["net-broadcast"]
security.ambient=["net-admin"]
security.ambient=["net-raw"]
security.ambient=["ipc-lock"]
security.ambient=["ipc-owner"]
security.ambient=["sys-module"]
security.ambient=["sys-rawio"]
security.ambient=["sys-chroot"]
security.ambient=["sys-ptrace"]
security.ambient=["sys-pacct"]
security.ambient=["sys-admin"]
security.ambient=["sys-boot"]
security.ambient=["sys-nice"]
security.ambient=["sys-resource"]
security.ambient=["sys-time"]
security.ambient=["sys-tty-config"]
security.ambient=["mknod"]
security.ambient=["lease"]
security.ambient=["audit-write"]
security.ambient=["audit-control"]
security.ambient=["setfcap"]
security.ambient=["mac-override"]
security.ambient=["mac-admin"]
security.ambient=["syslog"]
security.ambient=["wake-alarm"]
security.ambient=["block-suspend"]
security.ambient=["audit-read"]
security.ambient=["perfmon"]
security.ambient=["bpf"]
security.ambient=["checkpoint-restore"]
security.no-new-privileges=
security.no-new-privileges=true
security.no-new-privileges=false
security.nested-namespaces=
security.nested-namespaces=true
security.nested-namespaces=false
security.keyring=
security.keyring=private
security.keyring=host
limits.time=
process.init=
process.init=true
process.init=false
process.tty=
process.tty=auto
process.tty=inherit
process.tty=none
process.signals=
process.signals=forward
process.stop-signal=
process.stop-signal=HUP
process.stop-signal=INT
process.stop-signal=QUIT
process.stop-signal=ILL
process.stop-signal=TRAP
process.stop-signal=ABRT
process.stop-signal=BUS
process.stop-signal=FPE
process.stop-signal=KILL
process.stop-signal=USR1
process.stop-signal=SEGV
process.stop-signal=USR2
process.stop-signal=PIPE
process.stop-signal=ALRM
process.stop-signal=TERM
process.stop-signal=STKFLT
process.stop-signal=CHLD
process.stop-signal=CONT
process.stop-signal=STOP
process.stop-signal=TSTP
process.stop-signal=TTIN
process.stop-signal=TTOU
process.stop-signal=URG
process.stop-signal=XCPU
process.stop-signal=XFSZ
process.stop-signal=VTALRM
process.stop-signal=PROF
process.stop-signal=WINCH
process.stop-signal=IO
process.stop-signal=PWR
process.stop-signal=SYS
process.stop-timeout=
process.die-with-parent=
process.die-with-parent=true
process.die-with-parent=false
process.inherit-fds=
process.on-exit=
process.on-exit=kill
process.on-exit=wait
'
complete -F _nsrun nsrun
