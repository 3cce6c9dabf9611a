"""What the documents promise is there: every row of a registry explains itself, every linked file exists."""

import re
from pathlib import Path

import pytest

from engine.children.datasets import FETCHED
from engine.children.datasets.fetching import FETCHERS
from engine.evaluation.surfaces import SURFACES
from engine.evaluation.transfers import TRANSFERS
from engine.registry import CONTROLLERS, DATASETS, NETWORKS, PRIMITIVE_SETS, PROTOCOLS, Entry

ROOT = Path(__file__).parent.parent
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
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


@pytest.mark.parametrize("entry", [*DATASETS.values(), *NETWORKS.values()], ids=lambda entry: entry.name)
def test_every_data_set_and_network_says_what_a_child_reads(entry: Entry) -> None:
    assert entry.facts["input"] in {"images", "text"}


@pytest.mark.parametrize(
    ("entries", "folder"),
    [
        (CONTROLLERS, "engine/controllers"),
        (DATASETS, "engine/children/datasets"),
        (NETWORKS, "engine/children/networks"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_code_lies_where_the_page_says_that_one_more_goes(entries: dict[str, Entry], folder: str) -> None:
    assert f"`{folder}/`" in CONTRIBUTING
    for entry in entries.values():
        module = entry.target.partition(":")[0]
        assert module.rpartition(".")[0] == folder.replace("/", "."), entry.name


def test_every_table_that_may_have_one_more_row_is_named_on_the_page() -> None:
    for path in (*(ROOT / "engine" / "registry").glob("*s.py"), ROOT / "engine" / "presets.py"):
        assert f"`{path.relative_to(ROOT)}`" in CONTRIBUTING


def test_every_data_set_that_is_fetched_has_its_fetcher() -> None:
    assert set(FETCHED) == set(FETCHERS)
    for name in FETCHED:
        assert f"fetch_dataset {name}" in DATASETS[name].summary


def test_every_transfer_and_test_function_explains_itself() -> None:
    for transfer in TRANSFERS.values():
        assert transfer.title
        assert transfer.summary.endswith(".")
    for surface in SURFACES.values():
        assert surface.title
        assert surface.latex


PAGES = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "engine/README.md"]


@pytest.mark.parametrize("page", PAGES)
def test_files_that_a_page_names_exist(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    linked = re.findall(r"\]\((?!https?://|#)([^)#]+)", text)
    named = re.findall(r"`((?:engine|searchapp|nosweb|static|templates|tests|benchmarks)/[\w/.]+)`", text)
    missing = [path for path in {*linked, *named} if not (ROOT / path).exists()]
    assert not missing
