#!/usr/bin/env python3
"""Mode "user": out through a helper, as an ordinary user and as root, and nothing of the host in reach."""
import os
import random
import signal
import subprocess
import time

from lab import NSRUN, PYTHON, case, equal, eventually, main, quiet

MODE = '[network]\nmode = "user"\n'
HELPERS = ("pasta", "slirp4netns")
# Who runs, and the ids that the sandbox has.
WHO = {
    "self": (True, '[ids]\nmap = "self"\n'),
    "root": (True, '[ids]\nmap = "root"\n'),
    "range": (True, '[ids]\nmap = "range"\n'),
    "host root": (False, ""),
    "host root, no user namespace": (False, 'namespaces = ["mount", "pid", "net", "ipc", "uts"]\n'),
}


def helper_of(lab, helpers=HELPERS):
    """The pid of one of these helpers, when it runs."""
    for pid in lab.processes():
        try:
            with open(f"/proc/{pid}/cmdline") as words:
                if words.read().split("\0")[0] in [f"/usr/bin/{helper}" for helper in helpers]:
                    return pid
        except OSError:
            pass
    return None


@case
def out(lab):
    """every kind of caller gets out, over TCP and UDP, IPv4 and IPv6, by either helper"""
    for helper in HELPERS:
        for who, (user, profile) in WHO.items():
            for address in ("203.0.113.7", "2001:db8:7::7"):
                output = lab.client(profile + MODE, "reach", address, 7000, user=user, helper=helper)
                for kind in ("tcp", "udp"):
                    assert f"{kind} plain {address} 7000: INTERNET" in output, f"{helper}, {who}, {address}: {output}"


@case
def chosen(lab):
    """the profile says which of the two helpers it is, and one that is missing is no way out"""
    for helper in HELPERS:
        text = MODE + f'helper = "{helper}"\n'
        with lab.start(text, "sleep", "100", helper="pasta") as sandbox:
            eventually(lambda: helper_of(lab, [helper]))
            sandbox.kill()
        output = lab.client(text, "reach", "203.0.113.7", 7000, helper="pasta")
        assert "tcp plain 203.0.113.7 7000: INTERNET" in output, f"{helper}: {output}"
    refused = lab.run(MODE + 'helper = "pasta"\n', "true", helper="slirp4netns")
    equal(refused.returncode, 125)
    assert 'network.helper = "pasta" is not installed' in refused.stderr, refused.stderr
    eventually(lambda: not lab.processes(), 1)


@case
def closed(lab):
    """neither the host's loopback nor an address of the host is reached, however a program picks its way"""
    addresses = ("127.0.0.1", "::1", "10.0.2.2", *lab.ADDRESSES, lab.link_local())
    for helper in HELPERS:
        for address in addresses:
            output = lab.client(MODE, "reach", address, 7000, 7001, helper=helper)
            assert "HOST" not in output, f"{helper}: {output}"


@case
def all_nodes(lab):
    """what is sent to all nodes of a link by IPv6 reaches no service of the host"""
    for helper in HELPERS:
        output = lab.client(MODE, "reach", "ff02::1", 7000, helper=helper)
        assert "HOST" not in output, f"{helper}: {output}"


