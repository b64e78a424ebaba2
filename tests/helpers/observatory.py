"""The grade that Mozilla's HTTP Observatory would give an answer, so that no network and no public address is needed.

The points are those that github.com/mdn/mdn-http-observatory publishes (src/grader/charts.js and src/analyzer/tests, as
of 2026). 100 is where every site begins, and what earns more only counts while no more than 10 are lost.
A preloaded domain would earn 5 more; that is the council's to apply for.
"""

import re
from collections.abc import Mapping, Sequence
from http.cookies import Morsel, SimpleCookie

BROAD = {"ftp:", "http:", "https:", "*", "http://*", "http://*.*", "https://*", "https://*.*"}
UNSAFE = {"'unsafe-inline'", "data:"}
HALF_A_YEAR = 15_768_000  # seconds
FOR_EXTRAS = 90  # with fewer points than these, nothing is added


def score(headers: Mapping[str, str], page: str, cookies: Sequence[str] = (), *, https: bool = True) -> int:
    """Of one answer: its headers in lower case, its text, and the `Set-Cookie` lines that came with it."""
    points = points_of(headers, page, cookies, https=https)
    lost = 100 + sum(each for each in points.values() if each < 0)
    return max(100 + sum(points.values()) if lost >= FOR_EXTRAS else lost, 0)


def points_of(headers: Mapping[str, str], page: str, cookies: Sequence[str], *, https: bool) -> dict[str, int]:
    policy = policy_of(headers.get("content-security-policy", ""))
    return {
        "content-security-policy": of_policy(policy),
        "cookies": of_cookies([morsel for line in cookies for morsel in SimpleCookie(line).values()], headers),
        "cross-origin-resource-sharing": of_sharing(headers),
        "referrer-policy": of_referrer(headers.get("referrer-policy")),
        "strict-transport-security": of_transport(headers.get("strict-transport-security"), https=https),
        "subresource-integrity": of_scripts(page),
        "x-content-type-options": 0 if headers.get("x-content-type-options") == "nosniff" else -5,
        "x-frame-options": of_frames(policy, headers.get("x-frame-options", "")),
        "cross-origin-resource-policy": {
            None: 0, "cross-origin": 0, "same-site": 10, "same-origin": 10,
        }.get(headers.get("cross-origin-resource-policy"), -5),
    }  # fmt: skip


def policy_of(said: str) -> dict[str, set[str]]:
    directives = (part.split() for part in said.split(";") if part.strip())
    return {name.lower(): {source.lower() for source in sources} for name, *sources in directives}


def of_policy(policy: Mapping[str, set[str]]) -> int:
    if not policy:
        return -25
    anywhere = policy.get("default-src", {"*"})
    scripts, objects, styles = (policy.get(f"{kind}-src", anywhere) for kind in ("script", "object", "style"))
    pictures = policy.get("img-src", anywhere) | policy.get("media-src", anywhere)
    everything = {source for sources in policy.values() for source in sources}
    if scripts & (BROAD | UNSAFE) or objects & BROAD:
        return -20
    if any(source.startswith(("http:", "ftp:")) for source in everything - pictures):
        return -20
    if "'unsafe-eval'" in scripts | styles or any(source.startswith(("http:", "ftp:")) for source in pictures):
        return -10
    if styles & (BROAD | UNSAFE):
        return 0
    return 10 if policy.get("default-src") == {"'none'"} and not policy.get("form-action", {"*"}) & BROAD else 5


def of_cookies(cookies: Sequence[Morsel], headers: Mapping[str, str]) -> int:
    """The strictest reading: each cookie is held to what is asked of one that keeps somebody signed in."""
    if not cookies:
        return 0
    if any(not cookie["httponly"] for cookie in cookies):
        return -30
    if any(not cookie["secure"] for cookie in cookies):
        return -10 if headers.get("strict-transport-security") else -40
    kinds = {cookie["samesite"].lower() for cookie in cookies}
    return -20 if kinds - {"", "lax", "strict", "none"} else 0 if "" in kinds else 5


def of_sharing(headers: Mapping[str, str]) -> int:
    credentials = headers.get("access-control-allow-credentials", "").lower() == "true"
    return -50 if credentials and headers.get("access-control-allow-origin") else 0


def of_referrer(said: str | None) -> int:
    if said is None:
        return 0
    return 5 if said in ("no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin") else -5


def of_transport(said: str | None, *, https: bool) -> int:
    age = re.search(r"max-age=(\d+)", said or "")
    if not https or not age:
        return -20
    return 0 if int(age[1]) >= HALF_A_YEAR else -10


def of_scripts(page: str) -> int:
    scripts = re.findall(r"<script\b[^>]*\bsrc=[^>]*>", page)
    outside = [script for script in scripts if re.search(r"src=[\"']?(?:https?:)?//", script)]
    if any(re.search(r"src=[\"']?(?:http:)?//", script) for script in outside):
        return -50
    if any("integrity=" not in script for script in outside):
        return -5
    return 5 if scripts and all("integrity=" in script for script in scripts) else 0


def of_frames(policy: Mapping[str, set[str]], said: str) -> int:
    if "frame-ancestors" in policy and not policy["frame-ancestors"] & BROAD:
        return 5
    return 0 if said.upper() in ("DENY", "SAMEORIGIN") else -20
