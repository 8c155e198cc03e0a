# SPDX-License-Identifier: Apache-2.0
"""What this machine offers, for the tests that need more than a compiler."""

import ctypes
import errno
import functools
import os
import platform
import re
import shutil
import struct

from runner import json_schema

# What a kernel may be built without, and where it shows.
FILES = {
    "btf": "/sys/kernel/btf/vmlinux",
    "counters": "/sys/bus/event_source/devices/cpu",
    "kprobes": "/sys/bus/event_source/devices/kprobe",
    "uprobes": "/sys/bus/event_source/devices/uprobe",
}

# What even a kernel that has BPF may refuse; tests of it also run on other kernels (tests/vm).
NOT_EVERYWHERE = {"kprobes", "kernel_variables", "user_writes"}


def lacks(need, path, release=platform.release()):
    """Why a word of a `needs` directive is not met here, or "". Raises ValueError for a word that
    means nothing. Programs are looked for in `path`; `release` is the kernel's."""
    name, _, value = need.partition("=")
    kernel = re.fullmatch(r"kernel>=(\d+)\.(\d+)", need)
    if kernel:
        version = tuple(int(part) for part in re.findall(r"\d+", release)[:2])
        met = version >= (int(kernel[1]), int(kernel[2]))
        return "" if met else f"needs {need}, this is {release}"
    if name == "program":
        return "" if shutil.which(value, path=path) else f"needs the program {value}"
    if need == "root":
        return "" if os.geteuid() == 0 else "needs root"
    if need == "bpf":
        return bpf_error() and f"needs BPF: {bpf_error()}"
    if need == "libclang":
        return "" if has_libclang() else "needs libclang (on Debian: libclang1-19)"
    if need == "libdw":
        return "" if can_open(["libdw.so.1"]) else "needs libdw (on Debian: libdw1)"
    if need == "jsonschema":
        return "" if json_schema.is_there() else "needs python3-jsonschema"
    if need == "bpffs":
        return "" if os.path.ismount("/sys/fs/bpf") else "needs a BPF file system at /sys/fs/bpf"
    if need == "kernel_variables":
        return "" if names_variables() else "needs the kernel's variables in /proc/kallsyms"
    if need == "user_writes":
        return "" if may_write_user() else "needs a kernel that lets programs write to processes"
    if need in FILES:
        return "" if os.path.exists(FILES[need]) else f"needs {need} ({FILES[need]} is missing)"
    raise ValueError(f"unknown need `{need}`")


@functools.cache
def has_libclang():
    """Whether a version that sonde takes can be opened, under one of its names."""
    names = ["libclang.so.13", "libclang.so"]
    for version in range(14, 23):
        names += [f"libclang-{version}.so.{version}", f"libclang-{version}.so.1",
                  f"libclang.so.{version}"]
    return can_open(names)


def can_open(libraries):
    for name in libraries:
        try:
            ctypes.CDLL(name)
            return True
        except OSError:
            pass
    return False


@functools.cache
def names_variables():
    """CONFIG_KALLSYMS_ALL: without it the kernel finds no variable by its name."""
    with open("/proc/kallsyms") as symbols:
        return any(line.endswith(" __per_cpu_offset\n") for line in symbols)


@functools.cache
def may_write_user():
    """Not where the kernel is locked down (LOCKDOWN_BPF_WRITE_USER). Asked by a program that the
    verifier refuses in any case; its log tells why."""
    load_program, probe_write_user, type_of_kprobes = 5, 36, 2
    program = struct.pack("<QQ", 0x85 | probe_write_user << 32, 0x95)
    log = ctypes.create_string_buffer(4096)
    texts = [ctypes.create_string_buffer(text) for text in (program, b"GPL")]
    addresses = [ctypes.addressof(text) for text in (*texts, log)]
    attributes = struct.pack("<IIQQIIQ80x", type_of_kprobes, 2, *addresses[:2], 1, len(log),
                             addresses[2])
    bpf(load_program, ctypes.create_string_buffer(attributes, len(attributes)))
    return bool(log.value) and b"cannot use helper" not in log.value and \
        b"unknown func" not in log.value


@functools.cache
def bpf_error():
    """Tries to make the smallest BPF map; "" when the kernel lets us, else its answer."""
    if platform.machine() not in BPF_SYSCALL:
        return f"not known on {platform.machine()}"
    make_map = 0
    array_map = (ctypes.c_uint32 * 32)(2, 4, 4, 1)  # type, key size, value size, entries
    fd = bpf(make_map, array_map)
    if fd < 0:
        return f"bpf() says {errno.errorcode.get(ctypes.get_errno(), '?')}"
    os.close(fd)
    return ""


BPF_SYSCALL = {"x86_64": 321, "aarch64": 280}
LIBC = ctypes.CDLL(None, use_errno=True)


def bpf(command, attributes):
    """The system call; `attributes` is changed by it."""
    return LIBC.syscall(BPF_SYSCALL[platform.machine()], command, ctypes.byref(attributes),
                        ctypes.sizeof(attributes))
