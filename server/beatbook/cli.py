"""The command line: serve (the default), invite, verify, backup, restore, migrate, forms."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from . import __version__, logs, people
from .forms import FormError
from .models import Role
from .settings import Settings

ADDRESS = ".address"
COMMANDS = ("serve", "invite", "verify", "backup", "restore", "migrate", "forms")


def main(given: Sequence[str]) -> int:
    """Run one command. Returns the exit code."""
    arguments = parse(given)
    try:
        settings = settings_of(arguments)
        logs.set_up(settings.log_level)
        return COMMAND[arguments.command](settings, arguments)
    except (FormError, ValueError, OSError) as problem:
        print(f"Beatbook: {problem}", file=sys.stderr)
    except DBAPIError as problem:
        print(f"Beatbook: the database cannot be used: {problem.orig}. Is its disk full?", file=sys.stderr)
    return 2


def parse(given: Sequence[str]) -> argparse.Namespace:
    """`serve` may be left out: `python3 server --port 9000` serves."""
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)  # before or after the command
    common.add_argument("--data", type=Path, help="folder of the database and the photos (default ./data)")
    parser = argparse.ArgumentParser(prog="python3 server", description="Beatbook: see README.md.", parents=[common])
    parser.add_argument("--version", action="version", version=f"Beatbook {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    serve = commands.add_parser("serve", help="serve (also without a word)", parents=[common])
    serve.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    serve.add_argument("--port", type=int, help="port to listen on (default 8000)")
    serve.add_argument("--tls-cert", type=Path, help="certificate file, for HTTPS")
    serve.add_argument("--tls-key", type=Path, help="key file of that certificate")
    serve.add_argument("--demo", action="store_true", help="fill an empty data folder with an invented district")

    invite = commands.add_parser("invite", help="print a one-time code for a device or a person", parents=[common])
    invite.add_argument("--role", required=True, type=Role, help=", ".join(Role))
    invite.add_argument("--name", required=True, help='what to call it, such as "Phone 7"')

    commands.add_parser("verify", help="check the log, every digest and every photo", parents=[common])
    commands.add_parser("migrate", help="bring the database up to date", parents=[common])
    backup = commands.add_parser("backup", help="make or refresh a verified backup", parents=[common])
    backup.add_argument("--to", type=Path, required=True, metavar="DIR")
    restore = commands.add_parser("restore", help="put a backup in place", parents=[common])
    restore.add_argument("--from", type=Path, required=True, metavar="DIR", dest="source")

    forms = commands.add_parser("forms", help="check or preview a form file", parents=[common])
    forms.add_argument("what", choices=("check", "preview"), help="say what is wrong with it, or show it as on a phone")
    forms.add_argument("file", type=Path, metavar="FILE", help="such as forms/graffiti.toml")
    forms.add_argument("--port", type=int, help="port of the preview (default: a free one)")

    return parser.parse_args(with_command(list(given)))


def with_command(given: list[str]) -> list[str]:
    """Puts in `serve` where no command stands: it comes first, or after --data."""
    at = 0
    if given[:1] == ["--data"]:
        at = 2
    elif given[:1] and given[0].startswith("--data="):
        at = 1
    asks_for_help = any(word in ("-h", "--help", "--version") for word in given)
    if asks_for_help or (given[at : at + 1] and given[at] in COMMANDS):
        return given
    return [*given[:at], "serve", *given[at:]]


def settings_of(arguments: argparse.Namespace) -> Settings:
    """The environment's settings, and what the command line says otherwise."""
    names = ("data", "host", "port", "tls_cert", "tls_key")
    given = {name: getattr(arguments, name, None) for name in names}
    return Settings(**{name: value for name, value in given.items() if value is not None})


def serve(settings: Settings, arguments: argparse.Namespace) -> int:
    from . import backups, serving
    from .app import create_app
    from .office import hold, open_office

    settings.data.mkdir(parents=True, exist_ok=True)
    with hold(settings.data):
        backups.finish_restore(settings.data, serving.say)
        office = open_office(settings)
        links = []
        if arguments.demo:
            from . import demo

            demo.fill(office, now=office.clock(), tell=serving.say)
            links = [(link.what, link.url) for link in demo.links(office, now=office.clock())]
        links = links or serving.administrator_link(office)
        note_address(settings)
        serving.greet(office, links)
        return serving.serve(create_app(office), office)


def invite(settings: Settings, arguments: argparse.Namespace) -> int:
    """Prints one JSON line. Works beside a running server."""
    from .office import open_office

    office = open_office(settings)
    try:
        now = office.clock()
        invited = office.database.write(
            lambda session: people.invite(
                session, arguments.role, arguments.name, minutes=settings.invite_minutes, now=now
            )
        )
    finally:
        office.close()
    line = {
        "code": invited.code,
        "url": invited.url(address_of_server(settings)),
        "role": invited.role,
        "expiresAt": invited.expires_at.isoformat(),
    }
    print(json.dumps(line))
    return 0


def note_address(settings: Settings) -> None:
    """Leave word where this data folder is being served, for `invite`."""
    (settings.data / ADDRESS).write_text(settings.link)


def address_of_server(settings: Settings) -> str:
    """Where the server listens, or last did, unless a public address is set."""
    note = settings.data / ADDRESS
    return note.read_text() if not settings.public_url and note.is_file() else settings.link


def verify(settings: Settings, arguments: argparse.Namespace) -> int:
    from . import verification

    return verification.report(settings, print)


def backup(settings: Settings, arguments: argparse.Namespace) -> int:
    from .backups import CannotBackUp, back_up
    from .office import open_office

    office = open_office(settings)
    try:
        back_up(office, arguments.to, print)
    except CannotBackUp as problem:
        raise ValueError(str(problem)) from problem
    finally:
        office.close()
    return 0


def restore(settings: Settings, arguments: argparse.Namespace) -> int:
    from . import backups
    from .office import hold

    settings.data.mkdir(parents=True, exist_ok=True)
    try:
        with hold(settings.data):
            backups.restore(settings, arguments.source, print)
    except backups.CannotBackUp as problem:
        raise ValueError(str(problem)) from problem
    return 0


def migrate(settings: Settings, arguments: argparse.Namespace) -> int:
    from . import database
    from .events import seal

    settings.data.mkdir(parents=True, exist_ok=True)
    file = settings.database_file
    is_ours = file is not None and not seal.is_broken(file)  # a change that others made stays to be noticed
    if file and is_ours:
        seal.take_off(file)
    database.migrate(settings.resolved_database_url)
    if file and is_ours:
        seal.put_on(file)
    return 0


def forms(settings: Settings, arguments: argparse.Namespace) -> int:
    """For those who write forms. Exit code 1 when the file is wrong."""
    from . import rehearsal

    shipped = type(settings).model_fields["forms"].default
    try:
        if arguments.what == "check":
            for line in rehearsal.report(arguments.file, shipped):
                print(line)
            return 0
        return rehearsal.serve(arguments.file, shipped, getattr(arguments, "port", None))
    except FileNotFoundError as missing:
        print(f"There is no file {missing.filename}.", file=sys.stderr)
    except (FormError, OSError) as problem:
        print(problem, file=sys.stderr)
    return 1


COMMAND = {
    "serve": serve,
    "invite": invite,
    "verify": verify,
    "backup": backup,
    "restore": restore,
    "migrate": migrate,
    "forms": forms,
}
