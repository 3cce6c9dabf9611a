"""Fashion-MNIST from Debian's package: its files where it is installed, else the package itself, without root."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from engine.children.datasets.fashion_mnist_files import PACKED
from engine.children.datasets.fetching.progress import Report, growing
from engine.children.datasets.fetching.safe_files import PARTIAL
from engine.errors import DatasetError

PACKAGE = "dataset-fashion-mnist"
PACKAGE_BYTES = 30_900_652
FOLDER = "usr/share/datasets/fashion-mnist"  # where the package puts its files
TIMEOUT_SECONDS = 3600


class Installed:
    """The files of the installed package."""

    TITLE = "installed package"
    BYTES_ON_DISK = 0

    def __init__(self, root: Path = Path("/")) -> None:
        self.folder = root / FOLDER

    def records(self, work: Path, wanted: list[str], report: Report) -> Iterator[tuple[str, bytes]]:
        """The wanted files, as (name, bytes). Raises DatasetError where the package is not installed, or damaged."""
        if not self.folder.is_dir():
            raise DatasetError(f"Debian's {PACKAGE} is not installed")
        yield from _unpacked(self.folder, wanted, report)


class Downloaded:
    """The package, brought by apt-get, which checks its signature; it stays in ``work`` until it is read."""

    TITLE = "apt-get"
    BYTES_ON_DISK = 3 * PACKAGE_BYTES  # on the way, whole, and taken apart

    def records(self, work: Path, wanted: list[str], report: Report) -> Iterator[tuple[str, bytes]]:
        """The wanted files, as (name, bytes). Raises DatasetError where apt-get is missing or cannot bring it."""
        package, files = work / "package.deb", work / "files"
        if not package.exists():
            _download(work, package, report)
        _run("dpkg-deb", "--extract", str(package), str(files), folder=work)
        yield from _unpacked(files / FOLDER, wanted, report)


def _unpacked(folder: Path, wanted: list[str], report: Report) -> Iterator[tuple[str, bytes]]:
    for position, name in enumerate(wanted):
        report(f"Unpacking {name}", position, len(wanted))
        try:
            yield name, gzip.decompress((folder / (name + PACKED)).read_bytes())
        except (FileNotFoundError, gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise DatasetError(f"its file {name}{PACKED} cannot be read ({error})") from error


def _download(work: Path, package: Path, report: Report) -> None:
    """Only a whole package takes its place in ``work``."""
    with tempfile.TemporaryDirectory(dir=work, prefix=".apt-", suffix=PARTIAL, ignore_cleanup_errors=True) as folder:
        with growing(Path(folder), PACKAGE_BYTES, "Downloading with apt-get", report):
            _run("apt-get", "download", PACKAGE, folder=Path(folder))
        packages = list(Path(folder).glob("*.deb"))
        if not packages:
            raise DatasetError(f"apt-get brought no package {PACKAGE}")
        packages[0].replace(package)


def _run(program: str, *arguments: str, folder: Path) -> None:
    """Raises DatasetError with what the program said."""
    path = shutil.which(program)
    if path is None:
        raise DatasetError(f"{program} is not installed")
    try:
        ended = subprocess.run(
            [path, *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        raise DatasetError(f"{program} took longer than {TIMEOUT_SECONDS // 60} minutes") from None
    if ended.returncode != 0:
        raise DatasetError(_reason(program, ended.stderr))


def _reason(program: str, stderr: str) -> str:
    if "Unable to locate package" in stderr:
        return f"its lists have no {PACKAGE}; `apt-get update` brings Debian's"
    if "No space left" in stderr:
        return "there is no disk space left"
    errors = [line.strip() for line in stderr.splitlines() if line.startswith(("E:", "dpkg-deb: error:"))]
    return f"{program} failed: {(errors or ['no reason given'])[0][:200]}"
