# SPDX-License-Identifier: Apache-2.0
"""What tracing leaves in the kernel: BPF objects, and probes in tracefs."""

import ctypes
import glob
import re

from runner import machine

# Object kind: the command that walks the ids (enum bpf_cmd in <linux/bpf.h>).
NEXT_ID = {"prog": 11, "map": 12, "btf": 23, "link": 31}
EVENT_FILES = ("kprobe_events", "uprobe_events", "dynamic_events")


class IdWalk(ctypes.Structure):
    _fields_ = [("start", ctypes.c_uint32), ("next", ctypes.c_uint32), ("flags", ctypes.c_uint32)]


def all_things():
    """Every BPF object of the system as ("prog", id), every probe that was made in tracefs as
    (file, line)."""
    found = set()
    for kind, command in NEXT_ID.items():
        walk = IdWalk()
        while machine.bpf(command, walk) == 0:
            found.add((kind, walk.next))
            walk.start = walk.next
    for name in EVENT_FILES:
        try:
            with open(f"/sys/kernel/tracing/{name}", encoding="utf-8") as file:
                found |= {(name, line.strip()) for line in file}
        except OSError:
            pass  # a kernel without such probes
    return found


def held_by(process="[0-9]*"):
    """The BPF objects that a process, or any process, has open."""
    found = set()
    for path in glob.glob(f"/proc/{process}/fdinfo/*"):
        try:
            with open(path, encoding="utf-8") as file:
                text = file.read()
        except OSError:
            continue  # closed meanwhile
        found |= {(kind, int(number))
                  for kind, number in re.findall(r"^(prog|map|btf|link)_id:\s*(\d+)", text, re.M)}
    return found
