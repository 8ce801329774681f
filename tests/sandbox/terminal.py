#!/usr/bin/env python3
"""Job control of nsrun below an interactive shell, and of an interactive shell inside, on a terminal of its own."""
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time

from runs import NSRUN, case, main

# Words are split so that the echo of what was typed is not taken for what was said.
BEGIN = ("PS1='$ '; before=$(stty -g); echo rea''dy\n", "ready")
SAME = ("test \"$before\" = \"$(stty -g)\" && echo sa''me\n", "same")
INNER = f"{NSRUN} --hostname inner -- bash --norc --noprofile -i\n"


def resized(rows, columns):
    """The terminal's window changes, as a terminal emulator does it."""
    return lambda terminal: fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def kill_nsrun(terminal):
    """The shell outside leads the session; nsrun is its child."""
    session = struct.unpack("i", fcntl.ioctl(terminal, 0x5429, b"\0" * 4))[0]  # TIOCGSID, which Python does not name
    with open(f"/proc/{session}/task/{session}/children") as children:
        os.kill(int(children.read().split()[0]), signal.SIGKILL)


def expect(terminal, wanted, seconds=10.0):
    """Reads until `wanted` appears; answers whether it did, and all that was read."""
    text, end = "", time.monotonic() + seconds
    while time.monotonic() < end and wanted not in text:
        if select.select([terminal], [], [], 0.1)[0]:
            text += os.read(terminal, 4096).decode(errors="replace")
    return wanted in text, text


def walk(*steps):
    """What is typed into an interactive shell, or done with its terminal, and what must then be seen."""
    shell, terminal = pty.fork()
    if shell == 0:
        os.environ["TERM"] = "dumb"
        os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
    try:
        for typed, wanted in steps:
            typed(terminal) if callable(typed) else os.write(terminal, typed.encode())
            seen, text = expect(terminal, wanted)
            assert seen, f"after {typed!r}, {wanted!r} was not seen in:\n{text}"
            time.sleep(0.2)
    finally:
        os.close(terminal)
        os.kill(shell, signal.SIGHUP)
        os.waitpid(shell, 0)


@case
def below_a_shell():
    """^Z stops a sandbox, fg goes on with it, ^C ends it; what it does to the terminal's modes is done"""
    walk(
        BEGIN,
        (f"{NSRUN} --set process.tty=inherit -- sh -c 'echo be''gun; sleep 60'\n", "begun"),
        ("\x1a", "Stopped"),
        ("fg; echo status=$?.\n", "sleep 60'"),
        ("\x03", "status=130."),
        (f"{NSRUN} --set process.tty=inherit -- sh -c 'stty rows 31 cols 77; stty size'\n", "31 77"),
        SAME,
        # A time limit holds: what would be stopped goes on.
        (f"{NSRUN} --set process.tty=inherit --set limits.time=5s -- sh -c 'kill -STOP $$; echo went-o''n'\n", "went-on"),
        (f"{NSRUN} --set process.tty=none -- sh -c '(: </dev/tty) 2>/dev/null || echo no''ne'\n", "none"),
    )


@case
def shell_inside():
    """a shell inside has jobs of its own: ^Z, fg and ^C are theirs, and its end gives the terminal back as it was"""
    walk(
        BEGIN,
        (INNER, "bash-"),
        ("PS1='in''side> '; hostname\n", "inner"),
        ("sh -c 'echo be''gun; sleep 60'\n", "begun"),
        ("\x1a", "Stopped"),
        ("jobs\n", "Stopped"),
        ("fg\n", "sleep 60'"),
        ("\x03", "inside> "),
        ("echo status=$?.\n", "status=130."),
        ("exit 5\n", "exit"),
        ("echo status=$?.\n", "status=5."),
        SAME,
    )


@case
def window():
    """a window that changes its size tells the shell inside, and the program that it runs"""
    walk(
        BEGIN,
        (INNER, "bash-"),
        (resized(41, 99), ""),
        ("stty size\n", "41 99"),
        ("sh -c 'trap \"stty size\" WINCH; echo be''gun; while :; do sleep 0.1; done'\n", "begun"),
        (resized(17, 63), "17 63"),
        ("\x03", ""),
        ("exit\n", "exit"),
        ("stty size\n", "17 63"),
        SAME,
    )


@case
def suspended_shell():
    """a shell inside that suspends itself gives the terminal to the one outside, and takes it again with fg"""
    walk(
        BEGIN,
        (INNER, "bash-"),
        ("PS1='in''side> '\n", "inside> "),
        ("suspend -f\n", "Stopped"),
        ("hostname >/dev/null; echo out''side\n", "outside"),
        ("fg\n", "bash --norc"),
        ("\n", "inside> "),
        ("hostname\n", "inner"),
        ("exit 3\n", "exit"),
        ("echo status=$?.\n", "status=3."),
        SAME,
    )


@case
def killed_shell():
    """when nsrun is killed the shell outside has its terminal back, as it was"""
    walk(
        BEGIN,
        (INNER, "bash-"),
        ("PS1='in''side> '; echo re''ady\n", "ready"),
        ("exec sh -c 'stty -echo raw; echo ra''w; sleep 60'\n", "raw"),
        (kill_nsrun, "Killed"),
        ("echo he''re\n", "here"),
        SAME,
    )


if __name__ == "__main__":
    main()
