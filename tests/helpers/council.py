"""The council's own sign-in in the tests: a real OpenID provider, and a browser's way through it."""

import hashlib
import json
import re
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
from options import absent
from running import free_port

import bootstrap

FOLDER = Path(__file__).parents[1] / "provider"
INSTALLED_FROM = FOLDER / "node_modules" / ".installed-from"  # digest of the lock
SECRET = "a secret that two servers share"
PEOPLE = {
    "u-kerry": {"name": "Kerry Bell", "email": "kerry@council.example", "email_verified": True, "groups": ["Leads"]},
    "u-ruth": {"name": "Ruth Ansell", "email": "ruth@council.example", "email_verified": True, "groups": ["Admins"]},
    "u-tom": {"name": "Tom Hallam", "groups": ["Parks"]},
    "u-liar": {"name": "Kerry Bell", "email": "kerry@council.example", "email_verified": False, "groups": ["Leads"]},
}


@contextmanager
def provider(node: Any, *links: str) -> Generator[str]:
    """Its issuer, while it runs. It knows Beatbook under each of these addresses."""
    install(node)
    issuer = f"http://localhost:{(port := free_port())}"
    client = {
        "client_id": "beatbook",
        "client_secret": SECRET,
        "redirect_uris": [f"{link}/desk/sign-in/council/answer" for link in links],
        "post_logout_redirect_uris": [f"{link}/desk/sign-in" for link in links],
    }
    told = json.dumps({"issuer": issuer, "port": port, "clients": [client], "people": PEOPLE})
    command = [str(node.program), str(FOLDER / "provider.mjs"), told]
    process = subprocess.Popen(command, cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        await_start(process, issuer)
        yield issuer
    finally:
        process.kill()
        process.communicate()


def install(node: Any) -> None:
    """From its lock, once; skipped at home where npm cannot reach its registry."""
    digest = hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()
    if INSTALLED_FROM.is_file() and INSTALLED_FROM.read_text() == digest:
        return
    command = [*node.npm, *bootstrap.front_end().NPM_CI]
    done = subprocess.run(command, cwd=FOLDER, env=node.environment(), capture_output=True, text=True)
    if done.returncode:
        absent(f"oidc-provider could not be installed: {(done.stderr or done.stdout).strip()[-200:]}")
    INSTALLED_FROM.write_text(digest)


def await_start(process: subprocess.Popen[str], issuer: str) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        try:
            httpx2.get(f"{issuer}/.well-known/openid-configuration", timeout=1).raise_for_status()
            return
        except httpx2.HTTPError:
            time.sleep(0.05)
    raise AssertionError(f"the provider did not start: {process.poll()}")


def consent(address: str, login: str) -> str:
    """Sign in with the provider as a browser would, and return where it sends the browser back to."""
    with httpx2.Client(follow_redirects=False) as browser:
        page = browser.get(address)
        for _ in range(12):
            if page.status_code in (302, 303):
                onward = page.headers["location"]
                if "/desk/" in onward:
                    return onward
                page = browser.get(str(page.url.join(onward)))
                continue
            form = re.search(r'action="([^"]+/interaction/[^"]+)".*?name="prompt" value="(\w+)"', page.text, re.DOTALL)
            assert form, page.text
            page = browser.post(form[1], data={"prompt": form[2], "login": login, "password": "any"})
    raise AssertionError("the provider never sent the browser back")


def path_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"
