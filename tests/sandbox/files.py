#!/usr/bin/env python3
"""Files of a sandbox: a tmpfs that is full, owners that are mapped, a private home that two start at the same time."""
import ctypes
import os
import struct
import subprocess

from runs import Answers, Place, case, case_of_root, equal, main


@case
def full():
    """a tmpfs holds what its size says and not a page more, and its neighbours are not touched"""
    profile = '[[mount]]\ntype = "tmpfs"\ntarget = "/small"\nsize = "1M"\nmode = "1777"\n'
    profile += '[[mount]]\ntype = "tmpfs"\ntarget = "/large"\nsize = "3M"\nmode = "1777"\n'
    with Place() as place:
        inside = place.run(profile, "fill", "/small/file", "fill", "/large/file", "fill", "/small/other", "write", "/tmp/file")
        equal(inside.get("size /small/file"), str(1 << 20), inside.output)
        equal(inside["fill /small/file"], f"{1 << 20} errno 28")
        equal(inside["fill /large/file"], f"{3 << 20} errno 28")
        equal(inside["fill /small/other"], "0 errno 28")
        equal(inside["write /tmp/file"], "ok")


def without_open_tree_attr():
    """Makes this process's kernel one from before Linux 6.15, by a filter."""
    load, equals, answer = 0x20, 0x15, 0x06
    program = [(load, 0, 0, 0), (equals, 0, 1, 467), (answer, 0, 0, 0x50000 | 38), (answer, 0, 0, 0x7FFF0000)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in program))
    filter_ = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program), ctypes.addressof(code)))
    libc = ctypes.CDLL(None)
    assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, filter_, 0, 0) == 0


@case
def binds_of_one_directory():
    """binds whose sources lie in one directory are what each row says, on older kernels, too"""
    accesses = {"one": "read-only", "two": "read-write", "three": "read-only", "four": "read-write"}
    for kernel in (None, without_open_tree_attr):
        with Place() as place, Place("/var/tmp") as data:
            profile, words = "", []
            for name, access in accesses.items():
                (data.path / name).mkdir()
                (data.path / name / name).write_text(name)
                profile += f'[[mount]]\nsource = "{data.path}/{name}"\ntarget = "/data/{name}"\naccess = "{access}"\n'
                words += ["path", f"/data/{name}", "read", f"/data/{name}/{name}"]
            inside = place.run(profile, *words, preexec_fn=kernel)
            for name, access in accesses.items():
                equal(inside.get(f"read /data/{name}/{name}"), name, inside.output)
                equal(inside[f"path /data/{name}"], "ro,nosuid,nodev" if access == "read-only" else "nosuid,nodev")


@case_of_root
def owner_map():
    """with owner-map files keep their owners inside, though the ids are shifted, and what is made there is kept so"""
    ids = '[ids]\nmap = "explicit"\nuid = 0\ngid = 0\n'
    for kind in ("uid", "gid"):
        ids += f"{kind}-map = [{{inside = 0, outside = 300000, count = 2000}}]\n"
    mount = '[[mount]]\ntype = "bind"\nsource = "%s"\ntarget = "/data"\naccess = "read-write"\n'
    # Not every file system maps owners: /run is a tmpfs, which learnt it with Linux 6.3.
    with Place() as place, Place("/var/tmp") as data:
        for owner in (0, 1234, 5000):
            path = data.path / str(owner)
            path.write_text("")
            os.chown(path, owner, owner)
        words = [word for owner in (0, 1234, 5000) for word in ("stat", f"/data/{owner}")] + ["write", "/data/new"]
        plain = place.run(ids + mount % data.path, *words)
        for owner in (0, 1234, 5000):
            equal(plain.get(f"stat /data/{owner}"), "33188 65534 65534", plain.output)
        equal(plain["write /data/new"], "errno 13")
        mapped = place.run(ids + mount % data.path + "owner-map = true\n", *words)
        equal(mapped.get("stat /data/0"), "33188 0 0", mapped.output)
        equal(mapped["stat /data/1234"], "33188 1234 1234")
        equal(mapped["stat /data/5000"], "33188 65534 65534")  # beyond the range
        equal(mapped["write /data/new"], "ok")
        new = (data.path / "new").stat()
        equal((new.st_uid, new.st_gid), (0, 0))


@case
def first_starts():
    """sandboxes of one profile that start for the first time, and at the same time, all start"""
    profile = 'name = "twin"\n[filesystem]\nhome = "private"\nrw = ["~/shown"]\nro = ["~/.config/deep/file"]\n'
    for _ in range(5):
        with Place() as place:
            home = place.path / "home"
            (home / "shown").mkdir(parents=True)
            (home / ".config/deep").mkdir(parents=True)
            (home / ".config/deep/file").write_text("the host's")
            environment = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
            command = place.command(profile, "write", home / "shown/mark", "read", home / ".config/deep/file", "write", home / "own")
            running = [
                subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(6)
            ]
            for process in running:
                output, _ = process.communicate(timeout=60)
                equal(process.returncode, 0, output)
                inside = Answers(output)
                equal(inside.get(f"write {home}/own"), "ok", output)
                equal(inside[f"read {home}/.config/deep/file"], "the host's")
            assert (home / "shown/mark").exists() and not (home / "own").exists()


if __name__ == "__main__":
    main()
