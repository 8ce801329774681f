#!/usr/bin/env python3
"""Each shipped profile runs its real program: programs.py NSRUN TEST"""
import pathlib
import sys

from support import Place, need


def shell(place):
    """A shell sees its own host name, its own processes and none of the home."""
    out = place.run("shell", "/bin/bash", "-c", "hostname; echo $$; id -un; ls -A ~; echo of /: $(ls /home)")
    lines = out.splitlines()
    assert lines[0] == "sandbox", out
    assert int(lines[1]) < 10, out
    assert lines[2] == place.user.pw_name, out
    assert ".ssh" not in out, out


def default(place):
    """Without a profile of its own a program has no network and none of the caller's files."""
    out = place.run("default", "/bin/sh", "-c", f"cat {place.home}/.ssh/id_ed25519 || echo invisible; cat /proc/net/dev")
    assert "invisible" in out and "a secret" not in out, out
    interfaces = [line.split(":")[0].strip() for line in out.splitlines() if ":" in line and "|" not in line]
    assert "eth0" not in interfaces and "lo" in interfaces, out


def python(place):
    """Threads, processes, their semaphores in shared memory, subprocesses and temporary files work."""
    need("python3")
    (place.work / "work.py").write_text(
        "import multiprocessing, subprocess, tempfile, threading\n"
        "def square(n): return n * n\n"
        "if __name__ == '__main__':\n"
        "    with multiprocessing.Pool(2) as pool: print(sum(pool.map(square, range(100))))\n"
        "    print(subprocess.run(['echo', 'child'], capture_output=True, text=True).stdout.strip())\n"
        "    with tempfile.NamedTemporaryFile() as file: file.write(b'x')\n"
        "    thread = threading.Thread(target=lambda: print('thread')); thread.start(); thread.join()\n"
        "    open('result', 'w').write('kept')\n"
    )
    assert place.run("python", "/usr/bin/python3", "work.py").splitlines() == ["328350", "child", "thread"]
    assert (place.work / "result").read_text() == "kept"


def build(place):
    """make and gcc build a program in the working directory; it is the caller's file and runs outside."""
    need("gcc", "make")
    (place.work / "hello.c").write_text('#include <stdio.h>\nint main(void) { return puts("built") < 0; }\n')
    (place.work / "Makefile").write_text("hello: hello.c\n\tgcc -O2 -o $@ $<\n")
    place.run("build", "make")
    assert (place.work / "hello").stat().st_uid == place.user.pw_uid
    assert place.run("build", "./hello") == "built\n"


def curl(place):
    """curl saves a page served on the sandbox's loopback; the host's is out of reach."""
    need("curl", "python3")
    (place.work / "page").write_text("a page\n")
    place.run(
        "curl",
        "/bin/sh",
        "-c",
        "python3 -m http.server --bind 127.0.0.1 8000 >/dev/null 2>&1 &"
        "curl -fsS --retry 50 --retry-connrefused --retry-delay 0 --retry-max-time 20 -o saved http://localhost:8000/page",
    )
    assert (place.work / "saved").read_text() == "a page\n"


def nginx(place):
    """nginx serves its page on port 80, its worker being www-data of the sandbox and nobody of the host."""
    need("nginx", "curl")
    page = pathlib.Path("/var/www/html/index.nginx-debian.html").read_text()
    out = place.run(
        "nginx",
        "/bin/sh",
        "-c",
        "nginx -g 'daemon off; error_log stderr;' &"
        "curl -fsS --retry 50 --retry-connrefused --retry-delay 0 --retry-max-time 20 http://127.0.0.1/;"
        "for p in /proc/[0-9]*; do case $(cat $p/cmdline | tr '\\0' ' ') in 'nginx: worker'*)"
        " grep -h -e '^Uid' -e '^CapEff' -e '^NoNewPrivs' $p/status; cat $p/uid_map;; esac; done; kill $!; wait",
    )
    assert page in out, out
    assert "Uid:\t33\t33\t33\t33\n" in out, out
    assert "CapEff:\t0000000000000000\n" in out, out
    assert "NoNewPrivs:\t1\n" in out, out


TESTS = {function.__name__: function for function in (shell, default, python, build, curl, nginx)}


def main():
    with Place(sys.argv[1]) as place:
        TESTS[sys.argv[2]](place)


if __name__ == "__main__":
    main()
