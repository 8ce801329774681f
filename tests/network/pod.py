#!/usr/bin/env python3
"""Pods: sandboxes of one user that share a network, as whoever runs this; nothing of the machine's network is touched."""
import os
import pathlib
import random
import resource
import shutil
import signal
import socket
import time

from pods import ROOT, Member, Pod, case, equal, eventually, main


@case
def two_servers():
    """two servers on port 80 have addresses and a localhost of their own, and reach each other by name"""
    with Pod() as pod:
        a = pod.member("a", 'serve("a")', 'address = "10.88.0.5"')
        b = pod.member("b", 'serve("b")')
        c = pod.member("c")
        equal(c.ask('[ask("a"), ask("b")]'), ["a", "b"])
        equal(c.ask('addresses("a")'), ["10.88.0.5", "fd88::5"])
        equal(c.ask('[ask(each) for name in ("a", "b") for each in addresses(name)]'), ["a", "a", "b", "b"])
        equal(a.ask('[ask("b"), ask("a"), ask("localhost"), ask("127.0.0.1"), ask("::1")]'), ["b", "a", "a", "a", "a"])
        equal(b.ask('[ask("a"), ask("localhost")]'), ["a", "b"])
        equal(c.ask('ask("localhost")'), "ConnectionRefusedError 111")
        # There is no way out, and that is said at once.
        equal(c.ask('[ask("192.0.2.1"), ask("2001:db8::1")]'), ["OSError 101", "OSError 101"])
        own = b.ask('addresses("b")')
        b.end()
        eventually(lambda: c.ask('"b" in open("/etc/hosts").read().split()') is False)
        equal(c.ask('ask("a")'), "a")
        equal(pod.member("b").ask('addresses("b")'), own)


@case
def one_network():
    """with share = "net" all have the same localhost, and processes of their own"""
    with Pod("net") as pod:
        a = pod.member("a", 'serve("a", 80, "127.0.0.1")')
        b = pod.member("b", 'serve("b", 81, "127.0.0.1")')
        equal(a.ask('[ask("127.0.0.1", 80), ask("127.0.0.1", 81), ask("b", 81)]'), ["a", "b", "b"])
        equal(b.ask('[ask("127.0.0.1", 80), ask("a", 80)]'), ["a", "a"])
        equal(a.ask('os.readlink("/proc/self/ns/net")'), b.ask('os.readlink("/proc/self/ns/net")'))
        for kind in ("pid", "mnt", "uts", "ipc"):
            question = f'os.readlink("/proc/self/ns/{kind}")'
            assert a.ask(question) != b.ask(question), kind
        equal(b.ask('len([p for p in os.listdir("/proc") if p.isdigit()])'), 2)
        equal([each.ask("socket.gethostname()") for each in (a, b)], ["a", "b"])


@case
def confined():
    """a member has no capability, no new privileges, and makes no namespaces of its own"""
    for share in ("addresses", "net"):
        with Pod(share) as pod:
            a = pod.member("a")
            status = a.ask('{line.partition(":")[0]: line.partition(":")[2].strip() for line in open("/proc/self/status")}')
            for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb"):
                equal(int(status[f"Cap{kind}"], 16), 0)
            equal([status["NoNewPrivs"], status["Seccomp"]], ["1", "2"])
            equal(a.ask("ctypes.CDLL(None).unshare(0x10000000)"), -1)
            equal(a.ask('open("/proc/sys/user/max_user_namespaces").read() != "0\\n"'), True)
            # A member that asks for it may, beside one that does not.
            b = pod.member("b", more="[security]\nnested-namespaces = true")
            equal(b.ask("ctypes.CDLL(None).unshare(0x10000000)"), 0)


@case
def outlives_the_first():
    """the pod goes on when its first member ends, and by ^C of it"""
    with Pod() as pod:
        a = pod.member("a", 'serve("a")')
        b = pod.member("b", 'serve("b")')
        os.killpg(a.process.pid, signal.SIGINT)
        a.process.wait(10)
        c = pod.member("c")
        equal(c.ask('ask("b")'), "b")
        b.end()
        c.end()
        pod.is_gone()


@case
def restarted():
    """a member that starts again at once has its name and its address again"""
    with Pod() as pod:
        keeper = pod.member("keeper")
        seen = set()
        for turn in range(15):
            again = pod.member("again", 'serve("again")')
            seen.add(tuple(again.ask('addresses("again")')))
            equal(keeper.ask('ask("again")'), "again")
            again.kill() if turn % 2 else again.end()
        equal(len(seen), 1)


