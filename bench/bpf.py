# SPDX-License-Identifier: Apache-2.0
"""The few bpf(2) calls that the benchmarks need to watch programs from outside, whoever loaded
them. Numbers and layouts: UAPI, include/uapi/linux/bpf.h."""

import ctypes
import os
import platform
import struct

_SYSCALL = {"x86_64": 321, "aarch64": 280}[platform.machine()]
_PROG_LOAD, _PROG_GET_NEXT_ID, _PROG_GET_FD_BY_ID = 5, 11, 13
_OBJ_GET_INFO_BY_FD, _RAW_TRACEPOINT_OPEN, _ENABLE_STATS = 15, 17, 32
_PROG_TYPE_TRACEPOINT, _PROG_TYPE_RAW_TRACEPOINT = 5, 17
_PERF_EVENT_OPEN = {"x86_64": 298, "aarch64": 241}[platform.machine()]
_PERF_TYPE_TRACEPOINT, _PERF_EVENT_IOC_SET_BPF = 2, 0x40042408
_INFO_SIZE, _INFO_RUN_TIME, _INFO_RUN_COUNT = 208, 192, 200  # struct bpf_prog_info

_libc = ctypes.CDLL(None, use_errno=True)


def _bpf(command, attributes):
    buffer = ctypes.create_string_buffer(attributes, 128)
    result = _libc.syscall(_SYSCALL, command, buffer, len(buffer))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result, buffer.raw


def enable_stats():
    """Has the kernel count runs and their time until the descriptor is closed. Linux 5.8."""
    return _bpf(_ENABLE_STATS, struct.pack("I", 0))[0]


def programs_after(last_id):
    """The ids of the programs that were loaded after another."""
    while True:
        try:
            _, answer = _bpf(_PROG_GET_NEXT_ID, struct.pack("II", last_id, 0))
        except FileNotFoundError:
            return
        last_id = struct.unpack_from("I", answer, 4)[0]
        yield last_id


class Watch:
    """Follows the programs that are loaded after it was made."""

    def __init__(self):
        self.last_id = max(programs_after(0), default=0)
        self.fds = {}
        self.info = ctypes.create_string_buffer(_INFO_SIZE)

    def look(self):
        """{program id: (ns spent, runs)} as of now."""
        for number in programs_after(self.last_id):
            self.last_id = number
            try:
                self.fds[number] = _bpf(_PROG_GET_FD_BY_ID, struct.pack("I", number))[0]
            except FileNotFoundError:
                pass  # gone again: a test of what the kernel can do
        return {number: self._stats(fd) for number, fd in self.fds.items()}

    def _stats(self, fd):
        ctypes.memset(self.info, 0, _INFO_SIZE)
        _bpf(_OBJ_GET_INFO_BY_FD,
             struct.pack("IIQ", fd, _INFO_SIZE, ctypes.addressof(self.info)))
        return struct.unpack_from("QQ", self.info, _INFO_RUN_TIME)

    def close(self):
        """Lets go of the programs: the descriptors keep them loaded."""
        for fd in self.fds.values():
            os.close(fd)
        self.fds = {}


def _load_empty(kind):
    instructions = ctypes.create_string_buffer(
        struct.pack("<BBhi", 0xB7, 0, 0, 0) + struct.pack("<BBhi", 0x95, 0, 0, 0), 16)
    licence = ctypes.create_string_buffer(b"GPL")
    return _bpf(_PROG_LOAD, struct.pack("IIQQ", kind, 2, ctypes.addressof(instructions),
                                        ctypes.addressof(licence)))[0]


def attach_empty(tracepoint):
    """Attaches `return 0` to a raw tracepoint: what an empty body costs. Gives the descriptors
    of the program and of its link."""
    name = ctypes.create_string_buffer(tracepoint.encode())
    program = _load_empty(_PROG_TYPE_RAW_TRACEPOINT)
    link, _ = _bpf(_RAW_TRACEPOINT_OPEN, struct.pack("QI", ctypes.addressof(name), program))
    return program, link


def attach_empty_classic(category, event):
    """The same through the perf event of a classic tracepoint."""
    with open(f"/sys/kernel/tracing/events/{category}/{event}/id", encoding="ascii") as file:
        number = int(file.read())
    program = _load_empty(_PROG_TYPE_TRACEPOINT)
    # struct perf_event_attr: type, size, config, sample_period
    attributes = ctypes.create_string_buffer(
        struct.pack("IIQQ", _PERF_TYPE_TRACEPOINT, 112, number, 1), 112)
    event_fd = _libc.syscall(_PERF_EVENT_OPEN, attributes, -1, 0, -1, 8)
    if event_fd < 0 or _libc.ioctl(event_fd, _PERF_EVENT_IOC_SET_BPF, program) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return event_fd, program
