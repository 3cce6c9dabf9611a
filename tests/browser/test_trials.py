"""Fresh seeds, baselines, a transfer and ways over test functions, as a person asks for them and sees them arrive."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.pages import WAIT, api, chart, expect_status, leaderboard, start_search
from tests.services import wait_for


def finish_confirmed(page: Page) -> int:
    """A finished search whose best rule and two baselines are trained with three fresh seeds."""
    search_id = start_search(page, "confirmed", 10, seed=3, top=1, baselines="adam, sgd")
    page.evaluate("window.notReloaded = true")
    expect_status(page, "finished")
    expect(page.locator("[data-confirmed-spread]")).to_contain_text("(3)", timeout=WAIT)
    wait_for(lambda: api(page, f"searches/{search_id}")["trials_waiting"] == 0, "all trained", 120)
    return search_id


def path_chart(page: Page, name: str) -> list[str]:
    """The names of the traces in a drawn chart of ways."""
    page.wait_for_function("name => document.querySelector(`[data-path=${name}]`)?.data?.length > 3", arg=name)
    names: list[str] = page.evaluate(
        "name => document.querySelector(`[data-path=${name}]`).data.map(t => t.name)", name
    )
    return names


def test_the_live_page_holds_rules_against_baselines_with_the_same_seeds(page: Page) -> None:
    search_id = finish_confirmed(page)
    summary = api(page, f"searches/{search_id}")
    expect(page.locator("[data-confirmed]")).to_have_text(
        f"{100 * summary['confirmed']['mean']:.2f}\N{NO-BREAK SPACE}%"
    )
    wait_for(lambda: "baseline" in " ".join(leaderboard(page)), "baselines on the leaderboard")
    expect(page.locator(".leaderboard__group").first).to_contain_text("Confirmed with fresh seeds")
    baselines = {row["name"]: row["mean"] for row in api(page, f"searches/{search_id}/baselines")}
    traces = chart(page, "rewards")
    assert set(traces["Adam"]["y"]) - {None} == {baselines["adam"]}
    assert set(traces["SGD"]["y"]) - {None} == {baselines["sgd"]}
    assert traces["confirmed ± s"]["y"] == [summary["confirmed"]["mean"]]
    assert page.evaluate("window.notReloaded") is True


def test_a_rules_page_confirms_transfers_and_draws_without_a_reload(page: Page) -> None:
    search_id = finish_confirmed(page)
    index = api(page, f"searches/{search_id}")["confirmed"]["index"]
    address = f"/searches/{search_id}/rules/{index}/"
    page.goto(address)
    expect(page.get_by_text("Mean of 3 fresh seeds", exact=True)).to_be_visible()

    page.get_by_role("spinbutton", name="Fresh seeds").fill("4")
    page.get_by_role("button", name="Train with so many").click()
    expect(page.get_by_text("Mean of 4 fresh seeds", exact=True)).to_be_visible(timeout=WAIT)

    page.get_by_role("button", name="Draw its ways").click()
    ways = {"SGD", "Momentum", "Adam", f"Rule {index}", "start", "minimum"}
    wait_for(lambda: ways <= set(path_chart(page, "rosenbrock")), "the baselines' ways, too", 120)
    assert f"Rule {index}" in path_chart(page, "beale")

    page.get_by_role("link", name="Try it elsewhere").click()
    page.get_by_label("Network", exact=True).select_option(label="Softmax regression")
    page.get_by_role("textbox", name="Epochs").fill("1")
    page.get_by_role("textbox", name="Learning rates").fill("0.01, 0.1")
    page.get_by_role("button", name="Start the transfer").click()
    table = page.get_by_role("region", name="Softmax regression on Digits")
    expect(table.locator("tbody tr")).to_have_count(3)
    wait_for(lambda: "—" not in table.inner_text(), "four columns of all", 120)
    (transfer,) = trials(page, search_id, index)["transfers"]
    columns = {line["title"]: line["columns"] for line in transfer["lines"]}
    shown = table.inner_text()
    for title in (f"Rule {index}", "Adam", "SGD"):
        assert f"{100 * columns[title]['final_test']:.2f}" in shown


def trials(page: Page, search_id: int, index: int) -> Any:
    return api(page, f"searches/{search_id}/candidates/{index}/trials")