@case
def many(lab):
    """what is sent to many at once by IPv4 reaches no service of the host, unless its loopback is open"""
    hear = ("import socket, sys; all = socket.socket(type=socket.SOCK_DGRAM); all.bind(('', 1026)); print('ready', flush=True)\n"
            "while True: print(all.recv(99).decode(), flush=True)")
    for helper in HELPERS:
        for more, who in (("", "self"), ("host-loopback = true\n", "self"), ("", "host root"), ("", "host root, no user namespace")):
            user, profile = WHO[who]
            listener = subprocess.Popen(["ip", "netns", "exec", lab.host, PYTHON, "-c", hear], stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
            equal(listener.stdout.readline(), "ready\n")
            lab.client(profile + MODE + more, "many", 1026, user=user, helper=helper)
            time.sleep(0.3)
            listener.kill()
            heard, _ = listener.communicate(timeout=10)
            equal(heard != "", more != "", f"{helper}, {who}: {heard}")


@case
def first_stop(lab):
    """no routing header leads to the host's loopback: 1025 is what pasta 2023 takes for the port in one of type 4"""
    hear = ("import selectors, socket, sys; all = selectors.DefaultSelector(); "
            "[all.register(each, 1) for each in (socket.socket(socket.AF_INET6, socket.SOCK_DGRAM), socket.socket(type=socket.SOCK_DGRAM))]; "
            "[key.fileobj.bind(('' if key.fileobj.family == socket.AF_INET else '::1', 1025)) for key in all.get_map().values()]; "
            "print('ready', flush=True); print(len(all.select(float(sys.argv[1]))))")
    for helper in HELPERS:
        listener = subprocess.Popen(["ip", "netns", "exec", lab.host, PYTHON, "-c", hear, "4"], stdout=subprocess.PIPE, text=True)
        equal(listener.stdout.readline(), "ready\n")
        lab.client(MODE, "around", "::", "::1", "::ffff:127.0.0.1", f"::ffff:{lab.ADDRESSES[0]}", helper=helper)
        equal(listener.communicate(timeout=10)[0], "0\n", helper)


@case
def later(lab):
    """an address that the host is given while the sandbox runs is closed as well"""
    code = "import sys; print('up', flush=True); sys.stdin.readline(); sys.path.insert(0, '/'); import client; " \
           "client.reach('198.51.100.77', 7000); client.reach('2001:db8:1::77', 7000); client.reach('203.0.113.7', 7000)"
    for helper in HELPERS:
        with subprocess.Popen(lab.command(MODE, PYTHON, "-c", code, helper=helper), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True, cwd="/") as started:
            equal(started.stdout.readline(), "up\n")
            for action in ("add", "delete"):
                if action == "delete":
                    output, _ = started.communicate("\n", timeout=60)
                for address, more in (("198.51.100.77/24", []), ("2001:db8:1::77/64", ["nodad"] if action == "add" else [])):
                    quiet("ip", "-n", lab.host, "address", action, address, "dev", "wan0", *more)
                time.sleep(0.3)
        assert "HOST" not in output and "tcp plain 203.0.113.7 7000: INTERNET" in output, output


@case
def host_loopback(lab):
    """with host-loopback = true the host's services are there by a name"""
    for helper in HELPERS:
        output = lab.client(MODE + "host-loopback = true\n", "resolve", "host.nsrun", helper=helper)
        assert "address: 10.0.2.2" in output, output
        output = lab.client(MODE + "host-loopback = true\n", "reach", "10.0.2.2", 7001, helper=helper)
        assert "tcp plain 10.0.2.2 7001: HOST" in output and "udp plain 10.0.2.2 7001: HOST" in output, f"{helper}: {output}"
    output = lab.client(MODE + "host-loopback = true\n", "reach", lab.ADDRESSES[0], 7000)
    assert f"tcp plain {lab.ADDRESSES[0]} 7000: HOST" in output, output


@case
def names(lab):
    """names are resolved by whom the host asks, its own loopback among them, and by whom the profile names"""
    for helper in HELPERS:
        for resolver in ("127.0.0.53", "203.0.113.7", "2001:db8:7::7"):
            output = lab.client(MODE, "resolve", "www.example.test", resolver=resolver, helper=helper)
            assert "address: 203.0.113.7" in output and "address: 2001:db8:7::7" in output, f"{helper}, {resolver}: {output}"
    for resolver in ("203.0.113.7", "2001:db8:7::7"):
        output = lab.client(MODE + f'dns = ["{resolver}"]\n', "resolve", "www.example.test", resolver="198.51.100.99")
        assert "address: 203.0.113.7" in output, output


@case
def real_programs(lab):
    """curl and a server on port 80 work as outside"""
    page = lab.start(MODE, "/usr/bin/curl", "--silent", "--max-time", "5", "http://www.example.test:7000/")
    output, _ = page.communicate(timeout=30)
    equal(output, "")  # the server is no web server; that curl reached it is told by its complaint
    equal(page.returncode in (1, 56, 52), True, page.returncode)
    assert "bound: 80" in lab.client(MODE, "ports", 80)
    done = lab.run(MODE + "unprivileged-ports = 1024\n", PYTHON, "/client.py", "ports", 80)
    assert "Permission denied" in done.stderr, done.stderr


@case
def pings(lab):
    """every kind of caller pings by either helper, and over IPv6 by pasta; ping = false leaves no socket to do it with"""
    # Over IPv6 slirp4netns passes none on with a libslirp before 4.8, which Debian 12 has.
    for helper, addresses in (("pasta", ("203.0.113.7", "2001:db8:7::7")), ("slirp4netns", ("203.0.113.7",))):
        for who, (user, profile) in WHO.items():
            output = lab.client(profile + MODE, "ping", *addresses, user=user, helper=helper)
            for address in addresses:
                assert f"ping {address}: hello from {address}" in output, f"{helper}, {who}, {address}: {output}"
    for address in ("203.0.113.7", "2001:db8:7::7"):
        done = lab.run(MODE + "ping = false\n", PYTHON, "/client.py", "ping", address)
        assert "Permission denied" in done.stderr, done.stderr


@case
def no_ipv6(lab):
    """ipv6 = false leaves none"""
    done = lab.run(MODE + "ipv6 = false\n", "/bin/cat", "/proc/net/if_inet6")
    equal((done.stdout, done.returncode), ("", 0), done.stderr)
    output = lab.client(MODE + "ipv6 = false\n", "reach", "203.0.113.7", 7000)
    assert "tcp plain 203.0.113.7 7000: INTERNET" in output, output


@case
def host_files(lab):
    """the host's /etc has the resolver of the sandbox, too"""
    code = "import socket; print(socket.gethostbyname('www.example.test'))"
    for profile in ('[filesystem]\netc = "host"\n', '[filesystem]\nbase = "host-ro"\n'):
        done = lab.run(profile + MODE, PYTHON, "-c", code, resolver="127.0.0.53", client=False)
        equal(done.stdout, "203.0.113.7\n", profile + done.stderr)


@case
def offline(lab):
    """a host without a default route is told so, and loopback remains where the profile can do without more"""
    lab.disconnect()
    try:
        done = lab.run(MODE, "/bin/true")
        equal(done.returncode, 125)
        assert "the host is offline" in done.stderr and "[needs-network]" in done.stderr, done.stderr
        done = lab.run('on-unsupported = ["network.user"]\n' + MODE, "/bin/cat", "/proc/net/dev")
        equal(done.returncode, 0, done.stderr)
        assert "[dropped]" in done.stderr and "eth0" not in done.stdout and "lo:" in done.stdout, done.stdout + done.stderr
    finally:
        lab.connect()


@case
def absent(lab):
    """a missing helper and a closed tun device are told by name"""
    done = lab.run(MODE, "/bin/true", helper=None)
    assert done.returncode == 125 and "[needs-helper]" in done.stderr and "apt install passt" in done.stderr, done.stderr
    done = lab.run(MODE, "/bin/true", tun="0600")
    assert done.returncode == 125 and "/dev/net/tun" in done.stderr and "[needs-privilege]" in done.stderr, done.stderr


# Becomes a program for which the kernel has no sockets of NETLINK_NETFILTER, 12: by a filter of socket(2), 41 or 198.
WITHOUT_TABLES = """
import ctypes, errno, os, struct, sys
number = 41 if os.uname().machine == "x86_64" else 198
code = b"".join(struct.pack("HBBI", *line) for line in (
    (0x20, 0, 0, 0), (0x15, 0, 5, number), (0x20, 0, 0, 16), (0x15, 0, 3, 16), (0x20, 0, 0, 32), (0x15, 0, 1, 12),
    (0x06, 0, 0, 0x50000 | errno.EPROTONOSUPPORT), (0x06, 0, 0, 0x7fff0000)))
libc, lines = ctypes.CDLL(None), ctypes.create_string_buffer(code)
program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(lines)))
assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, program, 0, 0) == 0
os.execv(sys.argv[1], sys.argv[1:])
"""


@case
def without_tables(lab):
    """a kernel without nf_tables cannot close multicast: that is told, and only a profile that opens the host runs"""
    for user in (True, False):
        for more, status in (("", 125), ("host-loopback = true\n", 0)):
            words = list(map(str, lab.command(MODE + more, "/bin/true", user=user)))
            place = words.index(str(NSRUN))
            done = subprocess.run([*words[:place], PYTHON, "-c", WITHOUT_TABLES, *words[place:]], capture_output=True, text=True, timeout=60, cwd="/")
            equal(done.returncode, status, done.stderr)
            equal("step: close_multicast link=eth0\n  help: as root: modprobe nf_tables" in done.stderr, status != 0, done.stderr)


@case
def killed_at_every_step(lab):
    """SIGKILL at each message that nsrun sends to the kernel leaves no process half a second later"""
    for helper in HELPERS:
        for user in (True, False):
            message = 1
            while lab.killed_at(message, MODE, user=user, helper=helper):
                eventually(lambda: not lab.processes(), 0.5)
                message += 1
            assert message > 10, message
            eventually(lambda: not lab.processes(), 0.5)


@case
def helper_killed(lab):
    """when the helper is killed the network is gone, the command goes on, and -v tells"""
    code = "import sys, time, socket\nprint('up', flush=True)\nsys.stdin.readline()\n" \
           "s = socket.socket()\ns.settimeout(1)\nprint('errno', s.connect_ex(('203.0.113.7', 7000)))"
    for helper in HELPERS:
        words = lab.command(MODE, PYTHON, "-c", code, options=("-v",), helper=helper)
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd="/") as started:
            equal(started.stdout.readline(), "up\n")
            os.kill(helper_of(lab), signal.SIGKILL)
            time.sleep(0.1)
            output, errors = started.communicate("\n", timeout=20)
        equal(output, "errno 101\n", errors)
        equal(started.returncode, 0, errors)
        assert f"/usr/bin/{helper} ended before the command, by signal 9" in errors, errors


