"""What happens between a fresh clone and a running server, without the network: each step with its own stand-ins."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

import beatbook
import bootstrap
from beatbook import web_app

STEPS = {"python": "1", "packages": "1", "beatbook": "1"}
NPM_WITHOUT_A_NETWORK = "npm error request to the registry failed, reason: getaddrinfo EAI_AGAIN"
VITE_AT_A_MISTAKE = (
    "error during build:\nBuild failed with 1 error:\n\n\x1b[31m[vite]\x1b[0m src/main.tsx: unexpected )"
)


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A clone that was never started, whose steps are written down and not done."""
    venv, did = tmp_path / ".venv", []
    for name, path in {
        "VENV": venv,
        "PYTHON": Path(sys.executable),
        "DONE": venv / "done",
        "ONE_AT_A_TIME": venv / "lock",
    }.items():
        monkeypatch.setattr(bootstrap, name, path)
    monkeypatch.setattr(bootstrap, "make_venv", lambda: did.append("python"))
    monkeypatch.setattr(bootstrap, "install_lists", lambda step, lists: did.append(step))
    monkeypatch.setattr(bootstrap, "install_beatbook", lambda: did.append("beatbook"))
    return did


@pytest.fixture
def front_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A tiny front end in a folder of its own, and the hook that builds it."""
    hook = bootstrap.front_end()
    pwa = tmp_path / "pwa"
    (pwa / "src").mkdir(parents=True)
    (pwa / "src" / "main.tsx").write_text("render()")
    (pwa / "package-lock.json").write_text("{}")
    dist, modules = pwa / "dist", pwa / "node_modules"
    places = {"PWA": pwa, "DIST": dist, "BUILT_FROM": dist / ".built-from", "NOT_BUILT": dist / ".not-built"}
    for name, path in {**places, "INSTALLED_FROM": modules / ".installed-from"}.items():
        monkeypatch.setattr(hook, name, path)
    monkeypatch.setattr(web_app, "IN_CHECKOUT", dist)
    monkeypatch.setattr(web_app, "INSIDE", pwa / "nowhere")
    return hook


@pytest.fixture
def npm(front_end: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Replaces npm with one that says something and ends with a status."""

    def pretend(says: str = "", status: int = 0) -> None:
        lines = [
            "import pathlib, sys",
            "pathlib.Path('node_modules').mkdir(exist_ok=True)",
            "pathlib.Path('dist').mkdir(exist_ok=True)",
            f"{status} or pathlib.Path('dist/index.html').write_text('<p>built</p>')",
            f"print({says!r})",
            f"sys.exit({status})",
        ]
        node = front_end.Node(Path(sys.executable), [sys.executable, "-c", "\n".join(lines)])
        monkeypatch.setattr(front_end, "system_node", lambda: node)

    return pretend


def test_the_first_start_does_every_step_once(fresh: list[str]) -> None:
    assert bootstrap.install(STEPS)
    assert not bootstrap.install(STEPS)
    assert fresh == ["python", "packages", "beatbook"]


def test_only_what_changed_is_done_again(fresh: list[str]) -> None:
    bootstrap.install(STEPS)
    fresh.clear()
    bootstrap.install({**STEPS, "packages": "2"})
    assert fresh == ["packages"]


def test_another_python_begins_anew(fresh: list[str]) -> None:
    bootstrap.install(STEPS)
    fresh.clear()
    bootstrap.install({**STEPS, "python": "2"})
    assert fresh == ["python", "packages", "beatbook"]


def test_a_step_that_failed_is_done_again(fresh: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    bootstrap.install(STEPS)

    def fail() -> None:
        raise bootstrap.CannotStart("no")

    with monkeypatch.context() as once:
        once.setattr(bootstrap, "install_beatbook", fail)
        with pytest.raises(bootstrap.CannotStart):
            bootstrap.install({**STEPS, "beatbook": "2"})
    fresh.clear()
    bootstrap.install(STEPS)  # the old digest: yet nobody knows what the failure left behind
    assert fresh == ["beatbook"]


def test_two_starts_take_turns(fresh: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with bootstrap.only_one(), bootstrap.ONE_AT_A_TIME.open("a") as second:
        assert not bootstrap.take(second.fileno(), wait=False)
    with bootstrap.ONE_AT_A_TIME.open("a") as second:
        assert bootstrap.take(second.fileno(), wait=False)


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("WARNING: Retrying … Temporary failure in name resolution", "could not be reached"),
        ("error: client error (Connect): dns error", "could not be reached"),
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        (
            "THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE",
            "not the one this version was tested with",
        ),
        ("ERROR: No matching distribution found for pillow==13.0.0", "does not exist for this kind of machine"),
        ("something nobody foresaw", "something nobody foresaw"),
    ],
)
def test_a_failed_step_is_told_in_a_sentence(fresh: list[str], output: str, sentence: str) -> None:
    bootstrap.VENV.mkdir()
    assert sentence in bootstrap.why_it_failed("Installing", output)


