#!/usr/bin/env python3
"""What a network costs, by mode: from start to end, and how much goes through. Everything takes turns in one run, between
namespaces of its own, as root. Throughput wants iperf3; helpers that are not installed are left out.

usage: network.py NSRUN COMMAND [SECONDS]   COMMAND: a static program of a few instructions; SECONDS for each part, 60 unless told
"""
import ctypes
import json
import os
import pathlib
import random
import shutil
import signal
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "network"))
from lab import NSRUN, USER, Lab, quiet  # noqa: E402

COMMAND = sys.argv[2]
SECONDS = float(sys.argv[3]) if len(sys.argv) > 3 else 60
BASE = '[filesystem]\nbase = "system"\n[network]\n'
VETH = 'mode = "private"\n[[network.interface]]\nname = "eth0"\naddress = ["10.34.{0}.2/24", "fd34:{0}::2/64"]\ngateway = ["10.34.{0}.1", "fd34:{0}::1"]\n'
BRIDGE = 'mode = "private"\n[[network.interface]]\nname = "eth0"\nbridge = "web0"\naddress = ["10.35.0.{0}/24"]\ngateway = ["10.35.0.1"]\n'
POD = 'mode = "pod"\n[network.pod]\nname = "bench"\nshare = "{}"\n'
INTERNET = "203.0.113.7"
HELPERS = ("pasta", "slirp4netns")
CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


def checked(answer):
    if answer != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


class Station:
    """A process in a network namespace, as root or as an ordinary user, that starts programs and says how long they took."""

    def __init__(self, lab, space, user):
        asked, self.asked = os.pipe()
        self.told, told = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self.enter(lab, space, user)
                self.serve(open(asked), open(told, "w"))
            finally:
                os._exit(1)
        os.close(asked)
        os.close(told)
        self.asked, self.told = open(self.asked, "w"), open(self.told)

    @staticmethod
    def enter(lab, space, user):
        with open(f"/run/netns/{space}") as file:
            checked(LIBC.setns(file.fileno(), CLONE_NEWNET))
        checked(LIBC.unshare(CLONE_NEWNS))
        quiet("mount", "--make-rprivate", "/")
        quiet("mount", "-t", "sysfs", "sysfs", "/sys")
        # As udev makes it: this machine may have none so.
        pathlib.Path("/dev/net").mkdir(exist_ok=True)
        quiet("mount", "-t", "tmpfs", "tmpfs", "/dev/net")
        quiet("mknod", "-m", "666", "/dev/net/tun", "c", "10", "200")
        (lab.place / "resolv.conf").write_text(f"nameserver {INTERNET}\n")
        quiet("mount", "--bind", str(lab.place / "resolv.conf"), "/etc/resolv.conf")
        os.environ["XDG_RUNTIME_DIR"] = str(lab.place / ("user" if user else "root"))
        if user:
            os.setgroups([])
            os.setgid(USER.pw_gid)
            os.setuid(USER.pw_uid)
        os.chdir("/")

    @staticmethod
    def serve(asked, told):
        for line in asked:
            words, output = json.loads(line)
            null = os.open(output or "/dev/null", os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
            start = time.perf_counter()
            pid = os.posix_spawn(words[0], words, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, null, n) for n in (0, 1)],
                                 setsigdef=[signal.SIGPIPE])
            _, status = os.waitpid(pid, 0)
            print(time.perf_counter() - start, status, file=told, flush=True)
            os.close(null)

    def run(self, words, output=None):
        """Seconds from before the start until the end. `output`: a file for what is printed, in reach of the user."""
        print(json.dumps([list(map(str, words)), output and str(output)]), file=self.asked, flush=True)
        seconds, status = self.told.readline().split()
        assert status == "0", f"{words}: status {status}"
        return float(seconds)


