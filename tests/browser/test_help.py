"""Help for people at the screen: keys, hints, the tab's icon, a notification, sets composed and tokens made."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import WAIT, Console
from tests.browser.pages import api, expect_live, expect_status, sign_in, start_search
from tests.browser.test_pages import overflow
from tests.services import wait_for
from tests.stack import Stack

PAGES = (
    "/primitives/", "/primitives/3/", "/primitives/new/?from=1", "/account/tokens/", "/docs/", "/docs/primitives/",
    "/docs/controllers/", "/docs/api/", "/docs/shortcuts/",
)  # fmt: skip
# Keeps what a page wanted to show, as a headless browser shows nothing; the page is never in front.
NOTIFICATIONS = """
  window.shown = [];
  window.Notification = class { constructor(title, options) { window.shown.push([title, options.body]); } };
  Notification.permission = "default";
  Notification.requestPermission = async () => (Notification.permission = window.answer ?? "granted");
  document.hasFocus = () => false;
"""


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1440, "light")])
def test_no_page_of_help_scrolls_sideways_or_complains(
    stack: Stack, browser: Browser, console: Console, width: int, scheme: str
) -> None:
    size, colours = {"width": width, "height": 900}, {"color_scheme": scheme}
    with browser.new_context(base_url=stack.address, viewport=size, **colours) as context:  # type: ignore[arg-type]
        context.set_default_timeout(WAIT)
        console.watch(context)
        page = context.new_page()
        sign_in(page, stack)
        for path in PAGES:
            page.goto(path)
            expect(page.locator("h1").first).to_be_visible()
            assert overflow(page) == 0, path


class TestKeys:
    def test_the_list_of_keys_opens_and_closes(self, page: Page) -> None:
        page.goto("/searches/")
        dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
        page.keyboard.press("?")
        expect(dialog).to_be_visible()
        page.keyboard.press("g")
        page.keyboard.press("n")  # behind the list nothing happens
        expect(page).to_have_url(re.compile(r"/searches/$"))
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()

    def test_two_keys_lead_to_a_page(self, page: Page) -> None:
        for second, path in (("n", "/searches/new/"), ("p", "/primitives/"), ("d", "/docs/"), ("s", "/searches/")):
            wait_for(lambda second=second, path=path: press_g(page, second).endswith(path), f"g {second}", 60)

    def test_keys_are_letters_while_somebody_types(self, page: Page) -> None:
        page.goto("/searches/new/")
        name = page.get_by_role("textbox", name="Name", exact=True)
        name.press_sequentially("g s ? / j")
        expect(name).to_have_value("g s ? / j")
        expect(page).to_have_url(re.compile(r"/searches/new/$"))
        expect(page.get_by_role("dialog")).to_have_count(0)

    def test_rows_and_filters_are_reached(self, page: Page) -> None:
        page.goto("/primitives/")
        links = page.locator("tbody a.table-name")
        page.keyboard.press("j")
        expect(links.nth(0)).to_be_focused()
        page.keyboard.press("j")
        expect(links.nth(1)).to_be_focused()
        page.keyboard.press("k")
        expect(links.nth(0)).to_be_focused()
        page.goto("/searches/")
        page.keyboard.press("/")
        expect(page.locator("[role=search] input").first).to_be_focused()

    def test_a_search_is_paused_and_resumed(self, page: Page) -> None:
        start_search(page, "paused by a key", budget=300, seed=3)
        expect_live(page)
        page.keyboard.press("p")
        expect_status(page, "paused")
        page.keyboard.press("p")
        expect_status(page, "running")
        page.on("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="Stop").click()
        expect_status(page, "stopped")


def test_hints_are_sent_away_by_keyboard_and_stay_away(page: Page) -> None:
    page.goto("/searches/1/")
    hint = page.locator("[data-hint=live-search]")
    expect(hint).to_be_visible()
    hint.get_by_role("button", name="Got it").focus()
    page.keyboard.press("Enter")
    expect(hint).to_be_hidden()
    page.reload()
    expect(page.locator("h1").first).to_be_visible()
    expect(hint).to_be_hidden()
    page.goto("/docs/shortcuts/")
    page.get_by_role("button", name="Show them again").click()
    page.goto("/searches/1/")
    expect(hint).to_be_visible()
    hint.get_by_role("button", name="No more hints").click()
    expect(page.locator("[data-hint]:visible")).to_have_count(0)
    page.reload()
    expect(hint).to_be_hidden()


def icon(page: Page) -> str:
    return str(page.locator('link[rel="icon"]').get_attribute("href"))


def test_the_icon_tells_progress_and_a_notification_the_end(page: Page) -> None:
    page.add_init_script(NOTIFICATIONS)
    page.goto("/searches/")
    start_search(page, "in the background", budget=8, seed=11)
    button = page.locator("[data-notify]")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    assert icon(page).startswith("data:image/svg+xml")
    expect_status(page, "finished")
    page.wait_for_function("() => window.shown.length === 1")
    assert "23b02323" not in icon(page)  # red is for a search that failed
    assert "%2317693a" in icon(page)
    ((title, body),) = page.evaluate("window.shown")
    assert title == "“in the background” is finished"
    assert body.startswith("8 of 8 candidates")


def test_a_browser_that_refuses_notifications_is_told(page: Page) -> None:
    page.add_init_script(NOTIFICATIONS + "window.answer = 'denied';")
    page.goto("/searches/")
    start_search(page, "not told", budget=200, seed=12)
    button = page.locator("[data-notify]")
    button.click()
    expect(button).to_have_text("Notifications are blocked")
    expect(button).to_have_attribute("aria-pressed", "false")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Stop").click()
    expect_status(page, "stopped")
    assert page.evaluate("window.shown") == []


def test_a_set_is_composed_saved_in_versions_and_offered_to_searches(page: Page) -> None:
    page.goto("/primitives/new/?from=1")
    size = page.locator("[data-size='2']")
    before = size.inner_text()
    page.get_by_role("textbox", name="Name").fill("with clips")
    clip = page.locator("#row-clip")
    clip.get_by_label("limit").fill("0.05")
    clip.get_by_label("limit").press("Enter")  # adds, and does not save
    expect(clip.locator("input[value='clip(0.05)']")).to_be_checked()
    expect(size).not_to_have_text(before)
    clip.get_by_label("limit").fill("-1")
    clip.get_by_role("button", name="Add").click()
    expect(clip.get_by_role("alert")).to_contain_text("limit")
    page.get_by_role("button", name="Save the set").last.click()
    expect(page.locator("h1")).to_have_text("with clips")
    page.get_by_role("link", name="Change it").click()
    page.locator("#row-clip input[value='clip(0.05)']").uncheck()
    page.get_by_role("button", name="Save a new version").last.click()
    expect(page.locator(".versions li")).to_have_count(2)
    page.get_by_role("button", name="Restore version 1").click()
    expect(page.locator(".versions li")).to_have_count(3)
    page.goto("/searches/new/")
    expect(page.locator("[name=primitive_set] option", has_text="with clips")).to_have_count(1)


def test_a_token_is_made_used_and_revoked(page: Page, browser: Browser, stack: Stack) -> None:
    page.goto("/account/tokens/")
    page.get_by_role("textbox", name="Name").fill("from a test")
    page.get_by_role("button", name="Make the token").click()
    headers = {"Authorization": f"Bearer {page.locator('#copy-token').inner_text()}"}
    with browser.new_context(base_url=stack.address) as elsewhere:
        answer = elsewhere.request.get("/api/searches/", headers=headers)
        assert [row["id"] for row in answer.json()] == [row["id"] for row in api(page, "searches/")]
        page.goto("/account/tokens/")
        expect(page.locator("#copy-token")).to_have_count(0)
        page.get_by_role("button", name="Revoke from a test").click()
        expect(page.get_by_text("opens nothing any more")).to_be_visible()
        assert elsewhere.request.get("/api/searches/", headers=headers).status == 401


def press_g(page: Page, second: str) -> str:
    """Presses both keys and tells where that led; a page that has just been left may have swallowed them."""
    page.keyboard.press("g")
    page.keyboard.press(second)
    page.wait_for_timeout(500)
    page.wait_for_load_state("load")
    return page.url
