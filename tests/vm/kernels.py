# SPDX-License-Identifier: Apache-2.0
"""Stock Debian kernels for the guests: fetched as packages, never installed. What a guest needs of
one lies in a cache folder: the kernel as an ELF file, and a few modules."""

import fcntl
import lzma
import os
import pathlib
import re
import shutil
import struct
import subprocess
import tempfile

# Series: the pattern of its packages' names, and the modules to load before the root filesystem
# can be mounted, in this order. Debian builds more of virtio into 6.12.
KERNELS = {
    "6.1": (r"linux-image-(6\.1\.\d+-\d+-cloud-amd64)-unsigned",
            ["virtio_ring", "virtio_pci_modern_dev", "virtio_pci_legacy_dev", "virtio",
             "virtio_pci", "virtio_console", "fuse", "virtiofs", "overlay"]),
    "6.12": (r"linux-image-(6\.12\.\d+\+deb12-cloud-amd64)-unsigned", ["overlay"]),
}

# What the guest's modprobe can add, with what these depend on.
MORE_MODULES = ["veth", "dummy", "sch_ingress", "cls_bpf", "act_bpf", "cls_matchall"]


class Unavailable(Exception):
    """Why there is no guest on this machine."""


class Kernel:
    def __init__(self, series, folder):
        self.series, self.folder = series, folder
        self.image, self.modules = folder / "vmlinux", folder / "modules"

    @property
    def release(self):
        return (self.folder / "complete").read_text().strip()

    @property
    def boot_modules(self):
        return [self.modules / f"{name}.ko" for name in KERNELS[self.series][1]]


def cache_folder():
    """Where kernels stay once they were fetched, for every build tree of this user."""
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(base) / "sonde" / "vm"


def get(series):
    """The kernel of a series, from the cache folder or fetched into it."""
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / series
    with open(cache / f"{series}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            with tempfile.TemporaryDirectory(dir=cache) as work:
                fetch(series, pathlib.Path(work) / series)
                os.rename(pathlib.Path(work) / series, folder)
    return Kernel(series, folder)


def fetch(series, work):
    for program in ("apt-get", "dpkg-deb", "lz4", "zstd"):
        if not shutil.which(program):
            raise Unavailable(f"needs the program {program} to fetch a kernel")
    work.mkdir()
    release = download(series, work)
    unpacked = work / "package"
    package = next(work.glob("*.deb"))
    run(["dpkg-deb", "-x", package, unpacked], work, f"cannot unpack {package.name}")
    (work / "vmlinux").write_bytes(elf_of((unpacked / "boot" / f"vmlinuz-{release}").read_bytes()))
    tree = {module_name(path): path for path in (unpacked / "lib/modules").rglob("*.ko*")}
    (work / "modules").mkdir()
    wanted = KERNELS[series][1] + MORE_MODULES
    while wanted:
        name = wanted.pop()
        target = work / "modules" / f"{name}.ko"
        if name not in tree or target.exists():
            continue  # built into the kernel, or had already
        data = tree[name].read_bytes()
        data = lzma.decompress(data) if tree[name].suffix == ".xz" else data
        target.write_bytes(data)
        depends = re.search(rb"\0depends=([^\0]*)\0", data)
        wanted += depends[1].decode().split(",") if depends and depends[1] else []
    (work / "complete").write_text(release + "\n")
    shutil.rmtree(unpacked)
    package.unlink()


def download(series, work):
    """Puts the newest package of a series into a folder; the kernel's release. apt's lists may be
    missing or old, so it is asked again after an update."""
    try:
        return download_known(series, work)
    except Unavailable:
        run(["apt-get", "update", "-qq"], work, "cannot update the lists of packages")
        return download_known(series, work)


def download_known(series, work):
    package, release = newest(KERNELS[series][0])
    run(["apt-get", "download", "-qq", package], work, f"cannot download {package}")
    return release


def newest(pattern):
    names = subprocess.run(["apt-cache", "pkgnames", "linux-image-"], text=True,
                           stdout=subprocess.PIPE, check=False).stdout.split()
    found = [re.fullmatch(pattern, name) for name in names]
    found = [match for match in found if match]
    if not found:
        raise Unavailable(f"apt knows no package like {pattern} (is this Debian 12?)")
    best = max(found, key=lambda match: [int(n) for n in re.findall(r"\d+", match[1])])
    return best[0], best[1]


def module_name(path):
    return path.name.split(".ko")[0].replace("-", "_")


def run(command, folder, problem):
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    if done.returncode != 0:
        last = (done.stdout.strip().splitlines() or ["no message"])[-1]
        raise Unavailable(f"{problem}: {last}")


def elf_of(image):
    """The kernel inside a bzImage (Documentation/arch/x86/boot.rst): QEMU starts an ELF file
    through PVH, a second sooner than the kernel would unpack itself under emulation."""
    setup_sectors = image[0x1f1]
    offset, length = struct.unpack_from("<II", image, 0x248)
    begin = (setup_sectors + 1) * 512 + offset
    payload = image[begin:begin + length - 4]  # behind it stands the unpacked size
    program = "zstd" if payload.startswith(b"\x28\xb5\x2f\xfd") else "lz4"
    return subprocess.run([program, "-dc"], input=payload, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=False).stdout
