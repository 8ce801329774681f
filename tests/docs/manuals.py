"""The manual pages are right to mandoc and to groff, and hold every key, option and code."""
import json
import re
import subprocess
import sys

problems = []
for page in ("man/nsrun.1", "man/nsrun.toml.5"):
    lint = subprocess.run(["mandoc", "-Tlint", "-Wwarning", page], capture_output=True, text=True)
    problems += (lint.stdout + lint.stderr).splitlines()
    groff = subprocess.run(["man", "--warnings", "-l", page], capture_output=True, text=True, env={"MANWIDTH": "80", "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})
    problems += groff.stderr.splitlines()
    if re.search(r"@[A-Z]+@", groff.stdout):
        problems.append(f"{page}: a placeholder is left")
    if len(groff.stdout) < 3000:
        problems.append(f"{page}: nearly empty")

page = open("man/nsrun.toml.5").read().replace("\\-", "-")
for name, key in json.load(open("profiles/nsrun.schema.json"))["properties"].items():
    table = key.get("items", key)
    for inner in [name] if "properties" not in table else table["properties"]:
        if f".B {inner}\n" not in page:
            problems.append(f"man/nsrun.toml.5: no entry for {name}, {inner}")
page = open("man/nsrun.1").read().replace("\\-", "-")
for code in ("unknown-key", "needs-namespace", "step-failed"):
    if f".B {code}\n" not in page:
        problems.append(f"man/nsrun.1: no entry for {code}")
print("\n".join(problems))
sys.exit(bool(problems))
