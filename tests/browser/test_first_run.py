"""The first minute: what someone sees who has just started the product."""

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.browser.conftest import Console
from tests.browser.pages import expect_live, rewards_shown, sign_in, wait_for_done
from tests.stack import running_stack


def test_the_first_search_is_running_when_the_browser_opens(browser: Browser, console: Console, tmp_path: Path) -> None:
    with running_stack(tmp_path / "var") as stack, browser.new_context(base_url=stack.address) as context:
        console.watch(context)
        page = context.new_page()
        sign_in(page, stack)
        page.get_by_role("link", name="First search").first.click()
        expect(page.locator("[data-status]")).to_have_text("running")
        expect_live(page)
        wait_for_done(page, 3)
        assert rewards_shown(page)
