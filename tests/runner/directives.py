# SPDX-License-Identifier: Apache-2.0
"""The directives of a script: `// name: value` lines among the comments at its head."""

import re

# Each with: may it be given more than once?
DIRECTIVES = {"workload": False, "args": False, "flags": False, "exit": False, "pass": False,
              "match": False, "timeout": False, "signal": True, "needs": True, "no-load": False,
              "target": False, "vm": False, "times": False, "together": False,
              "example": True}  # in the library: what tests/examples/run runs


def read(path):
    """The directives of a script as {name: [value]}. The first line must be a comment that says
    what is asserted; raises ValueError for a head that is not in order."""
    lines = path.read_text().splitlines()
    head = 1 if lines and lines[0].startswith("#!") else 0
    first = re.match(r"//\s*(\S+)", lines[head] if head < len(lines) else "")
    if not first or first[1].rstrip(":") in DIRECTIVES:
        raise ValueError("the first line must be a `//` comment that says what is asserted")
    found = {}
    for number, line in enumerate(lines[head + 1:], head + 2):
        match = re.match(r"//\s*([a-z-]+):\s*(.*?)\s*$", line)
        if not line.startswith("//"):
            break
        if not match:
            continue
        name, value = match.groups()
        if name not in DIRECTIVES:
            raise ValueError(f"line {number}: unknown directive `{name}`")
        if name in found and not DIRECTIVES[name]:
            raise ValueError(f"line {number}: `{name}` is given twice")
        if name == "vm" and value != "yes":
            raise ValueError(f"line {number}: `vm` knows only `yes`, not `{value}`")
        found.setdefault(name, []).append(value)
    return found
