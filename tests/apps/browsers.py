#!/usr/bin/env python3
"""Browsers draw a page under profiles/browser.toml and keep their own sandboxes: browsers.py NSRUN firefox|chromium"""
import os
import sys
import time

from png import Image
from support import Place, descendants, need

WIDTH, HEIGHT = 400, 300
PAGE = """<!doctype html><title>drawn</title>
<body style="margin:0;background:#2060a0">
<div style="position:absolute;left:20px;top:20px;width:100px;height:80px;background:#f0c010"></div>
<canvas id="c" width="100" height="100" style="position:absolute;left:200px;top:40px"></canvas>
<script>
const c = document.getElementById('c').getContext('2d');
c.fillStyle = '#10a040'; c.beginPath(); c.arc(50, 50, 40, 0, 7); c.fill();
</script>
"""
BACKGROUND, RECTANGLE, DISC = (0x20, 0x60, 0xA0), (0xF0, 0xC0, 0x10), (0x10, 0xA0, 0x40)

#: By browser: its command for a screenshot, and what marks the processes that draw pages.
BROWSERS = {
    "firefox": (
        "firefox-esr",
        "--headless --no-remote --screenshot /out/shot.png --window-size={width},{height}",
        "-contentproc",
    ),
    "chromium": (
        "chromium",
        "--headless --disable-gpu --screenshot=/out/shot.png --window-size={width},{height} --virtual-time-budget=4000",
        "--type=renderer",
    ),
}


def facts(pid):
    """The namespaces of a process and the number of its system call filters; nothing when it is gone."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
            status = dict(line.split(":\t", 1) for line in file.read().splitlines() if ":\t" in line)
        spaces = {name: os.readlink(f"/proc/{pid}/ns/{name}") for name in ("user", "net")}
    except OSError:
        return None
    return {"filters": int(status["Seccomp_filters"]), **spaces}


def watch(process, mark, deadline):
    """Follows the processes below until the end; returns the facts of those that draw pages, and nsrun's command's."""
    drawing, outer = {}, None
    while process.poll() is None and time.monotonic() < deadline:
        for pid in descendants(process.pid):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    line = file.read().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if line.startswith("/bin/sh -c"):
                outer = facts(pid) or outer
            if mark in line and "http.server" not in line:
                seen = facts(pid)
                if seen:
                    drawing[pid] = seen
        time.sleep(0.05)
    return drawing, outer


def close_to(seen, wanted):
    return all(abs(a - b) <= 4 for a, b in zip(seen, wanted))


def draws(place, browser):
    program, options, mark = BROWSERS[browser]
    need(program, "python3")
    (place.work / "index.html").write_text(PAGE)
    script = (
        "python3 -m http.server --bind 127.0.0.1 --directory /srv 8000 >/dev/null 2>&1 &"
        "until python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", 8000))' 2>/dev/null; do sleep 0.1; done;"
        f"cat {place.home}/.ssh/id_ed25519 2>/dev/null;"
        f"{program} {options.format(width=WIDTH, height=HEIGHT)} http://127.0.0.1:8000/; status=$?; kill $!; exit $status"
    )
    process = place.start("browser", "--ro", f"{place.work}:/srv", "--rw", f"{place.out}:/out", "/bin/sh", "-c", script)
    drawing, outer = watch(process, mark, time.monotonic() + 150)
    if process.poll() is None:
        process.terminate()
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 0, f"{browser} exited with {process.returncode}:\n{out}"
    assert "a secret" not in out, out

    image = Image(place.out / "shot.png")
    for name, at, color in (
        ("background", (150, 150), BACKGROUND),
        ("rectangle", (70, 60), RECTANGLE),
        ("disc", (250, 90), DISC),
        ("beside the disc", (205, 45), BACKGROUND),
    ):
        assert close_to(image.pixel(*at), color), f"{name} at {at} is {image.pixel(*at)}, not {color}:\n{out}"

    assert outer, "the command was never seen"
    walled = [
        one
        for one in drawing.values()
        if one["user"] != outer["user"] and one["net"] != outer["net"] and one["filters"] > outer["filters"]
    ]
    assert walled, f"no page was drawn in a sandbox of {browser}'s own: {drawing}, around it {outer}\n{out}"


def main():
    with Place(sys.argv[1]) as place:
        draws(place, sys.argv[2])


if __name__ == "__main__":
    main()
