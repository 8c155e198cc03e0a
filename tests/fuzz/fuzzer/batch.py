# SPDX-License-Identifier: Apache-2.0
"""Runs programs with sonde, many in one script, and says which of them differ."""

import dataclasses
import os
import subprocess

HEAD = "config = { print_maps_on_exit = false }\n"


@dataclasses.dataclass
class Case:
    number: int
    program: object
    expected: list

    def text(self):
        return f'begin {{ printf("#{self.number}\\n"); }}\n{self.program}'


@dataclasses.dataclass
class Difference:
    case: Case
    got: list  # None: no output at all
    messages: str


def run(sonde, cases, timeout=120):
    """The lines of each case by its number, the exit status and the messages."""
    script = HEAD + "".join(case.text() for case in cases) + 'begin { printf("#end\\n"); }\n'
    command = [sonde, "-q", "--no-warnings", "-B", "full", "-"]
    try:
        done = subprocess.run(command, input=script.encode(), capture_output=True, timeout=timeout,
                              env={**os.environ, "LC_ALL": "C.UTF-8", "NO_COLOR": "1"})
    except subprocess.TimeoutExpired:
        return {}, None, f"still running after {timeout} s"
    parts, current = {}, []
    for line in done.stdout.decode(errors="replace").split("\n"):
        if line.startswith("#"):
            current = parts.setdefault(line[1:], [])
        else:
            current.append(line)
    complete = done.returncode == 0 and "end" in parts
    return parts if complete else {}, done.returncode, done.stderr.decode(errors="replace")


def differences(sonde, cases, timeout=120):
    """Runs them; where a script of several fails, its halves show which of them made it fail."""
    parts, status, messages = run(sonde, cases, timeout)
    if not parts and len(cases) > 1:
        middle = len(cases) // 2
        return [*differences(sonde, cases[:middle], timeout),
                *differences(sonde, cases[middle:], timeout)]
    if not parts:
        return [Difference(cases[0], None, f"status {status}\n{messages}")]
    return [Difference(case, parts.get(str(case.number)), messages) for case in cases
            if parts.get(str(case.number)) != case.expected]
