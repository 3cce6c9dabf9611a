"""What the documents promise is there: every row of a registry explains itself, every linked file exists."""

import re
from pathlib import Path

import pytest

from engine.registry import CONTROLLERS, DATASETS, NETWORKS, PRIMITIVE_SETS, PROTOCOLS, Entry

ROOT = Path(__file__).parent.parent
ENTRIES = [*CONTROLLERS.values(), *DATASETS.values(), *NETWORKS.values(), *PROTOCOLS.values()]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_choice_has_a_title_a_summary_and_help_for_each_setting(entry: Entry) -> None:
    assert entry.title
    assert entry.summary.endswith(".")
    for name, field in entry.settings.model_fields.items():
        assert field.description, f"{entry.name}.{name} has no help text"


@pytest.mark.parametrize("entry", [e for e in ENTRIES if e.target], ids=lambda entry: entry.name)
def test_every_choice_has_its_code(entry: Entry) -> None:
    assert callable(entry.load())


def test_every_primitive_set_explains_itself() -> None:
    for preset in PRIMITIVE_SETS.values():
        assert preset.title
        assert preset.summary.endswith(".")


@pytest.mark.parametrize("page", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_files_that_a_page_names_exist(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    linked = re.findall(r"\]\((?!https?://|#)([^)#]+)", text)
    named = re.findall(r"`((?:engine|searchapp|nosweb|static|templates|tests|benchmarks)/[\w/.]+)`", text)
    missing = [path for path in {*linked, *named} if not (ROOT / path).exists()]
    assert not missing
