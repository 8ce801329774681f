"""What the style tests share: the files of the project, and how a finding is reported."""
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def tracked(*suffixes):
    """The files of the project, relative to it: those that git knows, else (in a release) all that lie there."""
    try:
        listing = subprocess.run(["git", "-c", f"safe.directory={ROOT}", "-C", ROOT, "ls-files", "-co", "--exclude-standard"],
                                 capture_output=True, text=True, check=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        listing = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*")
                   if not path.relative_to(ROOT).parts[0].startswith(("build", "."))]
    files = [pathlib.Path(name) for name in listing]
    return sorted(file for file in files
                  if (ROOT / file).is_file() and (not suffixes or file.suffix in suffixes))


def lines(file):
    return (ROOT / file).read_text(encoding="utf-8", errors="replace").splitlines()


def allowances(name):
    """The lines of an allow-list beside the tests: a word, spaces, and the reason after '#'."""
    allowed = {}
    for line in lines(pathlib.Path("tests/style") / name):
        word, mark, reason = line.partition("#")
        if word.strip() and not (mark and reason.strip()):
            sys.exit(f"tests/style/{name}: {word.strip()} stands there without a reason")
        if word.strip():
            allowed[word.strip()] = reason.strip()
    return allowed


def finish(problems, checked):
    """Prints the problems and ends; a test that looked at nothing has not passed."""
    for problem in problems:
        print(problem)
    if not checked:
        sys.exit("nothing was checked")
    print(f"{checked} checked, {len(problems)} found")
    sys.exit(1 if problems else 0)
