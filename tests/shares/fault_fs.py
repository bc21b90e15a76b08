"""A read-only file system that fails on purpose: python3 fault_fs.py SOURCE MOUNTPOINT NAME.

It shows the directory SOURCE under MOUNTPOINT and calls itself NAME in the table of mounts.
What a file or directory is called says how it fails:

    eio-*     reading fails, always          flaky-*   the first two reads fail, then it works
    stale-*   the first read is stale        closed-*  opening is denied
    gone-*    the host is down, for it       hang-*    reading does not come back
    slow-*    reading takes its time         shrink-*  half of it is cut off while it is read
    grow-*    it is touched while it is read offline-* a placeholder: no blocks, marked as moved
    ever-*    it is touched each time        lost-*    the directory cannot be listed
    aged-*    reading is stale, always       barred-*  listing is denied
    blind-*   it is listed, its state cannot be asked for
    mute-*    once it is read, its state cannot be asked for: the host is down, for it
    dies-*    once it is read, the host is down for all
    unasked-* where it is, asking for an extended attribute is EIO, of any file
    freezes-* once it is listed, nothing comes back any more
"""

import errno
import os
import sys
import threading
import time

import fusepy

OFFLINE = (0x1020).to_bytes(4, "little")


def fail(code):
    raise fusepy.FuseOSError(code)


class Faults(fusepy.Operations):
    def __init__(self, source):
        self.source = source
        self.counting = threading.Lock()
        self.reads = {}
        self.changed = {}
        self.dead = False
        self.frozen = False
        self.asks_badly = any(name.startswith("unasked-") for name in os.listdir(source))

    def state(self):
        if self.frozen:
            time.sleep(3600)
        if self.dead:
            fail(errno.EHOSTDOWN)

    def real(self, path):
        return self.source + path

    def is_a(self, path, kind):
        return os.path.basename(path).startswith(kind + "-")

    def getattr(self, path, fh=None):
        self.state()
        if self.is_a(path, "blind"):
            fail(errno.EIO)
        if self.is_a(path, "mute") and path in self.reads:
            fail(errno.EHOSTDOWN)
        try:
            found = os.lstat(self.real(path))
        except OSError as error:
            fail(error.errno)
        names = ("st_mode", "st_nlink", "st_uid", "st_gid", "st_size", "st_atime", "st_mtime", "st_ctime")
        entry = {name: getattr(found, name) for name in names}
        entry["st_blocks"] = -(-found.st_size // 512)
        if self.is_a(path, "offline"):
            entry["st_blocks"] = 0
        if path in self.changed:
            entry["st_size"], entry["st_mtime"] = self.changed[path]
        return entry

    def getxattr(self, path, name, position=0):
        self.state()
        if self.asks_badly:
            print("asked for an attribute", file=sys.stderr, flush=True)
            fail(errno.EIO)
        if name == "user.cifs.dosattrib" and self.is_a(path, "offline"):
            return OFFLINE
        fail(errno.ENODATA if name.startswith("user.") else errno.ENOTSUP)

    def statfs(self, path):
        self.state()
        return {"f_bsize": 4096, "f_blocks": 1000, "f_bfree": 0, "f_bavail": 0}

    def readdir(self, path, fh):
        self.state()
        if self.is_a(path, "lost"):
            fail(errno.EIO)
        if self.is_a(path, "barred"):
            fail(errno.EACCES)
        if self.is_a(path, "freezes"):
            self.frozen = True
            self.state()
        return [".", ".."] + os.listdir(self.real(path))

    def open(self, path, flags):
        self.state()
        if self.is_a(path, "closed"):
            fail(errno.EACCES)
        if self.is_a(path, "gone"):
            fail(errno.EHOSTDOWN)
        return os.open(self.real(path), os.O_RDONLY)

    def release(self, path, fh):
        os.close(fh)

    def read(self, path, size, offset, fh):
        self.state()
        with self.counting:
            count = self.reads[path] = self.reads.get(path, 0) + 1
        if self.is_a(path, "eio") or self.is_a(path, "flaky") and count <= 2:
            fail(errno.EIO)
        if self.is_a(path, "aged") or self.is_a(path, "stale") and count == 1:
            fail(errno.ESTALE)
        if self.is_a(path, "offline"):
            print("a placeholder was read", file=sys.stderr, flush=True)
        if self.is_a(path, "hang"):
            time.sleep(3600)
        if self.is_a(path, "slow"):
            time.sleep(0.4)
        if self.is_a(path, "dies"):
            self.dead = True
        if self.is_a(path, "shrink") or self.is_a(path, "grow"):
            found = os.lstat(self.real(path))
            part = 2 if self.is_a(path, "shrink") else 1
            self.changed.setdefault(path, (found.st_size // part, found.st_mtime + 1))
        if self.is_a(path, "ever"):
            found = os.lstat(self.real(path))
            self.changed[path] = (found.st_size, found.st_mtime + count)
        length = self.changed.get(path, (sys.maxsize,))[0]
        return os.pread(fh, max(0, min(size, length - offset)), offset)


if __name__ == "__main__":
    source, point, name = sys.argv[1:]
    fusepy.FUSE(
        Faults(source),
        point,
        foreground=True,
        ro=True,
        fsname=name,
        attr_timeout=0,
        entry_timeout=0,
        negative_timeout=0,
        direct_io=True,
    )
