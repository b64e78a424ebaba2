"""The way to the council's own sign-in and back in a real browser, whose rules about cookies no other test knows."""

import council
import pytest
from phones import DESKTOP, problems_for_people
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_the_way_back_from_another_site_ends_at_the_page_that_was_wanted(running, another, node, tmp_path):
    (tmp_path / "secret").write_text(council.SECRET)
    with council.provider(node, running.url) as issuer:  # localhost, which is another site than 127.0.0.1
        running.environment |= {
            "BEATBOOK_OIDC_ISSUER": issuer,
            "BEATBOOK_OIDC_CLIENT_ID": "beatbook",
            "BEATBOOK_OIDC_CLIENT_SECRET_FILE": str(tmp_path / "secret"),
            "BEATBOOK_OIDC_GROUPS": "Leads=supervisor",
            "BEATBOOK_LOCAL_SIGN_IN": "False",
        }
        running.start()
        page = another("desk", viewport=DESKTOP).switch_on()
        page.goto(f"{running.url}/desk/devices")
        assert problems_for_people(page) == []
        page.get_by_role("link", name="Sign in with your council account").click()
        page.get_by_placeholder("Enter any login").fill("u-kerry")
        page.get_by_placeholder("and password").fill("any")
        page.get_by_role("button", name="Sign-in").click()
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("heading", name="Devices", exact=True)).to_be_visible()
        assert page.url == f"{running.url}/desk/devices"

        page.get_by_role("button", name="Sign out", exact=True).click()
        page.get_by_role("link", name="sign out of your council account").click()
        page.get_by_role("button", name="Yes, sign me out").click()
        expect(page.get_by_role("heading", name="Sign in to the desk")).to_be_visible()
        assert problems_for_people(page) == []
