"""What breaks in the middle of a search, and what is left of it: nothing lost, nothing counted twice."""

import os
import signal

from playwright.sync_api import Page, expect

from tests.browser.conftest import Console
from tests.browser.pages import (
    api,
    done,
    expect_live,
    expect_status,
    rewards_shown,
    start_search,
    wait_for_done,
)
from tests.services import wait_for
from tests.stack import Stack

LOST_CONNECTION = ("WebSocket connection", "net::ERR_", "Failed to load resource")


def counted_once(page: Page, search_id: int, budget: int) -> None:
    """Every candidate of the search is there once, is done, and has the runs of one training."""
    snapshot = api(page, f"searches/{search_id}/snapshot")
    assert snapshot["summary"]["done"] == snapshot["summary"]["proposed"] == budget
    assert sorted(row[0] for row in snapshot["candidates"]) == list(range(budget))
    details = [api(page, f"searches/{search_id}/candidates/{index}") for index in range(budget)]
    assert {detail["status"] for detail in details} == {"finished"}
    for detail in details:
        if detail["outcome"] not in ("duplicate", "screened"):
            rates = [run["learning_rate"] for run in detail["runs"] if run["stage"] == "sweep"]
            assert len(rates) == len(set(rates)) == 7
            assert len(detail["runs"]) - len(rates) <= 1


def test_a_killed_child_worker_loses_no_candidate_and_counts_none_twice(page: Page, stack: Stack) -> None:
    search_id = start_search(page, "worker killed", 20, seed=3)
    wait_for_done(page, 3)
    killed = stack.program("--queue default")
    os.kill(killed, signal.SIGKILL)
    expect_status(page, "finished")
    assert done(page) == 20
    assert stack.program("--queue default") != killed
    counted_once(page, search_id, 20)


def test_a_killed_control_worker_loses_nothing_either(page: Page, stack: Stack) -> None:
    search_id = start_search(page, "control worker killed", 15, seed=4)
    wait_for_done(page, 2)
    os.kill(stack.program("--control"), signal.SIGKILL)
    expect_status(page, "finished")
    counted_once(page, search_id, 15)


def test_a_page_that_was_cut_off_catches_up(page: Page, stack: Stack, console: Console) -> None:
    console.expect(*LOST_CONNECTION)
    search_id = start_search(page, "cut off", 60, seed=5)
    expect_live(page)
    wait_for_done(page, 1)
    page.evaluate("window.notReloaded = true")
    page.context.set_offline(True)
    os.kill(stack.program("uvicorn"), signal.SIGKILL)  # the open socket breaks for certain
    expect(page.locator("[data-connection]")).not_to_have_text("live")
    seen = done(page)
    wait_for(lambda: _done_elsewhere(page, search_id) > seen + 2, "progress that this page cannot see", 60)
    page.context.set_offline(False)
    expect_live(page)
    expect_status(page, "finished")
    assert page.evaluate("window.notReloaded") is True
    rewards = {
        row[0]: row[1] for row in api(page, f"searches/{search_id}/snapshot")["candidates"] if row[1] is not None
    }
    wait_for(lambda: len(rewards_shown(page)) == len(rewards), "every point")
    assert rewards_shown(page) == rewards


def _done_elsewhere(page: Page, search_id: int) -> int:
    """Asked from outside the page: its own network is off."""
    try:
        return int(api(page, f"searches/{search_id}")["done"])
    except Exception:  # the web process is still starting again
        return 0


def test_pause_resume_and_stop(page: Page) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    search_id = start_search(page, "paused and stopped", 500, seed=6)
    wait_for_done(page, 1)
    page.get_by_role("button", name="Pause").click()
    expect_status(page, "paused")
    wait_for(lambda: _training(page, search_id) == 0, "the child in training")
    paused_at = api(page, f"searches/{search_id}")["done"]
    page.reload()
    expect_status(page, "paused")
    assert done(page) == paused_at
    page.get_by_role("button", name="Resume").click()
    expect_status(page, "running")
    wait_for_done(page, paused_at + 2)
    page.get_by_role("button", name="Stop").click()
    expect_status(page, "stopped")
    expect(page.get_by_role("button", name="Resume")).to_be_hidden()


def _training(page: Page, search_id: int) -> int:
    rows = api(page, f"searches/{search_id}/snapshot")["candidates"]
    return sum(row[3] == "training" for row in rows)