@case
def at_once():
    """of many that come at once, one makes the pod and all are members"""
    for share in ("addresses", "net"):
        with Pod(share) as pod:
            members = [Member(pod, f"m{index}", f'serve("m{index}", {8000 + index})') for index in range(8)]
            for member in members:
                member.ready()
            equal(len(pod.holders()), 1)
            equal(members[0].ask('[ask(f"m{index}", 8000 + index) for index in range(8)]'), [f"m{index}" for index in range(8)])


@case
def refusals():
    """what the pod has no room for is refused, in words and with the line"""
    with Pod() as pod:
        pod.member("a", network='address = "10.88.0.5"')
        told = pod.refused("a")
        assert "a sandbox called 'a' is a member already" in told and "toml:7" in told and "--set name" in told, told
        told = pod.refused("b", 'address = "10.88.0.5"')
        assert "10.88.0.5 is the address of 'a' already" in told, told
        told = ROOT or pod.refused("b", more='[ids]\nmap = "root"')
        assert ROOT or f"it maps uids {os.getuid()}:{os.getuid()}:1, and this sandbox asks for 0:{os.getuid()}:1" in told, told
        pod.share = "net"
        told = pod.refused("b")
        assert 'it has share = "addresses", and this sandbox asks for "net"' in told, told
        told = pod.refused("b", 'address = "10.89.0.5"')
        assert "10.89.0.5 is not in the pod's network, 10.88.0.0/16 [out-of-range]" in told, told
        told = pod.refused("b", more='namespaces = ["user", "mount", "net"]\n[process]\ninit = false\n[filesystem]\nproc = "none"')
        assert "[needs-init]" in told, told
    if not ROOT:
        with Pod() as pod:
            pod.environment["XDG_RUNTIME_DIR"] = "/nowhere"
            told = pod.refused("a")
            assert "a pod is found below /nowhere, which does not exist" in told, told


@case
def other_maps():
    """every map of ids that a sandbox can have is a pod's, too"""
    for kind in ["root"] + ["range"] * (ROOT or shutil.which("newuidmap") is not None):
        with Pod() as pod:
            first = Member(pod, "a", 'serve("a")', more=f'[ids]\nmap = "{kind}"')
            if kind == "range" and not first.process.stdout.readable():
                continue
            line = first.process.stdout.readline()
            if not line:
                told = first.process.stderr.read()
                assert kind == "range" and "/etc/sub" in told, told  # none for this user
                continue
            b = pod.member("b", more=f'[ids]\nmap = "{kind}"')
            equal(b.ask('[os.getuid(), ask("a")]'), [0, "a"])


@case
def published():
    """members publish the same port, each at a loopback address of the host's own"""
    with Pod() as pod:
        port = 20000 + os.getpid() % 10000
        for number, name in enumerate("ab", 1):
            pod.member(name, f'serve("{name}")', more=f'[network]\npublish = ["127.7.0.{number}:{port}:80"]')
        for number, name in enumerate("ab", 1):
            with socket.create_connection((f"127.7.0.{number}", port), timeout=5) as connection:
                equal(connection.recv(10).decode(), name)
    with Pod("net") as pod:
        pod.member("a", 'serve("a")')
        pod.member("b", more=f'[network]\npublish = ["127.7.0.1:{port}:80"]')
        with socket.create_connection(("127.7.0.1", port), timeout=5) as connection:
            equal(connection.recv(10).decode(), "a")


@case
def own_hosts():
    """the names of the profile stand beside those of the pod"""
    with Pod() as pod:
        a = pod.member("a", more='hostname = "front"\n[network.hosts]\ndb = "192.0.2.7"')
        b = pod.member("b")
        equal(a.ask('addresses("db")'), ["192.0.2.7"])
        equal(b.ask('addresses("front") == addresses("a")'), True)
        equal(a.ask('os.access("/etc/hosts", os.W_OK)'), False)


@case
def hosts_etc():
    """members with the host's /etc, or the host's whole tree, know each other by name, and nothing is written there"""
    before = pathlib.Path("/etc/hosts").read_bytes()
    for share in ("addresses", "net"):
        with Pod(share) as pod:
            pod.member("a")
            for name, filesystem in (("b", 'etc = "host"'), ("c", 'base = "host-ro"'), ("d", 'base = "rootfs"\nrootfs = "/"')):
                member = pod.member(name, more=f"[filesystem]\n{filesystem}")
                equal(member.ask('[addresses("a") != [], os.access("/etc/hosts", os.W_OK)]'), [True, False])
            equal(pod.member("e").ask('[addresses(name) != [] for name in "abcd"]'), [True] * 4)
    equal(pathlib.Path("/etc/hosts").read_bytes(), before)


