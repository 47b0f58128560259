"""A template is compiled once: kept in memory for this process, and on disk for the next one."""

from pathlib import Path
from types import CodeType

from jinja2 import BytecodeCache, FileSystemBytecodeCache
from jinja2.bccache import Bucket

KNOWN: dict[tuple[str, str], CodeType] = {}  # by the template and its words


class Compiled(BytecodeCache):
    """What was compiled in this process or, where the disk lets us, is in a folder."""

    def __init__(self, folder: Path):
        self.disk: FileSystemBytecodeCache | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.disk = FileSystemBytecodeCache(str(folder))
        except OSError:
            pass

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = KNOWN.get((bucket.key, bucket.checksum))
        if self.disk and bucket.code is None:
            self.disk.load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            KNOWN[bucket.key, bucket.checksum] = bucket.code
        if self.disk:
            self.disk.dump_bytecode(bucket)
