"""Mounts an export of an NFS server, read only, without the kernel's client: python3 nfs_fs.py URL MOUNTPOINT NAME.

libnfs (Debian: libnfs13) speaks NFS, FUSE mounts it. URL is one of libnfs: nfs://127.0.0.1/data?version=4&nfsport=12049.
It calls itself NAME in the table of mounts, and fuse.nfs.
"""

import ctypes
import errno
import os
import sys

import fusepy

FIELDS = (
    "dev ino mode nlink uid gid rdev size blksize blocks atime mtime ctime atime_nsec mtime_nsec ctime_nsec used"
).split()


class Stat(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in FIELDS]


class Url(ctypes.Structure):
    _fields_ = [(name, ctypes.c_char_p) for name in ("server", "path", "file")]


class Entry(ctypes.Structure):
    # The first two fields of many.
    _fields_ = [("next", ctypes.c_void_p), ("name", ctypes.c_char_p)]


nfs = ctypes.CDLL("libnfs.so.13")
for function in ("nfs_init_context", "nfs_parse_url_dir", "nfs_readdir"):
    getattr(nfs, function).restype = ctypes.c_void_p
nfs.nfs_get_error.restype = ctypes.c_char_p


class Export(fusepy.Operations):
    def __init__(self, url):
        self.context = ctypes.c_void_p(nfs.nfs_init_context())
        parsed = nfs.nfs_parse_url_dir(self.context, url.encode())
        if not parsed:
            sys.exit(f"{url}: {nfs.nfs_get_error(self.context).decode()}")
        parsed = Url.from_address(parsed)
        if nfs.nfs_mount(self.context, parsed.server, parsed.path) != 0:
            sys.exit(f"{url}: {nfs.nfs_get_error(self.context).decode()}")
        self.open_files = {}
        self.last = 0

    def call(self, function, *arguments):
        """What a function of libnfs returns: less than nothing is the number of an error."""
        result = getattr(nfs, function)(self.context, *arguments)
        if result < 0:
            raise fusepy.FuseOSError(-result)
        return result

    def getattr(self, path, fh=None):
        found = Stat()
        self.call("nfs_lstat64", os.fsencode(path), ctypes.byref(found))
        entry = {f"st_{name}": getattr(found, name) for name in ("mode", "nlink", "uid", "gid", "size")}
        for name in ("atime", "mtime", "ctime"):
            entry[f"st_{name}"] = getattr(found, name) + getattr(found, f"{name}_nsec") / 1e9
        entry["st_blocks"] = -(-found.used // 512)
        return entry

    def readdir(self, path, fh):
        directory = ctypes.c_void_p()
        self.call("nfs_opendir", os.fsencode(path), ctypes.byref(directory))
        names = []
        while entry := nfs.nfs_readdir(self.context, directory):
            names.append(os.fsdecode(Entry.from_address(entry).name))
        nfs.nfs_closedir(self.context, directory)
        return names

    def readlink(self, path):
        buffer = ctypes.create_string_buffer(4096)
        self.call("nfs_readlink", os.fsencode(path), buffer, ctypes.c_int(len(buffer)))
        return os.fsdecode(buffer.value)

    def open(self, path, flags):
        if flags & os.O_ACCMODE != os.O_RDONLY:
            raise fusepy.FuseOSError(errno.EROFS)
        handle = ctypes.c_void_p()
        self.call("nfs_open", os.fsencode(path), ctypes.c_int(os.O_RDONLY), ctypes.byref(handle))
        self.last += 1
        self.open_files[self.last] = handle
        return self.last

    def read(self, path, size, offset, fh):
        buffer = ctypes.create_string_buffer(size)
        handle = self.open_files[fh]
        length = self.call("nfs_pread", handle, ctypes.c_uint64(offset), ctypes.c_uint64(size), buffer)
        return buffer.raw[:length]

    def release(self, path, fh):
        nfs.nfs_close(self.context, self.open_files.pop(fh))

    def statfs(self, path):
        # Asks the server, which is what a probe is for.
        self.call("nfs_lstat64", b"/", ctypes.byref(Stat()))
        return {"f_bsize": 4096, "f_blocks": 1000, "f_bfree": 0, "f_bavail": 0}


if __name__ == "__main__":
    url, point, name = sys.argv[1:]
    fusepy.FUSE(Export(url), point, foreground=True, nothreads=True, ro=True, fsname=name, subtype="nfs")
