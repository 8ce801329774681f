"""bash, zsh and fish complete command lines of nsrun: each is run for real, and a tab is typed."""
import fcntl
import os
import pathlib
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path.cwd()
CASES = [  # what is typed, what one tab makes of it
    ("nsrun --expl", "nsrun --explain"),
    ("nsrun docto", "nsrun doctor"),
    ("nsrun profile sh", "nsrun profile show"),
    ("nsrun --net loop", "nsrun --net loopback"),
    ("nsrun plan --net loop", "nsrun plan --net loopback"),
    ("nsrun --set network.mo", "nsrun --set network.mode="),
    ("nsrun --set network.mode=loo", "nsrun --set network.mode=loopback"),
    ("nsrun --set join.net=zeb", "nsrun --set join.net=zebra-sandbox"),
    ("nsrun -s process.die", "nsrun -s process.die-with-parent="),
    ("nsrun -p zebra", "nsrun -p zebra-crossing"),
    ("nsrun check zebra", "nsrun check zebra-crossing"),
    ("nsrun keys network.mo", "nsrun keys network.mode"),
    ("nsrun --workdir /usr/shar", "nsrun --workdir /usr/share"),
    ("nsrun run --net none zebra-prog", "nsrun run --net none zebra-program"),
    ("nsrun zebra-prog", "nsrun zebra-program"),
    ("nsrun zebra-program --file /usr/shar", "nsrun zebra-program --file /usr/share"),
    ("nsrun -- zebra-prog", "nsrun -- zebra-program"),
]
LIMIT = 30


def typed(argv, setup, text, wanted, env):
    """True when a shell at a terminal turns the text and a tab into `wanted`."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(argv[0], argv, env)
    seen = ""

    def until(mark):
        nonlocal seen
        end = time.monotonic() + LIMIT
        while mark not in seen and time.monotonic() < end:
            if not select.select([terminal], [], [], 0.2)[0]:
                continue
            try:
                seen += os.read(terminal, 65536).decode(errors="replace").replace("\a", "")
            except OSError:
                break
        return mark in seen

    os.write(terminal, (setup + "\necho rea''dy\n").encode())
    found = until("ready\r\n")
    seen = ""
    os.write(terminal, (text + "\t").encode())
    found = found and until(wanted)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    os.close(terminal)
    return found or seen


problems = []
with tempfile.TemporaryDirectory() as place:
    for name, body in {"nsrun": "printf 'web  /etc/web.toml\\n     a server\\nzebra-crossing  /z.toml\\n'", "zebra-program": ":"}.items():
        program = pathlib.Path(place, name)
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)
    env = {"PATH": f"{place}:/usr/bin:/bin", "HOME": place, "TERM": "dumb", "LC_ALL": "C.UTF-8", "COLUMNS": "200"}
    # Where the shells look for running sandboxes; root's own directory is the machine's.
    running = pathlib.Path("/run/nsrun" if os.getuid() == 0 else f"{place}/nsrun")
    env["XDG_RUNTIME_DIR"] = place
    running.mkdir(mode=0o700, exist_ok=True)
    # Locked, as by a running sandbox: any other that starts meanwhile clears stale entries away.
    entry = open(running / "zebra-sandbox", "w")
    fcntl.lockf(entry, fcntl.LOCK_EX)
    os.mkdir(f"{place}/functions")
    shutil.copy("completions/_nsrun", f"{place}/functions/_nsrun")
    for text, wanted in CASES:
        seen = typed(["bash", "--norc", "--noprofile", "-i"], f"bind 'set enable-bracketed-paste off'; PS1='> '; source {ROOT}/completions/nsrun.bash",
                     text, wanted, env)
        if seen is not True:
            problems.append(f"bash: '{text}' became {seen!r}")
        seen = typed(["zsh", "-f", "-i"], f"unsetopt zle_bracketed_paste prompt_sp; unset zle_bracketed_paste; PS1='> '; fpath=({place}/functions $fpath); "
                     "autoload -U compinit; compinit -u -D", text, wanted, env)
        if seen is not True:
            problems.append(f"zsh: '{text}' became {seen!r}")
        # fish says what it would offer; a word may carry its meaning after a tab.
        fish = subprocess.run(["fish", "--no-config", "-c", f"source completions/nsrun.fish; complete -C '{text}'"], env=env,
                              capture_output=True, text=True, timeout=LIMIT)
        offered = [line.split("\t")[0] for line in fish.stdout.splitlines()]
        word = wanted.rsplit(" ", 1)[1]
        if not any(offer.rstrip("/") == word for offer in offered):
            problems.append(f"fish: '{text}' offers {offered[:8]} {fish.stderr[:300]}")

    (running / "zebra-sandbox").unlink()
print("\n".join(problems))
sys.exit(bool(problems))
