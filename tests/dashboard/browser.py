"""A real Chromium on the dashboard of a real hub, and what a test finds on its pages."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, expect, sync_playwright

from tests.acceptance.world import World
from tests.hub_process import ADMIN, PASSWORD

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "hub" / "corral_hub" / "web" / "static" / "index.html"
PICTURES = Path(os.environ.get("CORRAL_TEST_PICTURES", ROOT / "build" / "pictures"))
"""Where screenshots are kept: CI keeps the folder `build/pictures` as an artifact."""
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
PATIENCE = 30_000.0
"""Milliseconds until what should have come up is called missing; the machine may be busy."""
expect.set_options(timeout=PATIENCE)

# The flags without which Chromium asks the world for updates, or refuses to run as root.
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip


def chromium() -> str:
    """Return the path of a Chromium. Skips the test where there is none, or no dashboard was built."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("no Chromium; `scripts/install-chromium` installs it where it may")
    if not BUILT.exists():
        pytest.skip("the dashboard is not built: `make dashboard`")
    return found


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            yield launched
        finally:
            launched.close()


@dataclass
class Window:
    """A browser window of somebody: its page, and everything the page complained about."""

    page: Page
    context: BrowserContext
    url: str
    complaints: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("dialog", self._refuse)

    def _hear(self, message: ConsoleMessage) -> None:
        # A refusal by the hub is shown by the page; Chromium says it in the console, too.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.complaints.append(message.text)

    def _refuse(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def log_in(self, email: str = ADMIN, password: str = PASSWORD) -> None:
        """As a person does: by typing."""
        self.page.goto(f"{self.url}/login")
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Log in").click()
        self.page.get_by_role("navigation", name="Main").wait_for()

    def go(self, path: str) -> Page:
        self.page.goto(f"{self.url}{path}")
        return self.page

    def picture(self, name: str) -> None:
        """Keep a screenshot of what is shown now."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")


def a_window(browser: Browser, world: World, *, size: dict[str, int] | None = None, scheme: str = "dark") -> Window:
    context = browser.new_context(
        viewport=size or DESKTOP,  # type: ignore[arg-type]
        color_scheme=scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
        permissions=["clipboard-read", "clipboard-write"],
    )
    context.set_default_timeout(PATIENCE)
    return Window(context.new_page(), context, world.url)
