"""What a person does on the pages, and what they see there."""

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.stack import Stack

WAIT = 120_000  # ms until a small search is over
KINDS = ("trained", "duplicate", "screened", "dropped or diverged")  # of points in the rewards chart


def sign_in(page: Page, stack: Stack) -> None:
    page.goto("/")
    page.get_by_label("Username").fill(stack.user)
    page.get_by_label("Password").fill(stack.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="New search").first).to_be_visible()


def start_search(page: Page, name: str, budget: int, seed: int = 0, top: int = 0, baselines: str = "none") -> int:
    """Fill the form, start by clicking, and return the search's id when its live page is shown.

    Nothing is trained with fresh seeds unless `top` and `baselines` ask for it: tests of the search alone are quicker.
    """
    page.get_by_role("navigation", name="Main").get_by_role("link", name="New search").click()
    page.get_by_role("textbox", name="Name", exact=True).fill(name)
    page.get_by_role("textbox", name="Budget", exact=True).fill(str(budget))
    page.get_by_role("textbox", name="Seed", exact=True).fill(str(seed))
    page.get_by_role("textbox", name="Rules to confirm").fill(str(top))
    page.get_by_role("textbox", name="Baselines").fill(baselines)
    page.get_by_role("button", name="Create and start").click()
    page.wait_for_url(re.compile(r"/searches/\d+/$"))
    return int(page.url.rstrip("/").rpartition("/")[2])


def expect_status(page: Page, status: str) -> None:
    expect(page.locator("[data-status]")).to_have_text(status, timeout=WAIT)


def expect_live(page: Page) -> None:
    expect(page.locator("[data-connection]")).to_have_text("live")


def done(page: Page) -> int:
    return int(page.locator("[data-done]").inner_text())


def wait_for_done(page: Page, least: int) -> None:
    script = "least => Number(document.querySelector('[data-done]').textContent) >= least"
    page.wait_for_function(script, arg=least, timeout=WAIT)


def chart(page: Page, name: str) -> dict[str, dict[str, list[float]]]:
    """The points of each trace that Plotly has drawn, by the trace's name in the legend."""
    drawn = "name => document.querySelector(`[data-chart=${name}]`).data?.some(({x}) => x.length > 0)"
    page.wait_for_function(drawn, arg=name)
    script = """name => document.querySelector(`[data-chart=${name}]`).data.map(
        ({name, x, y}) => [name ?? "", {x: [...x], y: [...y]}])"""
    found: dict[str, dict[str, list[float]]] = dict(page.evaluate(script, name))
    return found


def chart_in_tab(page: Page, name: str) -> dict[str, dict[str, list[float]]]:
    """The points of a chart that is drawn when its tab is open and in sight."""
    page.locator(f"#t-{name}").click()
    page.locator(f"[data-chart={name}]").scroll_into_view_if_needed()
    return chart(page, name)


def rewards_shown(page: Page) -> dict[int, float]:
    """Candidate → reward, from the points of the rewards chart, whatever kind each is of."""
    traces = chart(page, "rewards")
    kinds = [traces[kind] for kind in KINDS]
    points = [point for kind in kinds for point in zip(kind["x"], kind["y"], strict=True)]
    assert len({index for index, _ in points}) == len(points), "a candidate is drawn twice"
    return {int(index): reward for index, reward in points}


def leaderboard(page: Page) -> list[str]:
    """Rank, reward, equation and the rest of each row, as text."""
    return page.locator("[data-part=leaderboard] tbody tr").all_inner_texts()


def shown(page: Page) -> dict[str, Any]:
    """All that the live page of a finished search shows."""
    parts = {name: page.locator(f"[data-{name}]").first.inner_text() for name in ("status", "done", "best")}
    rewards = chart(page, "rewards")
    return {**parts, "rewards": rewards, "policy": chart_in_tab(page, "policy"), "board": leaderboard(page)}


def api(page: Page, path: str) -> Any:
    answer = page.request.get(f"/api/{path}")
    assert answer.ok, answer.text()
    return answer.json()