@case
def killed():
    """whoever is killed, and whenever, nothing is left half a second later"""
    for turn in range(12):
        with Pod(random.choice(["addresses", "net"])) as pod:
            members = [Member(pod, f"m{index}") for index in range(3)]
            time.sleep(random.random() * 0.15)
            if turn % 3 == 0:
                pod.kill_holders()
            random.shuffle(members)
            for member in members:
                member.process.kill()
                time.sleep(random.choice([0, 0.01]))
            for member in members:
                member.process.wait()
            eventually(lambda: not pod.holders(), 0.5)
            if turn % 3 == 0 or pod.directory.exists():
                # Who is killed while it makes or holds a pod leaves files, which the next pod clears away.
                with Pod(beside=pod) as other:
                    other.member("next").end()
            pod.is_gone()


@case
def swept():
    """who makes a pod clears away what one that was killed left, and nothing of those that are there"""
    with Pod() as pod, Pod(beside=pod) as living, Pod(beside=pod) as next:
        living.member("a", 'serve("a")')
        for share in ("addresses", "net"):
            pod.share = share
            pod.member("a")
            pod.kill_holders()
            pod.members[-1].kill()
            next.is_gone()
            assert (pod.directory / "lock").exists() and (pod.directory / "hosts-a").exists()
            next.member("a").end()
            assert not pod.directory.exists()
        # One that was killed before it had a lock.
        pod.directory.mkdir(mode=0o700)
        next.is_gone()
        next.member("a").end()
        assert not pod.directory.exists()
        # What is not a pod's stays, whoever put it there.
        (pod.directory / "kept").mkdir(parents=True)
        next.is_gone()
        next.member("a").end()
        assert (pod.directory / "kept").exists()
        (pod.directory / "kept").rmdir()
        pod.directory.rmdir()
        equal(living.member("b").ask('ask("a")'), "a")


@case
def through_no_link():
    """a symbolic link in the place of the pods' directory, which a sandbox may have planted, is refused"""
    for planted in ["nsrun", "nsrun/.pods"] * (not ROOT):
        with Pod() as pod:
            elsewhere = pod.place / "elsewhere"
            elsewhere.mkdir()
            link = pod.place / planted
            link.parent.mkdir(mode=0o700, exist_ok=True)
            link.symlink_to(elsewhere)
            told = pod.refused("a")
            assert f"{link} is a symbolic link" in told, told
            equal(list(elsewhere.iterdir()), [])
    # What leads to the runtime directory is the user's own.
    if not ROOT:
        with Pod() as pod:
            (pod.place / "way").symlink_to(pod.place)
            pod.environment["XDG_RUNTIME_DIR"] = str(pod.place / "way")
            pod.member("a").end()


@case
def holder_is_nobodys():
    """the pod's process has nothing of the caller's: neither words, descriptors nor terminal, and cannot be looked into"""
    with Pod() as pod:
        pod.environment["SECRET"] = "swordfish"
        pod.member("a")
        (holder,) = pod.holders()
        proc = pathlib.Path(f"/proc/{holder}")
        status = dict(line.split(":\t", 1) for line in (proc / "status").read_text().splitlines() if ":\t" in line)
        assert int(status["SigBlk"], 16) & 0b11 == 0b11, status["SigBlk"]
        stat = (proc / "stat").read_text().rpartition(")")[2].split()
        equal([stat[3], stat[4]], [str(holder), "0"])  # its own session, no terminal
        if ROOT:
            assert b"swordfish" not in (proc / "environ").read_bytes()
            equal([os.readlink(proc / f"fd/{number}") for number in range(3)], ["/dev/null"] * 3)
            assert len(list((proc / "fd").iterdir())) < 16
        else:
            try:
                list((proc / "fd").iterdir())
                raise AssertionError("it can be looked into")
            except PermissionError:
                pass


@case
def crowd():
    """more connections than the holder has descriptors cost it nothing, and keep nobody out once they are gone"""
    with Pod() as pod:
        pod.member("a")
        holder = pod.holders()[0]
        resource.prlimit(holder, resource.RLIMIT_NOFILE, (64, 64))

        def busy():
            return sum(map(int, pathlib.Path(f"/proc/{holder}/stat").read_text().rpartition(")")[2].split()[11:13]))
        crowd = [socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(100)]
        for one in crowd:
            one.connect(str(pod.directory / "socket"))
        time.sleep(0.3)
        before = busy()
        time.sleep(0.5)
        assert busy() - before < 0.1 * os.sysconf("SC_CLK_TCK"), "it is busy"
        for one in crowd:
            one.close()
        pod.member("b")


main()
