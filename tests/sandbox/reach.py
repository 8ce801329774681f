#!/usr/bin/env python3
"""What a command reaches beyond its files: the terminal's input, other tables of system calls, keys, abstract sockets, and
namespaces of its own. The probe says the same outside, so that a test that could not fail is seen."""
import ctypes
import os
import pathlib
import pty
import socket
import subprocess

from runs import PROBE, ROOT, Answers, Place, case, equal, main, probe_outside

LIBC = ctypes.CDLL(None, use_errno=True)
ADD_KEY, KEYCTL = {"x86_64": (248, 250), "aarch64": (217, 219)}[os.uname().machine]
IN_PLACE = """
namespaces = ["user", "mount", "net", "ipc", "uts", "cgroup"]
[filesystem]
proc = "none"
[process]
init = false
"""
KINDS = {"usual": "", "in place": IN_PLACE, "nested": "[security]\nnested-namespaces = true\n"}
# Root has no subordinate ids everywhere; it needs none to map what it wants.
KINDS["range"] = (
    '[ids]\nmap = "explicit"\nuid-map = [{inside = 0, outside = 100000, count = 65536}]\n'
    "gid-map = [{inside = 0, outside = 100000, count = 65536}]\nuid = 33\ngid = 33\n"
    if ROOT
    else '[ids]\nmap = "range"\nuid = 33\ngid = 33\n'
)


def has_scopes():
    """Whether this kernel's Landlock keeps abstract sockets apart: from ABI 6 on."""
    return LIBC.syscall(444, None, 0, 1) >= 6


def on_terminal(command):
    """Runs a command on a terminal of its own, which it has for standard input; answers its output."""
    reader, writer = os.pipe()
    child, terminal = pty.fork()
    if child == 0:
        os.dup2(writer, 1)
        os.execv(command[0], command)
    os.close(writer)
    with open(reader) as file:
        output = file.read()
    os.close(terminal)
    os.waitpid(child, 0)
    return Answers(output)


@case
def injection():
    """no input is pushed into the terminal that the command shares, in no way and in no kind of launch"""
    outside = on_terminal([PROBE, "injection"])
    assert outside["tiocsti"] in ("ok", "errno 5"), outside.output  # 5: the kernel has a switch, and it is off
    with Place() as place:
        for kind, profile in KINDS.items():
            inside = on_terminal(place.command(profile, "injection", options=["--set", "process.tty=inherit"]))
            equal(inside.get("tiocsti"), "errno 1", kind + inside.output)
            equal(inside["tiocsti wide"], "errno 1", kind)
            for name in [name for name in outside if name.startswith(("i386", "x32"))]:
                # Without that table a kernel has an answer of its own to int 0x80: a fault, before any filter.
                equal(inside[name], "signal 11" if outside[name] == "signal 11" else "signal 31", f"{kind}: {name}")


@case
def privileges():
    """in every kind of launch a command has no capability and none of the caller's descriptors"""
    with Place() as place:
        for kind, profile in KINDS.items():
            command = place.command(profile, "privileges", "descriptors", "ids")
            with open("/etc/passwd") as file, open("/etc/group") as other:
                for number, leak in ((77, file), (9, other)):
                    os.dup2(leak.fileno(), number)
                done = subprocess.run(command, capture_output=True, text=True, pass_fds=(77, 9))
                os.close(77), os.close(9)
            inside = Answers(done.stdout)
            equal(inside.get("descriptors"), "0 1 2 ", kind + done.stdout + done.stderr)
            for name in ("permitted", "effective", "inheritable", "bounding", "ambient"):
                equal(inside[name], "0", kind)
            equal(inside["no_new_privs"], "1", kind)
            equal(inside["uid"], "33" if kind == "range" else str(os.getuid()), kind)


@case
def nested():
    """a command makes user namespaces of its own only where the profile says so"""
    outside = probe_outside("nested")
    for name in ("unshare", "clone", "clone3", "mount", "setns"):
        equal(outside[f"nested {name}"], "ok", "outside")
    with Place() as place:
        closed = place.run("", "nested")
        for name, wanted in {"unshare": "errno 1", "clone": "errno 1", "clone3": "errno 38", "mount": "errno 1", "setns": "errno 1"}.items():
            equal(closed.get(f"nested {name}"), wanted, closed.output)
        opened = place.run("[security]\nnested-namespaces = true\n", "nested")
        for name in ("unshare", "clone", "clone3", "mount", "setns"):
            equal(opened.get(f"nested {name}"), "ok", opened.output)
        # What it may do in a namespace of its own it may not in the one that it was given.
        equal(opened["mount here"], "errno 1")


