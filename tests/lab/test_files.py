import errno
import os
import signal
import subprocess
import sys
import time

import pytest

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import alone, disk_errors, write_atomic

HOLD = """
import sys, time
from pathlib import Path
from cuaderno.lab.files import alone
with alone(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def held(tmp_path):
    """A lock that another process holds."""
    command = [sys.executable, "-c", HOLD, str(tmp_path / "lock")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield tmp_path / "lock", process
    process.kill()
    process.wait()
    process.stdout.close()


def test_one_process_at_a_time_and_a_killed_one_lets_go(held):
    lock, process = held
    told = []
    with pytest.raises(CuadernoError, match="Another process holds"), alone(lock, lambda: told.append(1), patience=0.3):
        pytest.fail("it was held")
    assert told == [1]
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    started = time.monotonic()
    with alone(lock, lambda: told.append(2)):
        assert time.monotonic() - started < 5


def test_a_lock_can_be_taken_again(tmp_path):
    for _ in range(2):
        with alone(tmp_path / "deep" / "lock", pytest.fail):
            pass


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_atomic(path, "first")

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CuadernoError, match="disk is full"):
        write_atomic(path, "second")
    assert path.read_text() == "first" and list(tmp_path.iterdir()) == [path]


def test_errors_of_the_disk_are_words(tmp_path):
    for code, says in ((errno.EROFS, "read-only"), (errno.EACCES, "may not write"), (errno.EIO, "The system said")):
        with pytest.raises(CuadernoError, match=says), disk_errors(tmp_path):
            raise OSError(code, os.strerror(code))
