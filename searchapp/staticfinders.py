"""Finds Plotly's bundle in the installed Python package, so that no copy of it lies in the repository."""

from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

BUNDLE = "plotly.min.js"
PREFIX = "vendor"


class PlotlyFinder(BaseFinder):
    """Serves plotly/package_data/plotly.min.js as `vendor/plotly.min.js`; the only file it knows."""

    def __init__(self, app_names: object = None, *args: object, **kwargs: object) -> None:
        self.folder = Path(str(files("plotly"))) / "package_data"
        self.storage = FileSystemStorage(location=self.folder)
        # collectstatic writes what a storage lists under its prefix.
        self.storage.prefix = PREFIX  # type: ignore[attr-defined]
        super().__init__(*args, **kwargs)

    def check(self, **kwargs: object) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: object) -> Any:
        if path != f"{PREFIX}/{BUNDLE}":
            return []  # what Django's own finders answer
        found = str(self.folder / BUNDLE)
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        yield BUNDLE, self.storage
