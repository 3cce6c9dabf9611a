"""Searches that are there: compared, extended while one watches, cloned, labelled, taken along as a file."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.pages import api, expect_live, expect_status, start_search


def test_a_finished_search_is_extended_labelled_cloned_and_compared(page: Page, tmp_path: Path) -> None:
    search = start_search(page, "short one", budget=5)
    expect_status(page, "finished")
    expect_live(page)
    page.get_by_label("Budget").fill("8")
    page.get_by_role("button", name="Extend").click()
    expect(page.get_by_text("The budget is 8 candidates now, 3 more.")).to_be_visible()
    expect(page.locator("[data-budget]")).to_have_text("8")
    expect(page.locator("[data-done]")).to_have_text("8", timeout=60_000)
    expect_status(page, "finished")

    page.get_by_text("Write a note").click()
    page.get_by_role("textbox", name="Notes").fill("**Short**, and extended.")
    page.get_by_label("Tags").fill("small, tried")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".notes strong")).to_have_text("Short")

    with page.expect_download() as download:
        page.get_by_role("link", name="Settings as a file").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.name == "short-one.json"

    page.get_by_role("link", name="Clone with changes").click()
    expect(page.get_by_role("textbox", name="Name", exact=True)).to_have_value("short one (copy)")
    page.get_by_role("textbox", name="Seed", exact=True).fill("77")
    page.get_by_role("button", name="Create only").click()
    page.wait_for_url(re.compile(r"/searches/\d+/$"))
    clone = int(page.url.rstrip("/").rpartition("/")[2])
    expect(page.get_by_role("link", name="short one", exact=True)).to_be_visible()
    settings = api(page, f"searches/{clone}/settings")
    assert settings == {**api(page, f"searches/{search}/settings"), "seed": 77}

    page.get_by_role("link", name="Searches").first.click()
    expect(page.get_by_role("button", name="Compare")).to_be_disabled()
    for name in ("short one", "short one (copy)"):
        page.get_by_role("checkbox", name=f"Compare {name}", exact=True).check()
    page.get_by_role("button", name="Compare 2").click()
    differing = page.locator("tr:has(td[data-differs])")
    expect(differing).to_have_count(1)
    expect(differing).to_contain_text("Seed")
    one_line = "() => document.querySelector('[data-chart=compare]').data?.length === 1"  # the other has no reward
    page.wait_for_function(one_line)

    page.get_by_role("link", name="New search").first.click()
    page.get_by_text("Settings from a file").click()
    page.get_by_label("Settings file").set_input_files(path)
    page.get_by_role("button", name="Fill the form in").click()
    expect(page.get_by_role("textbox", name="Budget", exact=True)).to_have_value("8")
    expect(page.get_by_role("textbox", name="Name", exact=True)).to_have_value("short-one")


def test_it_is_archived_found_again_and_deleted(page: Page) -> None:
    start_search(page, "to be deleted", budget=1)
    expect_status(page, "finished")
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_role("button", name="Unarchive")).to_be_visible()
    page.goto("/searches/?name=to+be+deleted")
    expect(page.get_by_text("No search fits these filters.")).to_be_visible()
    page.get_by_label("Archived").select_option("only these")
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("link", name="to be deleted", exact=True).click()
    page.get_by_role("link", name="Delete…").click()
    page.get_by_role("button", name="Delete it for good").click()
    expect(page.get_by_text("“to be deleted” was deleted.")).to_be_visible()
