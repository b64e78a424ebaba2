"""Passkeys in a real browser, with the authenticator that Chromium simulates for developers."""

import pytest
from phones import DESKTOP, devtools, problems_for_people
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

PASSWORD = "gravel teapot Sunday"


def test_an_administrator_adds_a_passkey_and_comes_in_with_nothing_else(running, another):
    running.environment["BEATBOOK_PUBLIC_URL"] = f"http://localhost:{running.port}"
    link = running.start().invite("admin", "Ruth Ansell")["url"]
    page = another("desk", viewport=DESKTOP).switch_on()
    simulate_an_authenticator(page)
    page.goto(link)
    page.get_by_label("Your name").fill("Ruth Ansell")
    page.get_by_label("Email address").fill("ruth@council.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()
    page.get_by_role("link", name="Ruth Ansell").click()
    assert problems_for_people(page) == []

    page.get_by_label("Name for a new passkey").fill("Work laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("status")).to_contain_text("Passkey added")
    expect(page.get_by_text("Work laptop", exact=True)).to_be_visible()

    page.get_by_role("button", name="Sign out", exact=True).click()
    assert problems_for_people(page) == []
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Records", exact=True)).to_be_visible()

    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_label("Email address").fill("ruth@council.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in with a password").click()
    expect(page.get_by_text("Your account also wants your passkey")).to_be_visible()


def simulate_an_authenticator(page: Page) -> None:
    session = devtools(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