class Bench:
    def __init__(self, lab):
        self.lab, self.kept = lab, []
        for who in ("user", "root"):
            (lab.place / who).mkdir(mode=0o700)
        os.chown(lab.place / "user", USER.pw_uid, USER.pw_gid)
        lab.beside = f"nsrun-beside-{os.getpid()}"
        quiet("ip", "netns", "add", lab.beside)
        self.user, self.root = Station(lab, lab.host, True), Station(lab, lab.host, False)
        self.beside = Station(lab, lab.beside, False)

    def line(self, profile, *words):
        """The words that start a sandbox. `profile`: the lines of its table network, and what follows."""
        file = self.lab.place / f"{len(list(self.lab.place.glob('*.toml')))}.toml"
        file.write_text("schema = 1\n" + BASE + profile)
        return [NSRUN, "--quiet", "--profile", str(file), "--ro", f"{COMMAND}:/command", "--", *words]

    def keep(self, station, words):
        """Starts what lives until the end, as a station would."""
        pid = os.fork()
        if pid == 0:
            Station.enter(self.lab, self.lab.host, station is self.user)
            os.dup2(os.open("/dev/null", os.O_RDWR), 1)
            os.execv(words[0], [str(word) for word in words])
        self.kept.append(pid)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for pid in (*self.kept, self.user.pid, self.root.pid, self.beside.pid):
            os.kill(pid, 9)
            os.waitpid(pid, 0)
        quiet("ip", "netns", "delete", self.lab.beside)


def interval(samples, floor):
    """The ratio of two medians, and where 95 of 100 of them are when rounds are drawn again."""
    draw = random.Random(1)
    ratios = []
    for _ in range(1000):
        rounds = draw.choices(range(len(floor)), k=len(floor))
        ratios.append(statistics.median(samples[n] for n in rounds) / statistics.median(floor[n] for n in rounds))
    ratios.sort()
    return statistics.median(samples) / statistics.median(floor), ratios[25], ratios[974]


def table(title, columns, rows):
    rows = [columns, *rows]
    widths = [max(len(row[n]) for row in rows) for n in range(len(columns))]
    rows.insert(1, ["-" * width for width in widths])
    print(f"\n### {title}\n")
    for row in rows:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |", flush=True)


def rounds(cases, seconds):
    """Runs all cases by turns; what is measured, by case."""
    samples = {name: [] for name in cases}
    for run in cases.values():
        run()
    end = time.monotonic() + seconds
    while time.monotonic() < end or len(samples[name]) < 3:
        for name, run in cases.items():
            samples[name].append(run())
    return samples


def by_hand(bench):
    """Helpers as one would start them without nsrun, with good options: the words before a command."""
    pasta = shutil.which("pasta")
    slirp = shutil.which("slirp4netns")
    ways = {}
    if pasta:
        ways["pasta by hand"] = [pasta, "--quiet", "--config-net", "--mtu", "65520", "--no-map-gw", "-t", "none", "-u", "none",
                                 "-T", "none", "-U", "none", "--"]
    if slirp:
        # It tells by a descriptor when it is ready.
        script = ('unshare --user --map-root-user --net sleep 600 & pid=$!; mkfifo "$0.$$"; '
                  'while [ "$(readlink /proc/$pid/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do :; done; '
                  f'{slirp} --configure --mtu=65520 --disable-host-loopback --ready-fd=3 $pid tap0 3>"$0.$$" >/dev/null 2>&1 & slirp=$!; '
                  'read -r -n 1 _ <"$0.$$"; rm "$0.$$"; nsenter --preserve-credentials --user --net --target $pid -- "$@"; status=$?; '
                  'kill $pid $slirp; wait; exit $status')
        ways["slirp4netns by hand"] = ["/bin/bash", "-c", script, str(bench.lab.place / "user/ready")]
    return ways


