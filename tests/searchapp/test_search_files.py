"""What `search run` writes: whole files, in the place that was named."""

import os
from pathlib import Path

from searchapp.terminal.files import check_writable, write_whole


def test_a_file_is_replaced_whole_and_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_text("old")
    real.chmod(0o600)
    link.symlink_to(real)
    check_writable("json", str(link))
    assert real.read_text() == "old"
    write_whole(link, "new")
    assert link.is_symlink()
    assert (real.read_text(), real.stat().st_mode & 0o777) == ("new", 0o600)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.json", "real.json"]


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    """As root, replacing /dev/null or /dev/stdout would break the machine."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    check_writable("json", str(pipe))
    write_whole(pipe, "report")
    assert os.read(reader, 100) == b"report"
    assert pipe.is_fifo()
    os.close(reader)
