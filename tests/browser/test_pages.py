"""Every page as a person meets it: on a phone and on a desk, light and dark, by mouse and by keyboard."""

import re
import subprocess
import sys
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import WAIT, Console
from tests.browser.pages import api, chart, expect_live, expect_status, rewards_shown, sign_in, start_search
from tests.stack import ROOT, Stack, environment

BUDGET = 10
STRANGER, PASSWORD = "stranger", "Zwölf-Boxkämpfer-jagen"


@pytest.fixture(scope="module")
def search_id(stack: Stack, browser: Browser) -> int:
    """A finished search that this module's tests look at."""
    with browser.new_context(base_url=stack.address) as context:
        page = context.new_page()
        sign_in(page, stack)
        started = start_search(page, "to look at", BUDGET, seed=7)
        expect_status(page, "finished")
        return started


@pytest.fixture(scope="module")
def stranger(stack: Stack) -> None:
    """One more person with an account; even who may administer sees no search of somebody else's."""
    subprocess.run(
        [sys.executable, "manage.py", "createsuperuser", "--noinput", "--username", STRANGER, "--email", ""],
        cwd=ROOT,
        env={**environment(stack.var_dir, stack.port), "DJANGO_SUPERUSER_PASSWORD": PASSWORD},
        check=True,
        capture_output=True,
    )


def rule_pages(search_id: int) -> tuple[str, str]:
    return f"/searches/{search_id}/rules/0/", f"/searches/{search_id}/rules/0/transfer/"


