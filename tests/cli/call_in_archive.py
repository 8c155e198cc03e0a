# SPDX-License-Identifier: Apache-2.0
"""call_in_archive.py ARCHIVE PROGRAM FUNCTION N: makes an archive that holds a program without
compression, as `bin/program` behind another member, unless there is one; else calls the function
of it where it lies in the archive N times, with the numbers from 1."""

import ctypes
import mmap
import os
import struct
import subprocess
import sys
import zipfile


def make(archive, program):
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("first", "not a program", zipfile.ZIP_DEFLATED)
        file.write(program, "bin/program")
        file.write(program, "bin/packed", zipfile.ZIP_DEFLATED)


def offset_in_program(program, name):
    """Of the function's code in the file, through the loadable segments."""
    symbols = subprocess.run(["nm", program], capture_output=True, text=True, check=True).stdout
    address = next(int(line.split()[0], 16) for line in symbols.splitlines()
                   if line.endswith(" " + name))
    with open(program, "rb") as file:
        data = file.read()
    start, size, count = (struct.unpack_from("<Q", data, 32)[0],
                          *struct.unpack_from("<HH", data, 54))
    for header in range(start, start + size * count, size):
        kind, _, offset, place, _, in_file = struct.unpack_from("<IIQQQQ", data, header)
        if kind == 1 and place <= address < place + in_file:
            return offset + address - place
    raise ValueError(name)


def call(archive, program, name, count):
    with zipfile.ZipFile(archive) as file:
        member = file.getinfo("bin/program").header_offset
    with open(archive, "rb") as file:
        head = file.read()[member:member + 30]
        names = sum(struct.unpack_from("<HH", head, 26))
        libc = ctypes.CDLL(None)
        libc.mmap.restype = ctypes.c_void_p
        base = libc.mmap(None, ctypes.c_size_t(os.path.getsize(archive)),
                         mmap.PROT_READ | mmap.PROT_EXEC, mmap.MAP_PRIVATE, file.fileno(),
                         ctypes.c_long(0))
    address = base + member + 30 + names + offset_in_program(program, name)
    function = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_char_p)(address)
    for i in range(1, count + 1):
        function(i, b"text")


ARCHIVE, PROGRAM, FUNCTION, COUNT = sys.argv[1:]
if os.path.exists(ARCHIVE):
    call(ARCHIVE, PROGRAM, FUNCTION, int(COUNT))
else:
    make(ARCHIVE, PROGRAM)
