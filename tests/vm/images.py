# SPDX-License-Identifier: Apache-2.0
"""Scripts that are compiled here for a guest's kernel, so that the guest only has to load them:
its emulated processor would compile for a second or two each."""

import os
import pathlib
import re
import shlex
import subprocess

from runner import directives, machine

TESTS = pathlib.Path(__file__).resolve().parent.parent
OFFERED = {"root", "bpf", "btf", "kprobes", "uprobes"}  # by every guest


def script_of(name):
    """The script of a test `load/…` or `killed/…`."""
    inside = name.removeprefix("load/")
    root = TESTS.parent if inside.startswith("examples/") else TESTS
    return root / f"{inside}.bt"


def can_be_made(name):
    """A snapshot of a kernel holds nothing of programs."""
    if not name.startswith(("load/", "killed/")):
        return False
    return not re.search(r"^//\s*needs:.*\b(uprobes|program)\b", script_of(name).read_text(), re.M)


class Compiler:
    """Compiles tests `load/…` and `killed/…` for a snapshot into a folder."""

    def __init__(self, sonde, workloads, snapshot, release, folder):
        self.sonde, self.workloads = sonde, workloads
        self.snapshot, self.release, self.folder = snapshot, release, folder
        path = f"{sonde.parent}:{workloads}:{os.environ.get('PATH', '')}"
        self.environment = {**os.environ, "PATH": path, "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}

    def compile(self, name):
        """("PASS", "") when there is an image now, else why not: ("FAIL" or "SKIP", reason)."""
        script = script_of(name)
        try:
            found = directives.read(script)
        except ValueError as problem:
            return "FAIL", str(problem)
        if "no-load" in found:
            return "SKIP", found["no-load"][0]
        for need in set(" ".join(found.get("needs", [])).split()) - OFFERED:
            if reason := machine.lacks(need, self.environment["PATH"], self.release):
                return "SKIP", reason
        image = self.folder / name
        image.parent.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [self.sonde, "--target", self.snapshot, "--emit", "image", "-o", image,
             *self.words(found, "flags"), os.path.relpath(script, TESTS),
             *self.words(found, "args")],
            cwd=TESTS, env=self.environment, stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            return "FAIL", f"is not compiled for this kernel:\n{done.stdout}"
        return "PASS", ""

    def words(self, found, directive):
        text = " ".join(found.get(directive, []))
        return shlex.split(text.replace("{workloads}", str(self.workloads)))