def sign_in_as(page: Page, name: str, password: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_no_page_scrolls_sideways_or_complains(
    stack: Stack, browser: Browser, console: Console, search_id: int, width: int, scheme: str
) -> None:
    """The console fixture fails the test for any error, exception or violation of the content security policy."""
    size, colours = {"width": width, "height": 900}, {"color_scheme": scheme}
    with browser.new_context(base_url=stack.address, viewport=size, **colours) as context:  # type: ignore[arg-type]
        context.set_default_timeout(WAIT)
        console.watch(context)
        page = context.new_page()
        page.goto("/accounts/login/")
        assert overflow(page) == 0
        sign_in(page, stack)
        for path in ("/searches/", "/searches/new/", f"/searches/{search_id}/", *rule_pages(search_id)):
            page.goto(path)
            expect(page.locator("h1").first).to_be_visible()
            if page.locator("[data-chart]").count():
                page.locator("[data-chart]").first.scroll_into_view_if_needed()  # what is out of sight is not drawn
                expect(page.locator("[data-chart] svg.main-svg").first).to_be_visible()
            assert overflow(page) == 0, path
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert brightness(background) > 0.5 if scheme == "light" else brightness(background) < 0.3


def overflow(page: Page) -> int:
    """Pixels by which the page is wider than its window."""
    script = "Math.max(0, document.documentElement.scrollWidth - window.innerWidth)"
    return int(page.evaluate(script))


def brightness(colour: str) -> float:
    red, green, blue = map(float, re.findall(r"[\d.]+", colour)[:3])
    return (red + green + blue) / 3 / 255


def test_a_theme_that_was_switched_outlives_a_reload(page: Page) -> None:
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator("[data-theme-switch]").click()
    expect(page.locator("body")).not_to_have_css("background-color", before)
    after = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.reload()
    expect(page.locator("body")).to_have_css("background-color", after)


def test_a_wrong_password_is_told_and_lets_nobody_in(stack: Stack, browser: Browser, console: Console) -> None:
    with browser.new_context(base_url=stack.address) as context:
        console.watch(context)
        page = context.new_page()
        sign_in_as(page, stack.user, "not the password")
        expect(page.get_by_role("alert")).to_contain_text("correct username and password")
        expect(page.get_by_label("Username")).to_have_value(stack.user)
        page.goto("/searches/")
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_signing_out_asks_to_sign_in_again(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    page.goto("/searches/")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_the_keyboard_reaches_the_content_and_opens_a_rule(page: Page, search_id: int) -> None:
    page.goto(f"/searches/{search_id}/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    link = page.locator("[data-part=leaderboard] tbody a.equation-link").first
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/rules/\d+/$"))


def test_the_list_shows_the_search_with_its_best_rule(page: Page, search_id: int) -> None:
    page.goto("/searches/")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="to look at"))
    expect(row).to_contain_text("finished")
    expect(row.locator("math").first).to_be_visible()


def test_the_live_page_tells_how_many_rules_differ_and_what_they_were_judged_on(page: Page, search_id: int) -> None:
    page.goto(f"/searches/{search_id}/")
    expect_live(page)
    rows = api(page, f"searches/{search_id}/snapshot")["candidates"]
    distinct = sum(row[5] != "duplicate" for row in rows)
    expect(page.locator("[data-distinct]")).to_have_text(f" · {distinct} different rules")
    expect(page.locator(".live-facts")).to_contain_text("250 validation examples, one seed")
    expect(page).to_have_title(re.compile(f"^{BUDGET}/{BUDGET} · to look at"))


def test_a_click_on_a_point_opens_its_rule(page: Page, search_id: int) -> None:
    page.goto(f"/searches/{search_id}/")
    expect_live(page)
    rewards_shown(page)
    point = page.locator("[data-chart=rewards] .scatterlayer .point").first
    point.scroll_into_view_if_needed()
    box = point.bounding_box()
    assert box is not None
    centre = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(centre[0] - 3, centre[1])  # Plotly answers to a pointer that moves
    page.mouse.move(*centre)
    page.mouse.click(*centre)
    page.wait_for_url(re.compile(rf"/searches/{search_id}/rules/\d+/$"))


def test_a_rules_page_has_its_curves_rates_and_texts_to_copy(page: Page, search_id: int) -> None:
    trained = next(r for r in api(page, f"searches/{search_id}/snapshot")["candidates"] if r[5] == "trained")[0]
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/searches/{search_id}/rules/{trained}/")
    detail = api(page, f"searches/{search_id}/candidates/{trained}")
    (sweep,) = chart(page, "sweep").values()
    assert sweep["x"] == sorted(run["learning_rate"] for run in detail["runs"] if run["stage"] == "sweep")
    final = next(run for run in detail["runs"] if run["stage"] == "final")
    accuracies = [trace["y"] for trace in chart(page, "accuracy").values()]
    assert [point["validation_accuracy"] for point in final["curve"]] in accuracies
    assert chart(page, "loss")
    expect(page.locator(".equation-hero math").first).to_be_visible()
    page.locator("[data-copy=copy-latex]").click()
    assert page.evaluate("navigator.clipboard.readText()") == detail["latex"]


def test_a_choice_shows_only_its_own_settings(page: Page) -> None:
    page.goto("/searches/new/")
    units = page.get_by_role("textbox", name="LSTM units", exact=True).first
    expect(units).to_be_visible()
    page.locator("[name=controller]").select_option("random")
    expect(units).to_be_hidden()
    page.locator("[name=controller]").select_option("evolution")
    expect(page.get_by_role("textbox", name="Population", exact=True)).to_be_visible()


def test_what_was_typed_is_still_there_after_an_error(page: Page) -> None:
    page.goto("/searches/new/")
    page.get_by_role("textbox", name="Name", exact=True).fill("kept <b>as typed</b>")
    page.get_by_role("textbox", name="Learning rates", exact=True).fill("0.1, abc")
    page.get_by_role("button", name="Create and start").click()
    expect(page.locator("[data-field=protocol__learning_rates] [data-errors] li").first).to_be_visible()
    expect(page.get_by_role("textbox", name="Name", exact=True)).to_have_value("kept <b>as typed</b>")
    expect(page.get_by_role("textbox", name="Learning rates", exact=True)).to_have_value("0.1, abc")


@pytest.mark.usefixtures("stranger")
def test_somebody_elses_search_is_nowhere_to_be_seen(
    stack: Stack, browser: Browser, console: Console, search_id: int
) -> None:
    console.expect("404")
    with browser.new_context(base_url=stack.address) as context:
        console.watch(context)
        page = context.new_page()
        sign_in_as(page, STRANGER, PASSWORD)
        expect(page.get_by_role("link", name="New search").first).to_be_visible()
        expect(page.get_by_role("link", name="to look at")).to_have_count(0)
        below = ("", "leaderboard/", "rules/0/", "rules/0/optimizer.py")
        pages = [f"/searches/{search_id}/{path}" for path in below]
        for path in (*pages, f"/api/searches/{search_id}", f"/api/searches/{search_id}/snapshot"):
            assert page.request.get(path).status == 404, path
        assert close_code(page, f"/ws/searches/{search_id}/") == 4404


def close_code(page: Page, path: str) -> int:
    script = """path => new Promise((resolve) => {
        const socket = new WebSocket(`ws://${location.host}${path}`);
        socket.addEventListener("close", ({code}) => resolve(code));
        socket.addEventListener("message", () => resolve(0));
    })"""
    return int(page.evaluate(script, path))


def test_a_name_is_shown_as_it_was_typed_and_never_run(open_page: Callable[[], Page]) -> None:
    page = open_page()
    name = "<img src=x onerror=window.ran=1> & 'friends'"
    start_search(page, name, 5, seed=8)
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect_status(page, "finished")
    page.goto("/searches/")
    expect(page.get_by_role("link", name=name)).to_be_visible()
    assert page.evaluate("window.ran") is None
