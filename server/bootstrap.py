"""Makes .venv at the root of the repository, installs what is missing there and runs a module from it.

`python3 server/bootstrap.py` does this and runs nothing, for an administrator who installs a service.
Needs Python with pip, or uv; neither Debian's venv package nor Node. What was done is remembered in .venv, so that the
next start goes straight through. Progress goes to standard error: standard output belongs to the command that is run.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  This is the line that tells an older Python so.
    sys.exit(
        "Beatbook needs Python 3.11 or newer, and this is Python {}.{}. Install one from python.org, "
        "or with uv: uv run --python 3.13 server".format(*sys.version_info)
    )

import errno
import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
DONE = VENV / ".beatbook-done.json"  # step -> digest of what it was done from
LOG = VENV / ".beatbook-install.log"
ONE_AT_A_TIME = VENV / ".beatbook-lock"  # not .lock: uv holds that one while it installs
DEPLOY = ROOT / "server" / "deploy"
FRONT_END = ROOT / "pwa" / "hatch_build.py"
MODULES_OF_TESTS = os.pathsep.join(str(ROOT / folder) for folder in ("server", "tests", "tests/helpers"))

LISTS = {"packages": ("requirements", "requirements-build"), "test packages": ("requirements-test",)}
BESIDE_A_SERVER = {"invite", "verify", "backup", "restore", "migrate", "check", "--help", "-h", "--version"}
NO_NETWORK = re.compile(
    r"name resolution|Name or service not known|nodename nor servname|getaddrinfo failed|NewConnectionError"
    r"|ConnectTimeout|ReadTimeout|Network is unreachable|Connection refused|Connection reset|ProxyError"
    r"|dns error|error sending request|client error \(Connect\)|CERTIFICATE_VERIFY_FAILED"
)


class CannotStart(Exception):
    """Its text is what the person at the terminal reads."""


def start(module: str, arguments: list[str], *, with_front_end: bool, for_tests: bool = False) -> int:
    """Install what is missing, then become `python -m module arguments`."""
    failed = prepare(with_front_end=with_front_end, for_tests=for_tests)
    keep_what_is_compiled()
    # -P: a file that happens to lie in the caller's folder must not be imported in place of a library.
    return failed or become([str(PYTHON), "-P", "-m", module, *arguments])


def keep_what_is_compiled() -> None:
    """In .venv, where Python may write nothing beside the sources (as in many containers).

    Otherwise every process would compile every library anew: 1.2 s of the processor's time, and tests start many.
    """
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ.setdefault("PYTHONPYCACHEPREFIX", str(VENV / "compiled"))


def start_beside_tests(module: str, arguments: list[str], *, with_front_end: bool) -> int:
    """The same for what measures, draws or breaks Beatbook with the helpers of its tests."""
    os.environ["PYTHONPATH"] = MODULES_OF_TESTS
    return start(module, arguments, with_front_end=with_front_end, for_tests=True)


def prepare(*, with_front_end: bool, for_tests: bool = False) -> int:
    """Install what is missing. Returns the exit status for the terminal: 0 if all is there now."""
    began = time.monotonic()
    try:
        changed = install(steps_for(for_tests=for_tests))
        if with_front_end:
            changed = build_front_end() or changed
    except (CannotStart, OSError) as problem:
        say(f"\nBeatbook could not be started. {sentence_for(problem)}")
        return 1
    except KeyboardInterrupt:
        say("\nStopped. The next start goes on from here.")
        return 130
    if changed:
        say(f"Ready after {time.monotonic() - began:.0f} s.\n")
    return 0


def is_serving(arguments: list[str]) -> bool:
    """Whether this starts a server; the other commands run beside one and leave its front end alone."""
    return BESIDE_A_SERVER.isdisjoint(arguments)


def steps_for(*, for_tests: bool) -> dict[str, str]:
    """Every step in its order, with the digest of what it depends on."""
    python = digest_of(sys.version, str(VENV))
    names = list(LISTS) if for_tests else ["packages"]
    packages = {name: digest_of(python, *map(lock, LISTS[name])) for name in names}
    own = digest_of(python, ROOT / "pyproject.toml", ROOT / "server" / "beatbook" / "__init__.py")
    return {"python": python, **packages, "beatbook": own}


def install(steps: dict[str, str]) -> bool:
    """Do the steps that are not done yet. Returns whether there were any."""
    if not missing(steps):
        return False
    with only_one():
        to_do = missing(steps)  # again: another start may have done them while this one waited
        if "python" in to_do:
            say("First start: making .venv and installing there, less than a minute on a quick line.")
        for step in to_do:
            remember(step, "")
            if step == "python":
                make_venv()
            elif step == "beatbook":
                install_beatbook()
            else:
                install_lists(step, LISTS[step])
            remember(step, steps[step])
    return True


def build_front_end() -> bool:
    """Build the app for phones if its sources changed. It never stops a start: the server says what is missing."""
    builder = front_end()
    if builder.is_skipped() or builder.is_current():
        return False
    with only_one():
        if builder.is_current():  # by another start, while this one waited
            return False
        builder.NOT_BUILT.unlink(missing_ok=True)
        try:
            if not builder.system_node():
                install_node()
            run("Building the app for phones", [str(PYTHON), str(FRONT_END)])
        except CannotStart as problem:
            why = builder.why_not_built() or builder.leave_word(sentence_for(problem).splitlines()[0])
            rest = "an older one is served" if (builder.DIST / "index.html").exists() else "everything else works"
            say(f"The app for phones could not be built; {rest}. {why}\nAll that was said about it: {LOG}")
    return True


def become(command: list[str]) -> int:
    sys.stderr.flush()
    if os.name != "nt":
        os.execv(command[0], command)  # noqa: S606
    try:  # Windows has no exec: a new process would outlive this one and lose the terminal.
        return subprocess.run(command).returncode
    except KeyboardInterrupt:
        return 130


def missing(steps: dict[str, str]) -> list[str]:
    known = done()
    if known.get("python") != steps["python"]:
        return list(steps)
    return [step for step in steps if known.get(step) != steps[step]]


def make_venv() -> None:
    for old in VENV.iterdir():
        if old not in (LOG, ONE_AT_A_TIME):
            shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink()
    python = outside()
    uv = shutil.which("uv")
    if uv:
        run("Making .venv", [uv, "venv", "--allow-existing", "--python", python, str(VENV)])
    elif pip_outside():
        # Debian's venv lacks ensurepip, which only puts pip inside; ours stays outside and is pointed there.
        run("Making .venv", [python, "-m", "venv", "--without-pip", str(VENV)])
    elif importlib.util.find_spec("ensurepip"):
        run("Making .venv", [python, "-m", "venv", str(VENV)])
    else:
        raise CannotStart(
            "This Python has neither pip (22.3 or newer) nor uv. On Debian and Ubuntu: sudo apt install python3-pip"
        )


def install_lists(what: str, names: tuple[str, ...]) -> None:
    paths = [lock(name) for name in names]
    count = sum(len(re.findall(r"^[\w.-]+==", path.read_text(), re.MULTILINE)) for path in paths)
    arguments = [argument for path in paths for argument in ("-r", str(path))]
    title = f"Installing {count} {what}" if count > 1 else f"Installing the {what}"
    run(title, [*installer(), "--require-hashes", "--no-deps", *arguments])


def install_node() -> None:
    digest = digest_of(lock("requirements-node"))
    if done().get("node") != digest:
        install_lists("package with Node.js", ("requirements-node",))
        remember("node", digest)


def install_beatbook() -> None:
    """In place, so that edits count at once; the front end is a step of its own, with words of its own."""
    arguments = ["--no-deps", "--no-build-isolation", "-e", str(ROOT)]
    run("Installing Beatbook", [*installer(), *arguments], more={"BEATBOOK_SKIP_PWA": "1"})


def installer() -> list[str]:
    uv = shutil.which("uv")
    if uv:
        return [uv, "pip", "install", "--python", str(PYTHON)]
    pip = pip_outside()
    if pip:
        return [*pip, "--python", str(PYTHON), "install", "--retries", "2"]
    return [str(PYTHON), "-m", "pip", "install", "--retries", "2"]


@cache
def pip_outside() -> list[str]:
    """The pip of this Python, if it is one that can install into another."""
    for python in dict.fromkeys((sys.executable, outside())):
        asked = subprocess.run([python, "-m", "pip", "--version"], capture_output=True, text=True)
        version = re.match(r"pip (\d+)\.(\d+)", asked.stdout)
        if version and (int(version[1]), int(version[2])) >= (22, 3):
            return [python, "-m", "pip"]
    return []


def outside() -> str:
    """This Python; when it is one of a virtual environment, perhaps our own, the one that environment was made from."""
    return getattr(sys, "_base_executable", sys.executable)


@cache
def front_end() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", FRONT_END)
    if not spec or not spec.loader:
        raise CannotStart(f"{FRONT_END} is missing from this copy of Beatbook.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def run(title: str, command: list[str], more: dict[str, str] | None = None) -> None:
    """Run one step with its time on the screen and its output in the log."""
    environment = {**os.environ, "PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1", **(more or {})}
    began = time.monotonic()
    sys.stderr.write(f"  {title} ... ")
    sys.stderr.flush()
    with LOG.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment)
        try:
            while process.poll() is None:
                time.sleep(0.05)
                if sys.stderr.isatty():
                    sys.stderr.write(f"\r  {title} ... {time.monotonic() - began:.0f} s ")
        except KeyboardInterrupt:
            process.wait()
            raise
    if process.returncode:
        say("failed")
        raise CannotStart(why_it_failed(title, LOG.read_text(encoding="utf-8", errors="replace")))
    again = f"\r  {title} ... " if sys.stderr.isatty() else ""
    say(f"{again}{time.monotonic() - began:.1f} s")


def why_it_failed(title: str, output: str) -> str:
    if "No space left on device" in output or "ENOSPC" in output or free_megabytes() < 5:
        return disk_is_full()
    if NO_NETWORK.search(output):
        return (
            "The Python package index could not be reached. The first start fetches its packages from there, so it "
            "needs the network once (behind a proxy: set HTTPS_PROXY). Then run the same command again."
        )
    if "DO NOT MATCH THE HASHES" in output or "Hash mismatch" in output:
        return "A package arrived that is not the one this version was tested with, and was not installed. Try again."
    if "No matching distribution found" in output:
        return f"{title} failed: a package does not exist for this kind of machine ({platform.platform()})."
    tail = "\n".join(output.splitlines()[-15:])
    return f"{title} failed; {LOG} has all of its output, which ends:\n{tail}"


def sentence_for(problem: Exception) -> str:
    if not isinstance(problem, OSError):
        return str(problem)
    if problem.errno == errno.ENOSPC:
        return disk_is_full()
    return f"{ROOT} must be a folder this account can write to: {problem.strerror} ({problem.filename})."


def disk_is_full() -> str:
    return f"The disk is full: {VENV} takes about 400 MB, 700 MB with the tests, and {free_megabytes()} MB are left."


def free_megabytes() -> int:
    return shutil.disk_usage(VENV).free // 1_000_000


@contextmanager
def only_one() -> Generator[None]:
    """Hold .venv for this process; a second start waits its turn. The system lets go when the process ends."""
    VENV.mkdir(exist_ok=True)
    with ONE_AT_A_TIME.open("a") as held:
        if not take(held.fileno(), wait=False):
            say("Another start is installing here; waiting for it.")
            take(held.fileno(), wait=True)
        yield


def take(descriptor: int, *, wait: bool) -> bool:
    if sys.platform == "win32":
        import msvcrt

        while True:
            try:
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
                return True
            except OSError:
                if not wait:
                    return False
                time.sleep(0.2)
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True


def done() -> dict[str, str]:
    """What is known to be done; nothing, if .venv was moved or half removed."""
    try:
        return json.loads(DONE.read_text()) if PYTHON.exists() else {}
    except (FileNotFoundError, ValueError):
        return {}


def remember(step: str, digest: str) -> None:
    known = {**done(), step: digest}
    partial = DONE.with_suffix(".partial")
    partial.write_text(json.dumps(known, indent=1))
    partial.replace(DONE)


def digest_of(*parts: str | Path) -> str:
    digest = hashlib.sha256()
    for part in parts:
        content = part.read_bytes() if isinstance(part, Path) else part.encode()
        digest.update(f"{len(content)}:".encode() + content)
    return digest.hexdigest()


def lock(name: str) -> Path:
    return DEPLOY / f"{name}.lock"


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(prepare(with_front_end=True))
