"""The live page's further charts: what they show, and that what a person set on them survives updates and a reload."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import api, chart, chart_in_tab, expect_live, expect_status, start_search

BUDGET = 30


@pytest.fixture(scope="module")
def finished() -> dict[str, int]:
    """The id of the search that the first test ran."""
    return {}


@pytest.fixture
def live(page: Page, finished: dict[str, int]) -> Page:
    if "id" not in finished:
        finished["id"] = start_search(page, "charts", BUDGET)
    else:
        page.goto(f"/searches/{finished['id']}/")
    expect_live(page)
    expect_status(page, "finished")
    return page


def last_axis(page: Page) -> tuple[float, float]:
    """The middle of the last axis of the parallel coordinates, which are drawn once they are in sight."""
    page.locator("[data-chart=rules]").scroll_into_view_if_needed()
    grip = page.locator(".axis__grip").last
    grip.scroll_into_view_if_needed()
    box = grip.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def fitting(page: Page) -> str:
    return page.locator("[data-count]").inner_text()


def test_the_tabs_show_front_controller_and_primitives(live: Page, finished: dict[str, int]) -> None:
    rows = api(live, f"searches/{finished['id']}/snapshot")["candidates"]
    trained = {(row[4], row[1]) for row in rows if row[5] == "trained"}
    front = chart_in_tab(live, "front")["front"]
    steps = list(zip(front["x"], front["y"], strict=True))
    assert set(steps[:-1]) <= trained
    assert front["y"] == sorted(front["y"])
    dominated = [(x, y) for x, y in trained for a, b in steps[:-1] if a <= x and b >= y]
    assert {*dominated} == trained  # of every rule, a point of the front is no more complex and no worse
    assert len(chart_in_tab(live, "policy")["entropy"]["y"]) == BUDGET / 5
    shares = live.evaluate(
        """async () => {
            document.querySelector('#t-preferences').click();
            const element = document.querySelector('[data-chart=preferences]');
            while (!element.data) await new Promise(requestAnimationFrame);
            return element.data[0].z.map((row) => row.at(-1));
        }"""
    )
    assert sum(shares) == pytest.approx(1, abs=0.03)


def test_who_works_is_shown_with_its_device(live: Page) -> None:
    tile = live.locator(".tile").first
    expect(tile).to_contain_text(re.compile(r"seen \d+ s ago"))
    expect(tile).to_contain_text("children an hour")


def test_zoom_hidden_traces_and_tabs_survive_an_update_and_a_reload(live: Page) -> None:
    chart(live, "rewards")
    live.evaluate("() => Plotly.relayout(document.querySelector('[data-chart=rewards]'), {'xaxis.range': [2, 9]})")
    live.locator("[data-chart=rewards] .legendtoggle").first.click()
    live.locator("#t-policy").click()
    live.locator("[data-choices=measures] input[value=loss]").check()
    for part in (r"rewards\.zoom=2,9,", "rewards.hide=trained", "view=policy", "measures=entropy,kl,loss"):
        expect(live).to_have_url(re.compile(part))
    read = """() => {
        const {data, layout} = document.querySelector('[data-chart=rewards]');
        return [layout.xaxis.range.map(Math.round), data.find(({name}) => name === 'trained').visible];
    }"""
    for again in (lambda: None, live.reload):
        again()
        chart(live, "rewards")
        live.wait_for_function("() => document.querySelector('[data-chart=rewards]').layout.xaxis.range[0] === 2")
        assert live.evaluate(read) == [[2, 9], "legendonly"]
        expect(live.locator("#t-policy")).to_have_attribute("aria-selected", "true")
        assert set(chart_in_tab(live, "policy")) == {"entropy", "kl", "loss"}
        live.locator("#t-policy").click()


def test_ranges_and_the_order_of_axes_survive_a_reload_and_filter_the_table(live: Page) -> None:
    x, y = last_axis(live)
    everything = fitting(live)
    live.mouse.move(x, y - 140)
    live.mouse.down()
    live.mouse.move(x, y - 20, steps=5)
    live.mouse.up()
    expect(live.locator("[data-count]")).not_to_have_text(everything)
    expect(live.get_by_label("Reward at least")).not_to_have_value("")
    live.locator(".axis__name[data-axis=r]").press("ArrowLeft")
    expect(live.locator(".axis__name").nth(-2)).to_have_attribute("data-axis", "r")
    kept, order = fitting(live), live.locator(".axis__name").all_inner_texts()
    for part in ("keep=r:", "axes=.*c,r,l"):
        expect(live).to_have_url(re.compile(part))
    live.reload()
    last_axis(live)
    expect(live.locator("[data-count]")).to_have_text(kept)
    assert live.locator(".axis__name").all_inner_texts() == order
    least = float(live.get_by_label("Reward at least").input_value())
    rewards = [float(text.split()[0]) for text in live.locator(".rules__table [data-cell=reward]").all_inner_texts()]
    assert rewards == sorted(rewards, reverse=True)
    assert rewards[-1] >= least
    expect(live.locator(".rules__table math").first).to_be_visible()
    live.get_by_role("button", name="Show all").click()
    expect(live.locator("[data-count]")).to_have_text(everything)


def test_one_click_on_a_line_or_a_point_leads_to_its_rule(live: Page, finished: dict[str, int]) -> None:
    x, y = last_axis(live)
    line = live.evaluate(
        """([x, y]) => {
            const element = document.querySelector('[data-chart=rules]');
            for (let up = -150; up < 150; up += 2) {
                const at = {clientX: x - 30, clientY: y + up, bubbles: true};
                element.dispatchEvent(new PointerEvent('pointermove', at));
                if (element.querySelector('.is-pointed')) return up;
            }
        }""",
        [x, y],
    )
    live.mouse.move(x - 30, y + line)
    name = live.locator("[data-chart=rules] output").inner_text()
    live.mouse.click(x - 30, y + line)
    index = re.search(r"rule (\d+)", name)
    assert index
    live.wait_for_url(f"**/searches/{finished['id']}/rules/{index[1]}/")


def test_fronts_lines_and_thinned_points_agree_with_slow_ways(page: Page) -> None:
    """Of 20,000 made-up rules, by the page's own modules."""
    found = page.evaluate(
        """async () => {
            const {Columns} = await import('/static/js/columns.js');
            const {front} = await import('/static/js/charts/front.js');
            const {lines} = await import('/static/js/charts/rewards.js');
            const {placesByOutcome, thin} = await import('/static/js/charts/thinning.js');
            const columns = new Columns(0);
            let seed = 1;
            const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
            for (let index = 0; index < 20000; index += 1) {
                const outcome = random() < 0.8 ? 'trained' : 'diverged';
                const complexity = 1 + Math.floor(random() * 40);
                const reward = random() < 0.1 ? null : random() * random() * (0.2 + complexity / 50);
                columns.put(index, {reward, complexity, outcome});
            }
            const {size, reward, complexity, index} = columns;
            const trained = placesByOutcome(columns)[1];
            const better = (a, b) => complexity[a] < complexity[b] && reward[a] >= reward[b]
                || complexity[a] === complexity[b] && (reward[a] > reward[b] || reward[a] === reward[b] && a < b);
            const slow = trained.filter((b) => !trained.some((a) => better(a, b)));
            const view = {x: [5000, 6000], y: null};
            const shown = thin(trained, index, reward, view);
            const rewarded = Array.from(index.subarray(0, size)).filter((place) => !Number.isNaN(reward[place]));
            const {best, mean} = lines(columns);
            const last = rewarded.slice(-20).map((place) => reward[place]);
            return {
                front: front(columns), slow: slow.sort((a, b) => complexity[a] - complexity[b]),
                shown: shown.length, unknown: shown.filter((place) => !trained.includes(place)).length,
                kept: Math.max(...shown.map((place) => reward[place])),
                most: Math.max(...trained.map((place) => reward[place])),
                near: shown.filter((place) => place >= 5000 && place <= 6000).length,
                best: best.y.at(-1), all: Math.max(...rewarded.map((place) => reward[place])),
                mean: mean.y.at(-1), slowMean: last.reduce((a, b) => a + b) / last.length,
            };
        }"""
    )
    assert found["front"] == found["slow"]
    assert len(found["front"]) > 3
    assert found["unknown"] == 0
    assert found["shown"] < 2000
    assert found["near"] > found["shown"] / 3  # what a person zoomed into has most of the points
    assert found["kept"] == found["most"]
    assert found["best"] == found["all"]
    assert found["mean"] == pytest.approx(found["slowMean"])
