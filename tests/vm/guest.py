# SPDX-License-Identifier: Apache-2.0
"""A small virtual machine that runs one command on another kernel. It sees this machine's files,
read-only below a layer of its own, and hands on the command's output and exit status."""

import collections
import ctypes
import os
import pathlib
import selectors
import shlex
import shutil
import signal
import socket
import subprocess
import time

from kernels import Unavailable

HERE = pathlib.Path(__file__).resolve().parent
TIMED_OUT, GUEST_FAILED = 124, 125

QEMU = "qemu-system-x86_64"
VIRTIOFSD = "/usr/lib/qemu/virtiofsd"
BUSYBOX = "/bin/busybox"

# `lpj` saves the calibration of the second CPU; `rcu_expedited` halves attaching and detaching.
# What a kernel can go on after, wrongly, ends it here.
KERNEL_ARGUMENTS = ("console=ttyS0 loglevel=5 panic=-1 oops=panic panic_on_warn=1 tsc=reliable no_timer_check lpj=10400000 "
                    "cryptomgr.notests rcupdate.rcu_expedited=1")
MEMORY = "1024M"


# --- the initramfs ------------------------------------------------------------------------

class Archive:
    """A cpio archive in the form `newc`, as the kernel unpacks it."""

    def __init__(self):
        self.parts, self.count = [], 0

    def add(self, name, mode, data=b""):
        self.count += 1
        fields = [self.count, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
        header = b"070701" + b"".join(b"%08x" % field for field in fields) + name.encode() + b"\0"
        self.parts += [header, bytes(-len(header) % 4), data, bytes(-len(data) % 4)]

    def folder(self, name):
        self.add(name, 0o040755)

    def file(self, name, data):
        self.add(name, 0o100755, data)

    def link(self, name, to):
        self.add(name, 0o120777, to.encode())

    def bytes(self):
        self.add("TRAILER!!!", 0)
        return b"".join(self.parts)


def initramfs(kernel, command):
    archive = Archive()
    for name in ("bin", "dev", "proc", "sys", "lower", "layer", "new", "modules"):
        archive.folder(name)
    archive.file("bin/busybox", pathlib.Path(BUSYBOX).read_bytes())
    # Before /proc is there, and after it was moved, busybox cannot start itself by another name.
    for name in ("sh", "mount", "umount", "switch_root", "insmod", "cat", "mkdir", "cp"):
        archive.link(f"bin/{name}", "busybox")
    for path in kernel.boot_modules:
        archive.file(f"modules/{path.name}", path.read_bytes())
    names = "".join(f"{path.name}\n" for path in kernel.boot_modules)
    archive.file("modules/order", names.encode())
    archive.file("modules.path", str(kernel.modules).encode())
    archive.file("init", (HERE / "init").read_bytes())
    archive.file("stage2", (HERE / "stage2").read_bytes())
    environment = {name: os.environ.get(name, "") for name in ("PATH", "HOME", "LANG", "LC_ALL")}
    lines = [f"export {name}={shlex.quote(value)}" for name, value in environment.items() if value]
    lines += [f"cd {shlex.quote(os.getcwd())}", f"exec {shlex.join(command)}"]
    archive.file("command", "\n".join(lines).encode() + b"\n")
    return archive.bytes()


# --- the machine --------------------------------------------------------------------------

LIBC = ctypes.CDLL(None)


def die_with_parent():
    set_death_signal = 1  # PR_SET_PDEATHSIG
    LIBC.prctl(set_death_signal, signal.SIGKILL)


class Guest:
    """A running virtual machine. Its ports are sockets: kernel messages, control, out, err."""

    def __init__(self, kernel, command):
        self.processes, self.words = [], None
        pairs = {name: socket.socketpair() for name in ("kmsg", "ctl", "out", "err")}
        self.ports = {name: pair[0] for name, pair in pairs.items()}
        files = self.share_root()
        archive = os.memfd_create("initramfs")
        data = initramfs(kernel, command)
        while data:
            data = data[os.write(archive, data):]
        inherited = {name: pair[1].fileno() for name, pair in pairs.items()}
        inherited.update(fs=files.fileno(), archive=archive)
        self.start([QEMU, *machine(kernel, inherited)], inherited.values())
        for _, theirs in pairs.values():
            theirs.close()
        files.close()
        os.close(archive)

    def share_root(self):
        """Starts the server of this machine's files; the socket by which QEMU talks to it."""
        listening = socket.socket(socket.AF_UNIX)
        listening.bind("")  # the kernel finds a name that is free
        listening.listen(1)
        client = socket.socket(socket.AF_UNIX)
        client.connect(listening.getsockname())
        fd = listening.fileno()
        self.start([VIRTIOFSD, "-f", "-o", "source=/", "-o", "cache=always", "-o",
                    "sandbox=chroot", "-o", "xattr", "-o", "log_level=err", f"--fd={fd}"], [fd])
        listening.close()
        return client

    def start(self, command, fds):
        self.processes.append(subprocess.Popen(
            command, pass_fds=list(fds), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, preexec_fn=die_with_parent))

    def kill(self):
        for process in self.processes:
            process.kill()
            process.wait()

    def said(self):
        """The last that QEMU or its helper has said, if anything. Once they were killed."""
        if self.words is None:
            self.words = b"".join(process.stderr.read() for process in self.processes)
        lines = self.words.decode(errors="replace").split("\n")
        return "".join(f": {line}" for line in filter(None, lines[-2:]))


def machine(kernel, fds):
    def port(name, number):
        return ["-chardev", f"socket,id={name},fd={fds[name]}",
                "-device", f"virtserialport,bus=vs.0,nr={number},chardev={name},name={name}"]

    return ["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            # Not KVM: where these kernels are built and tested it may exist and hang. Not a thread for
            # each processor: with these QEMU 7.2 may run code that the other processor has already
            # rewritten, and the kernel, which rewrites its own all the time, dies of `Oops: int3` or
            # hangs (tests/cli/code_rewritten.test). It takes turns without, and is faster here.
            "-machine", "pc", "-accel", "tcg,thread=single", "-cpu", "max", "-smp", "2",
            "-m", MEMORY, "-object", f"memory-backend-memfd,id=mem,size={MEMORY},share=on",
            "-numa", "node,memdev=mem",
            "-kernel", str(kernel.image), "-initrd", f"/proc/self/fd/{fds['archive']}",
            "-append", KERNEL_ARGUMENTS,
            "-chardev", f"socket,id=kmsg,fd={fds['kmsg']}", "-serial", "chardev:kmsg",
            "-device", "virtio-serial-pci,id=vs,max_ports=4",
            *port("ctl", 1), *port("out", 2), *port("err", 3),
            "-chardev", f"socket,id=fs,fd={fds['fs']}",
            "-device", "vhost-user-fs-pci,queue-size=1024,chardev=fs,tag=root"]


# How a guest ended: the command's status, or one of those above with the problem in words; the
# kernel's messages.
Ending = collections.namedtuple("Ending", "status problem messages")
TIME_TO_SAY_WHY_S = 2


def play(guest, streams, deadline):
    """Hands on what the command writes, `out` and `err` of `streams`, until it has ended.
    `deadline()` gives the time (of time.monotonic) after which it is given up."""
    selector = selectors.DefaultSelector()
    for name, port in guest.ports.items():
        selector.register(port, selectors.EVENT_READ, name)
    told = {"kmsg": b"", "ctl": b""}
    panicked = None  # when

    def ended(status, problem=""):
        return Ending(status, problem, told["kmsg"].decode(errors="replace").replace("\r", ""))

    while True:
        for key, _ in selector.select(1):
            block = key.fileobj.recv(65536)
            if key.data in streams:
                streams[key.data].write(block)
                streams[key.data].flush()
            else:
                told[key.data] += block
            if not block and panicked:
                return ended(GUEST_FAILED, "the guest's kernel panicked")
            if not block:
                return ended(GUEST_FAILED, "the guest ended")
        words = told["ctl"].decode().split()
        if "exit" in words[:-1]:
            drain(guest, streams)
            return ended(int(words[words.index("exit") + 1]))
        if not panicked and b"Kernel panic" in told["kmsg"]:
            panicked = time.monotonic()
        if panicked and time.monotonic() > panicked + TIME_TO_SAY_WHY_S:
            return ended(GUEST_FAILED, "the guest's kernel panicked")
        if time.monotonic() > deadline():
            return ended(TIMED_OUT, "the guest took too long")


def drain(guest, streams):
    """The end of the output is in before the status is sent, but may not have been read yet."""
    for name, stream in streams.items():
        guest.ports[name].setblocking(False)
        try:
            while block := guest.ports[name].recv(65536):
                stream.write(block)
        except BlockingIOError:
            stream.flush()


def run(kernel, command, streams, deadline):
    """Boots a kernel, runs the command and plays it. Raises Unavailable when QEMU ended before the
    kernel had said a word."""
    guest = Guest(kernel, command)
    try:
        ending = play(guest, streams, deadline)
    finally:
        guest.kill()
    if ending.status == GUEST_FAILED:
        ending = ending._replace(problem=ending.problem + guest.said())
        if not ending.messages:
            raise Unavailable(f"QEMU cannot run one{guest.said()}")
    return ending


def check_machine():
    if os.uname().machine != "x86_64":
        raise Unavailable("guests are x86-64 machines only")
    if os.geteuid() != 0:
        raise Unavailable("needs root, to share the files with the guest")
    for program in (QEMU, VIRTIOFSD, BUSYBOX):
        if not shutil.which(program):
            raise Unavailable(f"needs {program} (packages qemu-system-x86, busybox-static)")
