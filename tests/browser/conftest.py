"""One running product and one Chromium for all browser tests; a console error fails the test that caused it."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests import system
from tests.browser.pages import expect_status, sign_in
from tests.stack import Stack, running_stack

WAIT = 60_000  # ms; two cores train and show at the same time
# Headless and the like are Playwright's own; root may not use the sandbox, and nothing may be fetched from elsewhere.
CHROMIUM_ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    program = system.chromium()
    assert program, "There is no Chromium; `python -m tests.system` installs it."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_ARGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def stack(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The product, with its first search stopped: the tests' own searches have the worker for themselves."""
    with running_stack(tmp_path_factory.mktemp("stack") / "var") as stack:
        with browser.new_context(base_url=stack.address) as context:
            page = context.new_page()
            sign_in(page, stack)
            page.on("dialog", lambda dialog: dialog.accept())
            page.get_by_role("link", name="First search").first.click()
            page.get_by_role("button", name="Stop").click()
            expect_status(page, "stopped")
        yield stack
        assert stack.up.poll() is None, f"`up` has ended by itself, code {stack.up.returncode}: {stack.printed()}"


class Console:
    """What pages complained about: errors, violations of the content security policy, exceptions."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.expected: tuple[str, ...] = ()

    def expect(self, *parts: str) -> None:
        """Complaints with one of these parts are what the test provokes."""
        self.expected += parts

    def watch(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not self._is_the_drivers(message.text):
            self.complaints.append(f"{message.text} ({message.location['url']})")

    @staticmethod
    def _is_the_drivers(text: str) -> bool:
        """Without a GPU, Chromium's software WebGL complains of its own speed; no page can help that."""
        return "GPU stall due to ReadPixels" in text

    @property
    def unexpected(self) -> list[str]:
        return [text for text in self.complaints if not any(part in text for part in self.expected)]


@pytest.fixture
def console() -> Iterator[Console]:
    console = Console()
    yield console
    assert console.unexpected == []


@pytest.fixture
def open_page(stack: Stack, browser: Browser, console: Console) -> Iterator[Callable[[], Page]]:
    """A page of a new browser, signed in. Each call is one more browser."""
    contexts: list[BrowserContext] = []

    def open_one() -> Page:
        context = browser.new_context(base_url=stack.address, accept_downloads=True)
        context.set_default_timeout(WAIT)
        contexts.append(context)
        console.watch(context)
        page = context.new_page()
        sign_in(page, stack)
        return page

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page: Callable[[], Page]) -> Page:
    return open_page()
