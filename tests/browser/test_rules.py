"""All rules of a search and one rule's surroundings, by hand: narrow, sort, copy, export, annotate, start from it."""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import expect_status, start_search

pytestmark = pytest.mark.browser
ROWS = ".rule-table tbody tr"


def test_rules_from_the_list_to_a_new_search(page: Page) -> None:
    search_id = start_search(page, "Rules to look through", budget=12)
    expect_status(page, "finished")
    page.get_by_role("link", name="all rules").click()
    expect(page.get_by_role("heading", name="All rules")).to_be_visible()

    _narrow_and_sort(page)
    _copy(page)
    _export(page)
    _annotate(page)
    page.get_by_role("link", name="Start a search from this rule").click()
    expect(page).to_have_url(re.compile(rf"/searches/new/\?from={search_id}&start=\d+"))
    expect(page.locator("textarea[name=start_rules]")).not_to_have_value("")


def _narrow_and_sort(page: Page) -> None:
    page.get_by_label("Outcome", exact=True).select_option("all")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator(ROWS)).to_have_count(12)
    page.get_by_role("link", name="Size").click()
    expect(page).to_have_url(re.compile("outcome=all.*sort=size|sort=size.*outcome=all"))
    sizes = [int(cell) for cell in page.locator(f"{ROWS} td:nth-child(5)").all_inner_texts()]
    assert sizes == sorted(sizes)
    page.reload()  # the address holds it all
    assert [int(cell) for cell in page.locator(f"{ROWS} td:nth-child(5)").all_inner_texts()] == sizes


def _copy(page: Page) -> None:
    first = page.locator(ROWS).first
    first.locator("summary").click()
    first.get_by_role("button", name="Copy").first.click()
    expect(page.locator("[data-copied]")).to_have_text(re.compile("Copied|^$"))
    page.keyboard.press("Escape")
    expect(first.locator("details")).not_to_have_attribute("open", "")


def _export(page: Page) -> None:
    with page.expect_download() as started:
        page.get_by_role("link", name="CSV").click()
    with Path(started.value.path()).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 12
    assert [int(row["complexity"]) for row in rows] == sorted(int(row["complexity"]) for row in rows)


def _annotate(page: Page) -> None:
    page.locator(f"{ROWS} .equation-link").first.click()
    expect(page.locator("svg.tree rect").first).to_be_visible()
    expect(page.locator(".reading li").first).to_be_visible()
    page.get_by_text("Write notes and tags").click()
    page.get_by_role("textbox", name="Notes").fill("**Look again** at its steps")
    page.get_by_role("textbox", name="Tags").fill("second look")
    page.get_by_role("button", name="Save notes").click()
    expect(page.locator(".prose strong")).to_have_text("Look again")
    page.get_by_role("link", name="second look").click()
    expect(page.locator(ROWS)).to_have_count(1)
    page.locator(f"{ROWS} .equation-link").click()
