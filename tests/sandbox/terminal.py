#!/usr/bin/env python3
"""Job control of nsrun below an interactive shell, on a terminal of its own."""
import os
import pty
import select
import sys
import time

nsrun = sys.argv[1]


def expect(terminal, wanted, seconds=10.0):
    """Reads until `wanted` appears; answers whether it did, and all that was read."""
    text, end = "", time.monotonic() + seconds
    while time.monotonic() < end and wanted not in text:
        if select.select([terminal], [], [], 0.1)[0]:
            text += os.read(terminal, 4096).decode(errors="replace")
    return wanted in text, text


shell, terminal = pty.fork()
if shell == 0:
    os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
steps = [
    # What is typed, and what must be seen. Words are split so that the echo of what was typed is not taken for it.
    ("PS1='$ '; before=$(stty -g); echo rea''dy\n", "ready"),
    (f"{nsrun} --set process.tty=inherit -- sh -c 'echo be''gun; sleep 60'\n", "begun"),
    ("\x1a", "Stopped"),
    ("fg; echo status=$?.\n", "sleep 60'"),
    ("\x03", "status=130."),
    (f"{nsrun} --set process.tty=inherit -- sh -c 'stty rows 31 cols 77; stty size'\n", "31 77"),
    ("test \"$before\" = \"$(stty -g)\" && echo sa''me\n", "same"),
    (f"{nsrun} --set process.tty=none -- sh -c '(: </dev/tty) 2>/dev/null || echo no''ne'\n", "none"),
]
failed = False
for typed, wanted in steps:
    os.write(terminal, typed.encode())
    seen, text = expect(terminal, wanted)
    if not seen:
        print(f"after {typed!r}, {wanted!r} was not seen in:\n{text}")
        failed = True
        break
    time.sleep(0.3)
os.close(terminal)
os.waitpid(shell, 0)
sys.exit(failed)
