"""A search from the first click to the optimizer in one's own training script."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Console
from tests.browser.pages import (
    chart,
    chart_in_tab,
    done,
    expect_live,
    expect_status,
    leaderboard,
    rewards_shown,
    shown,
    start_search,
    wait_for_done,
)
from tests.services import wait_for

BUDGET = 15

TRAIN_ELSEWHERE = """
import sys

sys.path.insert(0, ".")
import torch
IMPORT_LINE
torch.manual_seed(0)
x = torch.randn(512, 16)
y = (x @ torch.randn(16, 4)).argmax(dim=1)
model = torch.nn.Sequential(torch.nn.Linear(16, 32), torch.nn.ReLU(), torch.nn.Linear(32, 4))
optimizer = CLASS(model.parameters(), lr=LEARNING_RATE)
losses = []
for step in range(60):
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
assert not sys.modules.keys() & {"engine", "searchapp", "nosweb", "django", "celery", "channels"}
print(losses[0], losses[-1])
"""


def test_a_search_started_by_clicking_finishes_before_ones_eyes(page: Page) -> None:
    start_search(page, "by clicking", BUDGET)
    page.evaluate("window.notReloaded = true")
    expect_live(page)
    wait_for_done(page, 1)
    expect_status(page, "finished")
    assert done(page) == BUDGET
    assert page.evaluate("window.notReloaded") is True

    wait_for(lambda: len(rewards_shown(page)) == BUDGET, "every point")
    rewards, traces = rewards_shown(page), chart(page, "rewards")
    assert traces["mean of 20"]["x"] == sorted(rewards)
    assert traces["best so far"]["x"][-1] == max(rewards)
    best = traces["best so far"]["y"]
    assert best == sorted(best)
    assert best[-1] == max(rewards.values())
    assert len(chart_in_tab(page, "policy")["entropy"]["y"]) == BUDGET / 5
    expect(page.locator("[data-part=leaderboard] tbody math").first).to_be_visible()
    assert len(leaderboard(page)) >= 1


def test_a_second_browser_and_a_reload_show_the_same(open_page: Callable[[], Page]) -> None:
    first, second = open_page(), open_page()
    start_search(first, "seen twice", 10)
    second.goto(first.url)
    for page in (first, second):
        expect_status(page, "finished")
    wait_for(lambda: shown(second) == shown(first), "the same in both browsers")
    second.reload()
    expect_live(second)
    wait_for(lambda: shown(second) == shown(first), "the same after a reload")
    assert len(leaderboard(second)) > 1


def test_the_downloaded_optimizer_trains_a_network_with_only_torch(page: Page, tmp_path: Path) -> None:
    start_search(page, "to download", 10)
    expect_status(page, "finished")
    page.locator("[data-part=leaderboard] tbody a.equation-link").first.click()
    expect(page.locator("[data-chart=accuracy] svg").first).to_be_visible()
    usage = page.locator("#copy-usage").inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download optimizer.py").click()

    import_line = usage.splitlines()[0]
    module, name = import_line.split()[1], import_line.split()[3]
    download.value.save_as(tmp_path / f"{module}.py")
    learning_rate = usage.partition("lr=")[2].partition(",")[0].partition(")")[0]
    script = TRAIN_ELSEWHERE.replace("IMPORT_LINE", import_line).replace("CLASS", name)
    (tmp_path / "train.py").write_text(script.replace("LEARNING_RATE", learning_rate))
    command = [sys.executable, "-I", "train.py"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    first, last = map(float, ran.stdout.split())
    assert last < first


def test_what_is_wrong_in_the_form_is_said_beside_the_field(page: Page, console: Console) -> None:
    console.expect("422")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="New search").click()
    page.get_by_role("textbox", name="Budget", exact=True).fill("0")
    page.get_by_role("button", name="Create and start").click()
    expect(page.locator("[data-field=name] [data-errors] li")).to_contain_text("needs a name")
    expect(page.locator("[data-field=budget] [data-errors] li")).to_contain_text("1")


def test_the_size_and_the_time_follow_what_is_chosen(page: Page) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name="New search").click()
    size = page.locator("[data-estimate-size]")
    before = size.inner_text()
    page.get_by_role("textbox", name="Groups", exact=True).fill("3")
    expect(size).not_to_have_text(before)


def test_a_search_that_is_not_there_is_a_page_that_says_so(page: Page, console: Console) -> None:
    console.expect("404")
    answer = page.goto("/searches/999999/")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("link", name="Searches").first).to_be_visible()
