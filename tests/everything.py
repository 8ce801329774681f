#!/usr/bin/env python3
"""Gathers the tests of several build trees into one that ctest runs with one summary.

usage: everything.py --into DIRECTORY --user NAME [--tree WHO BUILD]... [--fuzz BUILD SECONDS] [--vm DIRECTORY]
                     [--without NAME]...

WHO is root (as the caller), user (every test that depends on who runs it, as NAME) or san (what needs no sandbox).
"""
import argparse
import json
import pathlib
import pwd
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Labels that another kind of run adds nothing to: the look of the code does not depend on the user, and the tests of
# real programs become the ordinary user themselves, and what is labelled root needs root.
NOT_AS_USER = {"style", "apps", "bench", "fuzz", "root"}
WITH_SANITIZERS = {"unit", "golden", "property", "fuzz"}  # fuzz: here the corpus alone
FUZZ_LEAST = 5  # seconds for each target, however many there are


def quoted(word):
    return f"[==[{word}]==]"


def text(value):
    if isinstance(value, list):
        return ";".join(map(str, value))
    return {True: "TRUE", False: "FALSE"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def tests_of(who, build):
    """What of a build tree is run so. A part of the tree that nothing of it is wanted from need not be built."""
    listing = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"], capture_output=True, text=True, check=True)
    for test in json.loads(listing.stdout)["tests"]:
        properties = {entry["name"]: entry["value"] for entry in test.get("properties", [])}
        if not wanted(who, set(properties.get("LABELS", []))):
            continue
        if "command" not in test:
            raise SystemExit(f"everything.py: {test['name']} has no program: is {build} built whole?")
        yield test["name"], test["command"], properties


def entry(name, command, properties):
    lines = [f"add_test({quoted(name)} {' '.join(map(quoted, command))})"]
    settings = " ".join(f"{key} {quoted(text(value))}" for key, value in properties.items())
    if settings:
        lines.append(f"set_tests_properties({quoted(name)} PROPERTIES {settings})")
    return lines


def as_user(command, user, environment):
    account = pwd.getpwnam(user)
    return ["/usr/bin/setpriv", f"--reuid={user}", f"--regid={account.pw_gid}", "--init-groups", "--reset-env", "/usr/bin/env",
            "NSRUN_MUST_SANDBOX=1", "LANG=C.UTF-8", "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", *environment, *command]


def wanted(who, labels):
    if who == "user":
        return not labels & NOT_AS_USER
    if who == "san":
        return bool(labels & WITH_SANITIZERS)
    if who == "vm":
        return "sandbox" in labels
    return True


def fuzz_entries(build, seconds):
    """One test a target, its corpus read but never written: what is found is kept in the build tree."""
    targets = sorted(path for path in pathlib.Path(build, "tests/fuzz").glob("fuzz_*") if path.is_file() and path.stat().st_mode & 0o100)
    if not targets and (ROOT / "tests/fuzz").is_dir():
        raise SystemExit(f"everything.py: no fuzz target in {build}/tests/fuzz")
    for target in targets:
        found = pathlib.Path(build, "found", target.name)
        found.mkdir(parents=True, exist_ok=True)
        corpora = [str(path) for path in (ROOT / "tests/fuzz/corpus" / target.name.removeprefix("fuzz_"),) if path.is_dir()]
        each = max(FUZZ_LEAST, seconds // len(targets))
        command = [str(target), f"-max_total_time={each}", "-timeout=10", "-print_final_stats=1",
                   f"-artifact_prefix={found}/", str(found), *corpora]
        yield from entry(f"fuzz:{target.name}", command, {"LABELS": ["fuzz"], "TIMEOUT": each + 120})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--into", required=True)
    parser.add_argument("--user", required=True)
    parser.add_argument("--tree", nargs=2, action="append", default=[])
    parser.add_argument("--fuzz", nargs=2)
    parser.add_argument("--vm")
    parser.add_argument("--without", action="append", default=[])
    options = parser.parse_args()
    lines = []
    for who, build in options.tree:
        for name, command, properties in tests_of(who, build):
            if name in options.without:
                continue
            # Tests of one tree that wait for each other carry the tree's name there too.
            for key in ("DEPENDS", "FIXTURES_SETUP", "FIXTURES_REQUIRED", "FIXTURES_CLEANUP"):
                if key in properties:
                    properties[key] = [f"{who}:{other}" for other in properties[key]]
            if who == "user":  # the environment is made anew: what the test asks for goes in behind
                command = as_user(command, options.user, properties.get("ENVIRONMENT", []))
            lines += entry(f"{who}:{name}", command, properties)
    if options.fuzz:
        lines += fuzz_entries(options.fuzz[0], int(options.fuzz[1]))
    if options.vm:
        release = dict(options.tree)["root"]
        lines += entry("vm", [f"{options.vm}/run", release], {"LABELS": ["vm"], "TIMEOUT": 900})
    into = pathlib.Path(options.into)
    into.mkdir(exist_ok=True)
    (into / "CTestTestfile.cmake").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
