#!/usr/bin/env python3
"""Pods with a way out, as an ordinary user and as root: one for all members, and nothing of the host in reach."""
import os
import pathlib
import signal
import subprocess
import time

from lab import NSRUN, PYTHON, USER, case, equal, eventually, main

SHARES = ("addresses", "net")


def profile(name, share="addresses", uplink="user", more=""):
    return (f'name = "{name}"\n{more}\n[network]\nmode = "pod"\n'
            f'[network.pod]\nname = "out-{os.getpid()}"\nshare = "{share}"\nuplink = "{uplink}"\n')


class Pod:
    """Starts members on the lab's host, for a user who has a runtime directory."""

    def __init__(self, lab, user=True, helper="pasta"):
        self.lab, self.user, self.helper, self.members = lab, user, helper, []
        self.runtime = lab.place / "runtime"
        self.runtime.mkdir(mode=0o700, exist_ok=True)
        os.chown(self.runtime, *((USER.pw_uid, USER.pw_gid) if user else (0, 0)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for member in self.members:
            member.kill()
            member.wait()
        # The helper, its keeper and the holder end with the last member.
        eventually(lambda: not self.lab.processes(), 1)

    def command(self, text, *words):
        command = list(map(str, self.lab.command(text, *words, user=self.user, helper=self.helper)))
        place = command.index(str(NSRUN))
        return command[:place] + ["env", f"XDG_RUNTIME_DIR={self.runtime}"] + command[place:]

    def start(self, text, code):
        member = subprocess.Popen(self.command(text, PYTHON, "-c", code), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd="/")
        self.members.append(member)
        line = member.stdout.readline()
        assert line == "up\n", member.stderr.read()
        return member

    def client(self, text, *words):
        done = subprocess.run(self.command(text, PYTHON, "/client.py", *words), capture_output=True, text=True, timeout=120, cwd="/")
        assert "client: done" in done.stdout, done.stdout + done.stderr
        return done.stdout


STAYS = "import time; print('up', flush=True); time.sleep(1000)"


@case
def out(lab):
    """members get out, over TCP and UDP, IPv4 and IPv6, by either helper, as a user and as root"""
    for user, helper, share in ((True, "pasta", "addresses"), (True, "pasta", "net"), (True, "slirp4netns", "addresses"),
                                (False, "pasta", "addresses")):
        with Pod(lab, user, helper) as pod:
            pod.start(profile("first", share), STAYS)
            for address in ("198.51.100.1", "2001:db8:1::1"):
                output = pod.client(profile("second", share), "reach", address, 7000)
                for kind in ("tcp", "udp"):
                    assert f"{kind} plain {address} 7000: INTERNET" in output, f"{user}, {helper}, {share}, {address}: {output}"


@case
def closed(lab):
    """no address of the host is reached from a pod"""
    for share in SHARES:
        with Pod(lab) as pod:
            pod.start(profile("first", share), STAYS)
            for address in ("127.0.0.1", "::1", "10.0.2.2", *lab.ADDRESSES):
                output = pod.client(profile("second", share), "reach", address, 7000, 7001)
                assert "HOST" not in output, f"{share}, {address}: {output}"


@case
def many(lab):
    """what is sent to many at once from a pod reaches no service of the host"""
    hear = ("import socket; all = socket.socket(type=socket.SOCK_DGRAM); all.bind(('', 1026)); print('ready', flush=True); print(all.recv(99).decode(), flush=True)")
    for share in SHARES:
        with Pod(lab) as pod:
            pod.start(profile("first", share), STAYS)
            listener = subprocess.Popen(["ip", "netns", "exec", lab.host, PYTHON, "-c", hear], stdout=subprocess.PIPE, text=True)
            equal(listener.stdout.readline(), "ready\n")
            pod.client(profile("second", share), "many", 1026)
            time.sleep(0.3)
            listener.kill()
            equal(listener.communicate(timeout=10)[0], "", share)


@case
def names(lab):
    """names of the outside are asked for through the host's resolver"""
    with Pod(lab) as pod:
        output = pod.client(profile("a"), "resolve", "www.example.test")
        assert "203.0.113.7" in output or "2001:db8:7::7" in output, output


@case
def goes_on(lab):
    """the way out stays when the member that made it has gone, and goes with the last"""
    with Pod(lab) as pod:
        first = pod.start(profile("first"), STAYS)
        second = pod.start(profile("second"), STAYS)
        first.kill()
        first.wait()
        output = pod.client(profile("third"), "reach", "203.0.113.7", 7000)
        assert "tcp plain 203.0.113.7 7000: INTERNET" in output, output
        second.kill()
        second.wait()
        eventually(lambda: not lab.processes(), 0.5)


@case
def another(lab):
    """who asks for another way out than the pod has is refused"""
    with Pod(lab) as pod:
        pod.start(profile("first"), STAYS)
        done = subprocess.run(pod.command(profile("second", uplink="none"), PYTHON, "-c", ""), capture_output=True, text=True, timeout=60, cwd="/")
        equal(done.returncode, 125)
        assert 'it has uplink = "user", and this sandbox asks for "none"' in done.stderr, done.stderr


@case
def killed(lab):
    """whichever process of a pod with a way out is killed, nothing is left half a second after the members"""
    name = f"nsrun-pod out-{os.getpid()}"
    for victim in ("holder", "keeper", "helper"):
        with Pod(lab) as pod:
            member = pod.start(profile("first"), STAYS)
            everybody = [(pid, cmdline(pid)) for pid in map(int, filter(str.isdigit, os.listdir("/proc")))]
            found = {"holder": [pid for pid, words in everybody if words == name],
                     "keeper": [pid for pid, words in everybody if words == f"{name} uplink"],
                     "helper": [pid for pid in lab.processes() if "/pasta" in cmdline(pid)]}[victim]
            assert found, victim
            for pid in found:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.1)
            member.kill()
            member.wait()
            eventually(lambda: not lab.processes() and not any(words.startswith(name) for _, words in
                                                               ((pid, cmdline(pid)) for pid in filter(str.isdigit, os.listdir("/proc")))), 0.5)


def cmdline(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


main()
