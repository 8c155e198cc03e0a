# SPDX-License-Identifier: Apache-2.0
"""What the benchmarks share: finding the two tools, running one beside a workload, a table."""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent

# A tracepoint that was let go of a moment ago makes the next attach wait for a grace period.
PAUSE_S = 0.2

# Traced programs, as short Python loops: nothing has to be built, and nothing of a tracer's own
# start is mistaken for an event.
OPENS = "import os, time\nwhile True: os.close(os.open('/dev/null', 0)); time.sleep(0.0002)"
GETPPIDS = "import os\nwhile True: os.getppid()"
# A function that libc has once: of those that it has for several CPUs, probes by name are in
# what chooses one of them.
MEMMEMS = ("import ctypes, time\nmemmem = ctypes.CDLL(None).memmem\n"
           "while True: memmem(b'haystack', 8, b'st', 2); time.sleep(0.0002)")


def parse_options(description, runs):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("patterns", nargs="*", help="only rows whose name holds one of these")
    parser.add_argument("-n", "--runs", type=int, default=runs, metavar="N")
    parser.add_argument("--sonde", default=ROOT / "build/release/src/driver/sonde", metavar="PATH")
    parser.add_argument("--bpftrace", default="bpftrace", metavar="PATH")
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("needs root: both tools load programs into the kernel")
    options.tools = {}
    for name, path in (("bpftrace", options.bpftrace), ("sonde", options.sonde)):
        found = shutil.which(str(path))
        if not found:
            sys.exit(f"{path} is missing: " + ("tools/dev build release" if name == "sonde" else
                                               "apt-get install bpftrace"))
        options.tools[name] = found
    mount_tracefs()
    return options


def mount_tracefs():
    """bpftrace 0.17 needs tracefs mounted. Where it is not, goes on in a mount namespace of its
    own that has it, so that the machine stays as it was."""
    if os.path.exists("/sys/kernel/tracing/events"):
        return
    if os.environ.get("SONDE_BENCH_MOUNTED"):
        subprocess.run(["mount", "-t", "debugfs", "none", "/sys/kernel/debug"], check=False)
        subprocess.run(["mount", "-t", "tracefs", "none", "/sys/kernel/tracing"], check=True)
        return
    os.environ["SONDE_BENCH_MOUNTED"] = "1"
    os.execvp("unshare", ["unshare", "--mount", sys.executable, *sys.argv])


def version(tool):
    text = subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout
    return text.strip().splitlines()[0]


class Workload:
    """A Python program that runs while in the `with` block."""

    def __init__(self, program, cpu=None):
        self.program, self.cpu = program, cpu

    def __enter__(self):
        self.process = subprocess.Popen([sys.executable, "-c", self.program])
        if self.cpu is not None:
            os.sched_setaffinity(self.process.pid, {self.cpu})
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def pause():
    time.sleep(PAUSE_S)


def median(values):
    """The median of what was measured; None where a tool could not do it."""
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def print_table(head, rows):
    cells = [[str(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    for number, row in enumerate(cells):
        first, *rest = (cell.ljust(width) if column == 0 else cell.rjust(width)
                        for column, (cell, width) in enumerate(zip(row, widths)))
        print("| " + " | ".join([first, *rest]) + " |")
        if number == 0:
            print("|" + "|".join("-" * (width + 1) + (":" if column else "-")
                                 for column, width in enumerate(widths)) + "|")