def test_commands_beside_a_server_leave_its_front_end_alone() -> None:
    assert bootstrap.is_serving(["--demo", "--port", "8001"])
    assert not bootstrap.is_serving(["invite", "--role", "officer"])
    assert not bootstrap.is_serving(["--data", "d", "verify"])


def test_what_was_compiled_is_kept_where_nothing_may_lie_beside_the_sources(
    fresh: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    found: dict[str, str] = {}
    monkeypatch.setattr(bootstrap, "become", lambda command: found.update(os.environ) or 0)
    assert bootstrap.start("beatbook", [], with_front_end=False) == 0
    assert "PYTHONDONTWRITEBYTECODE" not in found
    assert Path(found["PYTHONPYCACHEPREFIX"]).parent == bootstrap.VENV
    monkeypatch.delenv("PYTHONPYCACHEPREFIX")


def test_an_older_python_is_told_what_it_needs() -> None:
    """Neither file may use syntax that such a Python cannot even read."""
    pretend = "import sys; sys.version_info = (3, 9, 2); sys.path.insert(0, 'server'); import bootstrap"
    told = subprocess.run([sys.executable, "-c", pretend], cwd=bootstrap.ROOT, capture_output=True, text=True)
    assert told.returncode == 1
    assert "needs Python 3.11 or newer, and this is Python 3.9" in told.stderr


def test_the_front_end_is_built_once_and_again_when_a_source_changes(
    front_end: ModuleType, npm: Callable[..., None]
) -> None:
    npm()
    assert front_end.build() == ""
    assert front_end.is_current()
    assert web_app.folder() == front_end.DIST
    (front_end.PWA / "src" / "main.tsx").write_text("render(more)")
    assert not front_end.is_current()


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        (NPM_WITHOUT_A_NETWORK, "npm could not reach its registry to fetch what the build needs."),
        (VITE_AT_A_MISTAKE, "The build failed: [vite] src/main.tsx: unexpected )"),
        ("npm error code ENOSPC", "The disk is full."),
    ],
)
def test_the_server_knows_why_the_front_end_is_missing(
    front_end: ModuleType, npm: Callable[..., None], output: str, sentence: str
) -> None:
    npm(output, status=1)
    assert front_end.build() == sentence
    assert web_app.folder() is None
    assert web_app.why_missing() == sentence


def test_a_failed_build_keeps_the_older_one(front_end: ModuleType, npm: Callable[..., None]) -> None:
    npm()
    front_end.build()
    (front_end.PWA / "src" / "main.tsx").write_text("render(")
    npm(VITE_AT_A_MISTAKE, status=1)
    assert front_end.build()
    assert web_app.folder() == front_end.DIST
    assert not front_end.is_current()


def test_without_node_the_reason_is_that(front_end: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front_end, "system_node", lambda: None)
    monkeypatch.setattr(front_end, "wheel_node", lambda: None)
    assert "needs Node.js 22.12 or newer" in front_end.build()
    assert "needs Node.js 22.12 or newer" in web_app.why_missing()


def test_the_front_end_can_be_left_out(front_end: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "BEATBOOK_SKIP_PWA", "1")
    assert front_end.build() == ""
    assert not front_end.DIST.exists()
    assert "has not been built yet" in web_app.why_missing()


@pytest.mark.parametrize(
    ("version", "enough"),
    [
        ("v20.18.1", False),
        ("v20.19.0", True),
        ("v21.7.0", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("what", False),
    ],
)
def test_node_is_used_from_the_versions_vite_runs_on(front_end: ModuleType, version: str, enough: bool) -> None:
    assert front_end.is_new_enough(version) is enough


def test_the_installed_command_is_the_same_program() -> None:
    command = Path(sys.executable).with_name("beatbook")
    if not command.exists():
        pytest.skip("Beatbook is not installed in this Python; “python3 tests” does that.")
    said = subprocess.run([command, "--version"], capture_output=True, text=True)
    assert said.stdout.strip() == f"Beatbook {beatbook.__version__}"
