#!/usr/bin/env python3
"""What nsrun says of a run, and leaves of one: events, what was dropped, core dumps."""
import json
import os
import pathlib
import resource
import signal
import subprocess

from runs import PROBE, ROOT, Place, case, children, equal, eventually, main, probe_outside

KINDS = {"user": "user", "mount": "mnt", "pid": "pid", "net": "net", "ipc": "ipc", "uts": "uts", "cgroup": "cgroup", "time": "time"}


class Events:
    """A run whose events are read while it goes on."""

    def __init__(self, place, profile, *words):
        reader, writer = os.pipe()
        self.nsrun = place.start(profile, *words, options=["--status-fd", str(writer)], pass_fds=[writer],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(writer)
        self.lines = os.fdopen(reader)

    def next(self):
        line = self.lines.readline()
        return json.loads(line) if line else None


@case
def started():
    """the event started names the first process, and its namespaces as /proc does; it comes while the command runs"""
    with Place() as place:
        for init in ("true", "false"):
            events = Events(place, f"[process]\ninit = {init}\n", "sleep", "100000")
            event = events.next()
            equal(event["event"], "started")
            equal([event["pid"]], children(events.nsrun.pid))
            told = {kind: f"{name}:[{event['namespaces'][kind]}]" for kind, name in KINDS.items()}
            # An ordinary user may not look at pid 1; the command is in the same ones.
            command = children(event["pid"])[0] if init == "true" else event["pid"]
            equal(told, {kind: os.readlink(f"/proc/{command}/ns/{name}") for kind, name in KINDS.items()})
            new = {kind for kind, name in KINDS.items() if told[kind] != os.readlink(f"/proc/self/ns/{name}")}
            equal(new, set(KINDS) - {"time"})
            os.kill(event["pid"], signal.SIGKILL)
            ended = events.next()
            equal((ended["event"], ended["status"], ended["signalled"], ended["timed_out"]), ("exited", 137, True, False), init)
            equal(events.nsrun.wait(), 137)
            equal(events.next(), None)


@case
def exited():
    """the event exited has the status that nsrun ends with, and what was used up"""
    with Place() as place:
        for profile, words, wanted in (
            ("", ("burn", "100", "exit", "7"), (7, False, False)),
            ("", ("burn", "100", "raise", "15"), (143, True, False)),
            ('[limits]\ntime = "2s"\n', ("burn", "100", "sleep", "100000"), (124, True, True)),
        ):
            events = Events(place, profile, *words)
            equal(events.next()["event"], "started")
            event = events.next()
            equal((event["event"], event["status"], event["signalled"], event["timed_out"]), ("exited", *wanted))
            equal(events.nsrun.wait(), wanted[0])
            usage = event["usage"]
            assert 0.08 < usage["user_seconds"] + usage["system_seconds"] < 5, event
            assert 100 < usage["max_rss_kib"] < 1 << 20, event


@case
def nothing_started():
    """where nothing ran, no event says so"""
    with Place() as place:
        script = place.path / "script"
        script.write_text("#!/nothing-here\n")
        script.chmod(0o755)
        # The first is seen while planning, the second when it is executed.
        for command in ("/nothing-here", script):
            events = Events(place, f'[filesystem]\nro = ["{script}"]\n', str(command))
            equal(events.next(), None)
            equal(events.nsrun.wait(), 127)


@case
def dropped():
    """a namespace that this kernel lacks is left out where the profile allows it, with a word, and only there"""
    # A kernel without time namespaces, as far as /proc tells.
    kinds = "user mnt pid pid_for_children net ipc uts cgroup"
    hide = f'mount -t tmpfs none /proc/$$/ns && cd /proc/$$/ns && touch {kinds} && cd / && exec "$@"'
    lacking = ["unshare", "--mount", *([] if ROOT else ["--user", "--map-root-user"]), "sh", "-c", hide, "sh"]
    profile = 'namespaces = ["user", "mount", "pid", "net", "ipc", "uts", "cgroup", "time"]\n'
    rest = '[filesystem]\nproc = "none"\nro = ["/proc"]\n[process]\ninit = false\n'
    allowed = 'on-unsupported = ["namespaces.time"]\n'
    here = os.readlink("/proc/self/ns/time")
    # The host's /proc shows a process by its number out there, which the command does not know: it is asked from here.
    def run(place, text, before=()):
        with subprocess.Popen([*before, *place.command(text + rest, "ids", "sleep", "100000")], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as nsrun:
            line = nsrun.stdout.readline()
            inside = os.readlink(f"/proc/{children(nsrun.pid)[0]}/ns/time") if line else None
            for pid in children(nsrun.pid):
                os.kill(pid, signal.SIGKILL)
            return inside, nsrun.stderr.read(), nsrun.wait()

    with Place() as place:
        inside, said, _ = run(place, profile + allowed)
        assert inside not in (None, here) and "time" not in said, said
        inside, said, status = run(place, profile, lacking)
        equal((inside, status), (None, 125), said)
        assert "this kernel has no time namespaces" in said and 'on-unsupported = ["namespaces.time"]' in said, said
        inside, said, _ = run(place, profile + allowed, lacking)
        equal(inside, here, said)
        assert "warning: running without a time namespace: this kernel has none" in said, said


def dumps_core(process, pid):
    os.kill(pid, signal.SIGSEGV)
    return os.WCOREDUMP(os.waitpid(process.pid, 0)[1])


@case
def core_dumps():
    """nsrun leaves no core, which would hold what it read of the host; whether the command does is the caller's business"""
    with Place() as place:
        work = place.path / "work"
        work.mkdir()
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
        assert hard == resource.RLIM_INFINITY, "the tests need a hard limit of cores that is none"
        more = {"cwd": work, "preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_CORE, unlimited)}
        plain = subprocess.Popen([PROBE, "sleep", "100000"], **more)
        eventually(lambda: pathlib.Path(f"/proc/{plain.pid}/comm").read_text().startswith("sandbox_probe"))
        control = dumps_core(plain, plain.pid)
        nsrun = place.start("", "ids", "sleep", "100000", stdout=subprocess.PIPE, **more)
        nsrun.stdout.readline()  # the command runs
        assert not dumps_core(nsrun, nsrun.pid)
        assert control, "this machine keeps no cores: nothing was tested"
        for limit in (0, 4096, resource.RLIM_INFINITY):
            more["preexec_fn"] = lambda: resource.setrlimit(resource.RLIMIT_CORE, (limit, hard))
            inside, outside = place.run("", "core", **more), probe_outside("core", **more)
            equal(inside.get("core limit"), outside["core limit"], inside.output)
            equal((inside["dumpable"], outside["dumpable"]), ("1", "1"))
        # Of pid 1, which an ordinary user can see from outside, the files in /proc are root's: it is not dumpable.
        if ROOT:
            return
        events = Events(place, "", "sleep", "100000")
        init = events.next()["pid"]
        equal(pathlib.Path(f"/proc/{init}/environ").stat().st_uid, 0)
        command = eventually(lambda: next(iter(children(init)), None))
        eventually(lambda: pathlib.Path(f"/proc/{command}/environ").stat().st_uid == os.getuid())
        events.nsrun.terminate()
        events.nsrun.wait()


if __name__ == "__main__":
    main()