def gone(lab):
    """Half a second after a death nothing is left in the host's network."""
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        if not lab.processes():
            return
        time.sleep(0.01)
    left = lab.processes()
    assert not left, [(pid, open(f"/proc/{pid}/cmdline").read().replace("\0", " ")) for pid in left]


@case
def killed(lab):
    """SIGKILL of nsrun at any moment leaves no helper half a second later"""
    chance = random.Random(7)
    for helper in HELPERS:
        for user, profile in (WHO["self"], WHO["host root"], WHO["host root, no user namespace"]):
            started = lab.start(profile + MODE, "/bin/sleep", 1000, user=user, helper=helper)
            eventually(lambda: helper_of(lab))
            time.sleep(0.2)
            started.kill()
            started.wait()
            gone(lab)
        for _ in range(40):
            started = lab.start(MODE, "/bin/sleep", 1000, helper=helper)
            time.sleep(chance.uniform(0.0, 0.25))
            started.kill()
            started.wait()
            gone(lab)


@case
def ended(lab):
    """the helper ends with the command, however that ends"""
    for helper in HELPERS:
        for words in (("/bin/true",), ("/bin/sh", "-c", "kill -9 $$")):
            lab.run(MODE, *words, helper=helper)
            equal(lab.processes(), [])
        done = lab.run(MODE + '[limits]\ntime = "500ms"\n[process]\nstop-timeout = "0s"\n', "/bin/sleep", 100, helper=helper)
        equal(done.returncode, 124, done.stderr)
        equal(lab.processes(), [])


@case
def clean(lab):
    """the helper has nothing of nsrun's: no descriptor, no variable, no ignored signal, no terminal"""
    for helper in HELPERS:
        words = lab.command(MODE, "/bin/sleep", 1000, helper=helper)
        secret = os.open("/etc/passwd", os.O_RDONLY)
        started = subprocess.Popen(words, pass_fds=[secret], env={**os.environ, "SECRET": "secret"}, cwd="/")
        os.close(secret)
        pid = eventually(lambda: helper_of(lab))
        time.sleep(0.3)
        links = [os.readlink(f"/proc/{pid}/fd/{number}") for number in os.listdir(f"/proc/{pid}/fd")]
        assert not any("/passwd" in link or "pidfd" in link for link in links), links
        with open(f"/proc/{pid}/environ") as environment:
            equal(sorted(environment.read().split("\0")), ["", "LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"])
        assert os.getsid(pid) == pid
        started.kill()
        started.wait()
        gone(lab)


if __name__ == "__main__":
    main()
