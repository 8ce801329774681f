#!/usr/bin/env python3
"""The project speaks of itself: no file names the place where somebody works on it, no link leads out of it or nowhere."""
import pathlib
import re

from tree import ROOT, finish, lines, tracked

BINARY = {".png", ".gz", ".xz", ".bin", ".ico", ".jpg"}
# Directories that every machine has: that a checkout lies there makes them no secret. Nor does it one right below /.
COMMON = {"/var/tmp", "/usr/src", "/usr/local/src"}


def workplaces():
    """Where this checkout lies, when it is not a place that documents may well speak of."""
    parent = ROOT.parent
    if len(parent.parts) <= 2 or str(parent) in COMMON or parent.parts[1] in ("home", "root"):
        return []
    return [str(parent)]


def broken_link(file, target):
    target = target.split("#")[0].split(" ")[0]
    if not target or re.match(r"[a-z]+:", target):
        return None
    path = (ROOT / file.parent / target).resolve()
    if ROOT not in path.parents and path != ROOT:
        return "leads out of the project"
    return None if path.exists() else "leads nowhere"


def main():
    problems, checked = [], 0
    patterns = [re.compile(r"(?<![\w./}])" + re.escape(place) + r"(?![\w-])") for place in workplaces()]
    for file in tracked():
        if file.suffix in BINARY or pathlib.Path("tests/fuzz") in file.parents:
            continue
        checked += 1
        for number, line in enumerate(lines(file), 1):
            for pattern in patterns:
                if pattern.search(line):
                    problems.append(f"{file}:{number}: names a place outside the project: {line.strip()[:80]}")
            if file.suffix == ".md":
                for target in re.findall(r"\]\(([^)]+)\)", line):
                    if why := broken_link(file, target):
                        problems.append(f"{file}:{number}: {target} {why}")
    finish(problems, checked)


main()