@case
def keys():
    """the caller's keys are his: neither his session keyring nor what he keeps for all his sessions is reached"""
    get_id, join_session, unlink = 0, 1, 9  # KEYCTL_*
    assert LIBC.syscall(KEYCTL, join_session, None) > 0
    serials = {}
    for kind, keyring in (("session", -3), ("user", -4)):
        serials[kind] = LIBC.syscall(KEYCTL, get_id, keyring, 1)
        serials[f"key of {kind}"] = LIBC.syscall(ADD_KEY, b"user", b"nsrun-test", b"secret", 6, keyring)
    assert min(serials.values()) > 0, serials
    with Place() as place:
        for kind in ("session", "user"):
            words = ("keys", f"{serials[kind]},{serials[f'key of {kind}']}")
            outside = probe_outside(*words)
            equal(outside["key read linked"], "secret", f"outside, {kind}: {outside.output}")
            inside = place.run("", *words)
            assert inside["session keyring"] != str(serials["session"]), inside.output
            for name in ("key read", "keyring linked", "key read linked"):
                assert inside[name].startswith("errno"), f"{kind}: {inside.output}"
        host = place.run('[security]\nkeyring = "host"\n', "keys", f"{serials['session']},{serials['key of session']}")
        equal(host["key read"], "secret", host.output)
    LIBC.syscall(KEYCTL, unlink, serials["key of user"], serials["user"])


@case
def abstract_sockets():
    """abstract sockets of the host are closed, also with its network; those of the sandbox's own and files are not"""
    name = f"nsrun-test-{os.getpid()}"
    open_network = '[network]\nmode = "host"\n'
    without = open_network + "[landlock]\nscope = false\n"
    without_user = 'namespaces = ["mount", "pid"]\n'
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as file, Place() as place:
        server.bind("\0" + name)
        server.listen(8)
        path = place.path / "socket"
        file.bind(str(path))
        file.listen(64)
        words = ("abstract", name, "own abstract", "file socket", path)
        scoped = "errno 1" if has_scopes() else "ok"
        wanted = {"none": "errno 111", "loopback": "errno 111", "host": scoped, "without": "ok", "nested": scoped, "in place": scoped}
        profiles = {mode: f'[network]\nmode = "{mode}"\n' for mode in ("none", "loopback", "host")} | {"without": without}
        profiles["nested"] = open_network + "[security]\nnested-namespaces = true\n"
        profiles["in place"] = IN_PLACE.replace('"net", ', "") + open_network
        if ROOT:
            profiles["root"] = without_user + open_network
            profiles["gaining"] = without_user + open_network + "[security]\nno-new-privileges = false\n"
            wanted |= {"root": scoped, "gaining": scoped}
        for kind, profile in profiles.items():
            inside = place.run(profile, *words, options=["--ro", path])
            equal(inside.get("abstract"), wanted[kind], kind + inside.output)
            equal(inside.get("own abstract"), "ok", kind + inside.output)
            equal(inside.get("file socket"), "ok", kind + inside.output)
            equal("shared-abstract-sockets" in inside.output, wanted[kind] == "ok", kind + inside.output)


@case
def network_settings():
    """ports, ping and IPv6 are set in the sandbox's network namespace, and in no other"""
    paths = [f"/proc/sys/net/{path}" for path in ("ipv4/ip_unprivileged_port_start", "ipv4/ping_group_range", "ipv6/conf/all/disable_ipv6")]
    before = [pathlib.Path(path).read_text() for path in paths]
    profile = '[ids]\nmap = "root"\n[network]\nunprivileged-ports = 80\nping = true\nipv6 = false\n'
    with Place() as place:
        inside = place.run(profile, "/bin/cat", *paths)
        equal(inside.output.split(), ["80", "0", "0", "1"], inside.output)
        usual = place.run("", "/bin/cat", *paths)
        ports, first, last, no_ipv6 = usual.output.split()
        equal((ports, no_ipv6, "0" in (first, last) and int(first) <= int(last)), ("1024", "0", False), usual.output)
        wrong = place.run("[network]\nunprivileged-ports = 70000\n", "probe")
        equal(wrong.status, 125, wrong.output)
    equal([pathlib.Path(path).read_text() for path in paths], before)


if __name__ == "__main__":
    main()
