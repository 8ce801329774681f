#!/usr/bin/env python3
"""Files of 350 lines at most, functions of about 50: longer ones are named in lengths.txt, with the reason."""
import re

from tree import allowances, finish, lines, tracked

FILE_LIMIT = 350
FUNCTION_LIMIT = 70  # "about 50": from here on it is no longer about
NOT_A_FUNCTION = re.compile(r"\s*(namespace|struct|class|enum|union|extern|template|inline constexpr|constexpr|const |static const|#|//)")


def functions(text):
    """(line, name, length) of what begins at the margin with '{' and ends there with '}'."""
    begun = None
    for number, line in enumerate(text, 1):
        if begun is None and line.endswith("{") and line[:1] not in (" ", "\t", "}") and "(" in line + text[number - 2]:
            if not NOT_A_FUNCTION.match(line):
                begun = number
        elif line.startswith("}") and begun is not None:
            name = re.search(r"([\w:~]+)\s*\(", text[begun - 1])
            yield begun, name[1] if name else "?", number - begun + 1
            begun = None


def main():
    allowed, problems, checked, used = allowances("lengths.txt"), [], 0, set()
    for file in tracked(".cc", ".h", ".c", ".py", ".cmake"):
        text = lines(file)
        checked += 1
        if len(text) > FILE_LIMIT:
            used.add(str(file))
            if str(file) not in allowed:
                problems.append(f"{file}: {len(text)} lines; {FILE_LIMIT} at most: split it where an 'and' is needed to describe it")
        if file.suffix in (".cc", ".c"):
            for number, name, length in functions(text):
                if length > FUNCTION_LIMIT:
                    used.add(f"{file}:{name}")
                    if f"{file}:{name}" not in allowed:
                        problems.append(f"{file}:{number}: {name} has {length} lines; about 50 is the most that one reads at once")
    for name in sorted(set(allowed) - used):
        problems.append(f"tests/style/lengths.txt: {name} is short now: take it out")
    finish(problems, checked)


main()
