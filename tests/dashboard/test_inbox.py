"""What needs a person, in a real browser: it comes by itself, says why, and is answered where it stands."""

import re

from playwright.sync_api import Locator, Page, Route, expect

from tests.acceptance.world import World
from tests.dashboard.browser import Window
from tests.dashboard.scene import by_hand


def item(page: Page, title: str) -> Locator:
    return page.get_by_role("article", name=re.compile(re.escape(title)))


def planned(world: World, title: str) -> str:
    task = by_hand(world, title, require_plan=True)
    world.post(f"/tasks/{task}/plan", {"plan": "1. Measure the queries\n2. Add the index"})
    return task


def asking(world: World, title: str, question: str) -> str:
    task = by_hand(world, title)
    world.post(f"/tasks/{task}/help", {"question": question, "intervention_type": "question"})
    return task


def test_a_plan_comes_by_itself_and_is_approved(window: Window, world: World) -> None:
    page = window.go("/")
    expect(page.get_by_text("Nothing needs you.")).to_be_visible()
    task = planned(world, "Speed up the search")
    expect(item(page, "Speed up the search")).to_contain_text("A plan waits for your approval")
    expect(page.get_by_role("heading", name="1 needs you")).to_be_visible()
    expect(page.get_by_role("navigation", name="Main").get_by_text("1 need you")).to_be_visible()
    item(page, "Speed up the search").get_by_text("The plan", exact=True).click()
    expect(item(page, "Speed up the search").get_by_role("listitem").filter(has_text="Add the index")).to_be_visible()
    item(page, "Speed up the search").get_by_role("button", name="Approve").click()
    expect(item(page, "Speed up the search")).to_be_hidden()
    world.until(task, "running")


def test_a_plan_goes_back_with_what_should_change(window: Window, world: World) -> None:
    task = planned(world, "Rewrite everything")
    page = window.go("/")
    item(page, "Rewrite everything").get_by_role("button", name="Revise").click()
    page.get_by_label("What should change?").fill("Only the worst of it")
    item(page, "Rewrite everything").get_by_role("button", name="Revise").click()
    expect(item(page, "Rewrite everything")).to_be_hidden()
    assert world.until(task, "planning")["plan_feedback"] == "Only the worst of it"


def test_a_question_is_answered_in_place(window: Window, world: World) -> None:
    page = window.go("/")
    task = asking(world, "Choose a provider", "Adyen or Stripe?")
    expect(item(page, "Choose a provider")).to_contain_text("Adyen or Stripe?")
    item(page, "Choose a provider").get_by_label("Your answer").fill("Stripe")
    item(page, "Choose a provider").get_by_role("button", name="Respond").click()
    expect(item(page, "Choose a provider")).to_be_hidden()
    world.until(task, "running")


def test_a_failure_says_why_and_is_tried_again(window: Window, world: World) -> None:
    page = window.go("/")
    task = world.create("Migrate the orders", {"kind": "command", "shell": "exit 3"})
    world.until(task, "failed")
    expect(item(page, "Migrate the orders")).to_contain_text("A task failed")
    expect(item(page, "Migrate the orders")).to_contain_text("3")
    item(page, "Migrate the orders").get_by_role("button", name="Retry").click()
    world.eventually(lambda: len(world.assignments(task)) == 2, "it is tried again")


def test_what_the_hub_refuses_comes_back_and_says_why(window: Window, world: World) -> None:
    task = asking(world, "Answered twice", "Left or right?")
    page = window.go("/")

    def theirs_first(route: Route) -> None:
        assert world.request("DELETE", f"/tasks/{task}?reason=changed+my+mind").status_code == 200
        route.continue_()

    page.route("**/respond", theirs_first, times=1)
    item(page, "Answered twice").get_by_label("Your answer").fill("Left")
    item(page, "Answered twice").get_by_role("button", name="Respond").click()
    expect(page.locator("[role=status] p").first).to_be_visible()
    expect(item(page, "Answered twice")).to_be_hidden()  # because it was cancelled, not because of the answer
    assert world.task(task)["status"] == "cancelled"


def test_kinds_are_chosen_in_the_address(window: Window, world: World) -> None:
    planned(world, "A plan among others")
    asking(world, "A question among others", "Why?")
    page = window.go("/")
    page.get_by_role("tab", name=re.compile("^Questions")).click()
    expect(item(page, "A plan among others")).to_be_hidden()
    page.reload()
    expect(page).to_have_url(re.compile("kind=intervention"))
    expect(item(page, "A question among others")).to_be_visible()
    expect(item(page, "A plan among others")).to_be_hidden()