def start_to_end(bench):
    user, root = bench.user, bench.root
    for share in ("net", "addresses"):
        bench.keep(user, bench.line(POD.format(share).replace('"bench"', f'"bench-{share}"'), "/bin/sleep", "1000"))
    bench.keep(root, bench.line(BRIDGE.format(250), "/bin/sleep", "1000"))
    named = bench.line('mode = "loopback"', "/bin/sleep", "1000")
    bench.keep(user, [named[0], "--name", "joined", *named[1:]])
    time.sleep(1)
    cases = {}

    def add(name, station, profile):
        words = bench.line(profile, "/command")
        cases[name] = lambda: station.run(words)

    add("none", user, 'mode = "none"')
    add("loopback", user, 'mode = "loopback"')
    add("host", user, 'mode = "host"')
    add("join, by name", user, '[join]\nnet = "joined"\n')
    for helper in filter(shutil.which, HELPERS):
        add(f"user, by {helper}", user, f'mode = "user"\nhelper = "{helper}"')
    for share in ("net", "addresses"):
        add(f"pod, its first member, {share}", user, POD.format(share))
        add(f"pod, another member, {share}", user, POD.format(share).replace('"bench"', f'"bench-{share}"'))
    for name, words in by_hand(bench).items():
        cases[name] = lambda words=words: user.run([*words, COMMAND])
    add("loopback, as root", root, 'mode = "loopback"')
    add("private: a veth", root, VETH.format(1))
    add("private: a veth on a bridge that is there", root, BRIDGE.format(3))
    add("private: a veth on a bridge of its own", root, BRIDGE.format(4).replace("web0", "web1"))
    add("private: macvlan", root, 'mode = "private"\n[[network.interface]]\ntype = "macvlan"\nname = "eth0"\nparent = "wan0"\n')
    samples = rounds(cases, SECONDS)
    rows = []
    for name, times in samples.items():
        ratio, low, high = interval(times, samples["loopback"])
        rows.append([name, f"{ratio:.2f}", f"{low:.2f} to {high:.2f}", f"{statistics.median(times) * 1e3:.2f}", str(len(times))])
    table("Start to end, by mode", ["mode", "x loopback", "95 %", "ms", "rounds"], rows)


def bridge_by_hand(lab):
    """A bridge on the host, with a namespace on it that has nothing else."""
    ip = ("ip", "-n", lab.host)
    quiet(*ip, "link", "add", "hand0", "type", "bridge")
    quiet(*ip, "address", "add", "10.38.0.1/24", "dev", "hand0")
    quiet(*ip, "link", "set", "hand0", "up")
    quiet(*ip, "link", "add", "hand1", "master", "hand0", "type", "veth", "peer", "name", "eth0", "netns", lab.beside)
    quiet(*ip, "link", "set", "hand1", "up")
    quiet("ip", "-n", lab.beside, "address", "add", "10.38.0.2/24", "dev", "eth0")
    quiet("ip", "-n", lab.beside, "link", "set", "eth0", "up")


def throughput(bench):
    if not (iperf := shutil.which("iperf3")):
        print("\nThroughput: there is no iperf3.")
        return
    user, root = bench.user, bench.root
    for space in (bench.lab.host, bench.lab.internet):
        bench.lab.servers.append(subprocess.Popen(["ip", "netns", "exec", space, iperf, "--server"], stdout=subprocess.DEVNULL))
    bench.keep(root, bench.line(BRIDGE.format(251), iperf, "--server"))
    time.sleep(1)
    cases = {}

    def add(name, station, words, server):
        output = bench.lab.place / ("user" if station is user else "root") / "iperf3.json"
        for way, option in (("out", []), ("in", ["--reverse"])):
            line = [*words, iperf, "--client", server, "--time", "1", "--json", *option]

            def run(line=line):
                station.run(line, output)
                return json.loads(output.read_text())["end"]["sum_received"]["bits_per_second"]
            cases[name, way] = run

    bridge_by_hand(bench.lab)
    add("a veth pair by hand", root, [], "198.51.100.1")
    add("a bridge by hand", bench.beside, [], "10.38.0.1")
    add("private: a veth", root, bench.line(VETH.format(1)), "10.34.1.1")
    add("private: a bridge, to the host", root, bench.line(BRIDGE.format(3)), "10.35.0.1")
    add("private: a bridge, to another sandbox", root, bench.line(BRIDGE.format(3)), "10.35.0.251")
    for helper in filter(shutil.which, HELPERS):
        add(f"user, by {helper}", user, bench.line(f'mode = "user"\nhelper = "{helper}"'), INTERNET)
    for name, words in by_hand(bench).items():
        add(name, user, words, INTERNET)
    samples = rounds(cases, SECONDS)
    rows = []
    for (name, way), rates in samples.items():
        ratio, low, high = interval(rates, samples["a veth pair by hand", way])
        rows.append([name, way, f"{ratio:.2f}", f"{low:.2f} to {high:.2f}", f"{statistics.median(rates) / 1e9:.2f}", str(len(rates))])
    table("Throughput, one TCP connection", ["network", "way", "x pair", "95 %", "Gbit/s", "rounds"], rows)


def main():
    if os.getuid() != 0:
        print("\nNetworks: only root makes the namespaces to measure in.")
        return
    for part in (start_to_end, throughput):
        with Lab() as lab, Bench(lab) as bench:
            part(bench)


main()
