#!/usr/bin/env python3
"""Runs transcripts of the command line and compares all that is printed.

A transcript is a text of commands and of what they print:

    A misspelt option is answered with the nearest.
      $ nsrun --porfile x
      2> nsrun: unknown option '--porfile'
      2>   help: did you mean '--profile'?
      [2]

Indented lines that begin with "$ " are given to a shell, with the "> " lines below them; the other indented lines are
the standard output, "2> " the standard error, "~" an empty line of either, "[N]" the status when it is not 0. The rest
is prose. A transcript runs
in an empty directory of its own, which is also its home and is printed as $DIR. NSRUN_ACCEPT=1 rewrites transcripts to
what was seen.

    run.py NSRUN TRANSCRIPT...
"""
import difflib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile


def commands(text):
    """Splits a transcript into prose lines (str) and commands (list of lines)."""
    out, block = [], None
    for line in text.splitlines():
        if line.startswith("  $ "):
            block = [line[4:]]
            out.append(block)
        elif block is not None and line.startswith("  > "):
            block.append(line[4:])
        elif block is not None and line.startswith("  "):
            continue
        else:
            block = None
            out.append(line)
    return out


#: Root is nobody here: what an ordinary user sees is what is compared. A transcript called root_* is root's.
WHO = {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}


def run(command, directory, nsrun, profiles, who):
    environment = {
        "PATH": f"{nsrun.parent}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
        "HOME": directory,
        "LANG": "C.UTF-8",
        "PROFILES": str(profiles),
    }
    done = subprocess.run(
        ["/bin/sh", "-c", "\n".join(command)],
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        **who,
    )
    seen = []
    for prefix, stream in (("", done.stdout), ("2> ", done.stderr)):
        text = stream.decode("utf-8", "backslashreplace")
        text = text.replace(str(profiles), "$PROFILES").replace(directory, "$DIR")
        seen += [f"  {prefix}{line or '~'}" for line in text.splitlines()]
    if done.returncode != 0:
        seen.append(f"  [{done.returncode}]")
    return seen


def transcript(path, nsrun, profiles):
    """Runs one transcript; returns what it says and what was seen."""
    said = path.read_text()
    seen = []
    who = {} if path.name.startswith("root_") else WHO
    with tempfile.TemporaryDirectory(prefix="nsrun-cli-") as directory:
        if who:
            os.chown(directory, who["user"], who["group"])
        for item in commands(said):
            if isinstance(item, str):
                seen.append(item)
                continue
            seen.append(f"  $ {item[0]}")
            seen += [f"  > {line}" for line in item[1:]]
            seen += run(item, directory, nsrun, profiles, who)
    return said, "\n".join(seen) + "\n"


def main():
    if os.getuid() != 0 and all(pathlib.Path(name).name.startswith("root_") for name in sys.argv[2:]):
        print("skipped: this is about root")
        return 77
    with tempfile.TemporaryDirectory(prefix="nsrun-cli-bin-") as readable:
        os.chmod(readable, 0o755)
        nsrun = pathlib.Path(shutil.copy(sys.argv[1], pathlib.Path(readable) / "nsrun"))
        profiles = pathlib.Path(__file__).resolve().parents[2] / "profiles"
        profiles = pathlib.Path(shutil.copytree(profiles, pathlib.Path(readable) / "profiles"))
        return compare(nsrun, profiles)


def compare(nsrun, profiles):
    failed = 0
    for name in sys.argv[2:]:
        path = pathlib.Path(name)
        said, seen = transcript(path, nsrun, profiles)
        if said == seen:
            continue
        if os.environ.get("NSRUN_ACCEPT") == "1":
            path.write_text(seen)
            continue
        failed += 1
        sys.stdout.writelines(
            difflib.unified_diff(said.splitlines(True), seen.splitlines(True), f"{path.name}: said", f"{path.name}: seen")
        )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
