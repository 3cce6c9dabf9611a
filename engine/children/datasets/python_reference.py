"""The Python language reference, which every Python brings as `pydoc_data.topics`: prose in English, and some code.

Source: Python Software Foundation, The Python Language Reference (PSF licence). 465,000 characters in Python 3.11.7,
of which 373,000 are left when every paragraph stands once: many topics repeat others' paragraphs, and what stands in
the training part must not be asked again in the validation or test part.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import cast

from engine.children.datasets.text import TextDataset, numbered, sequences
from engine.errors import DatasetError
from engine.registry import DATASETS

FACTS = DATASETS["python-reference"].facts


def load(data_dir: Path) -> TextDataset:
    """4,500 training, 500 validation and 500 test sequences of 64 characters, each split one part of the text.

    The text comes from Python itself, so the folder is not looked at.

    Raises:
        DatasetError: this Python came without its documentation, or with less of it.
    """
    characters, length = numbered(_text()), int(FACTS["length"])
    start, parts = 0, []
    for split in ("train", "validation", "test"):
        count = int(FACTS[split])
        if start + count * length >= len(characters):
            raise DatasetError(f"This Python's language reference is too short: it has {len(characters):,} characters.")
        parts.append(sequences(characters[start:], count, length))
        start += count * length + 1  # The last character of a part is a target there, and nothing in the next part.
    return TextDataset("python-reference", *parts)


def _text() -> str:
    """All topics in a row, each paragraph where it stands first."""
    try:
        topics = cast(dict[str, str], import_module("pydoc_data.topics").topics)
    except ImportError as error:
        raise DatasetError("This Python came without its language reference (the module pydoc_data).") from error
    paragraphs: dict[str, str] = {}  # by their words alone, as spaces and line breaks differ between topics
    for topic in topics.values():
        for paragraph in topic.split("\n\n"):
            paragraphs.setdefault(" ".join(paragraph.split()), paragraph)
    return "\n\n".join(paragraphs.values())
