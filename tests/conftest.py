"""Actors and their verbs: `officer.send(...)`, `supervisor.approve(...)`, over the app in this process."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from actors import Clock, Device, Supervisor
from running import RunningServer
from starlette.testclient import TestClient

from beatbook.app import create_app
from beatbook.models import Role
from beatbook.office import Office, open_office
from beatbook.settings import Settings

pytest_plugins = ["options"]


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 11, 22, 10, 30, tzinfo=UTC))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", allowed_hosts="testserver")


@pytest.fixture
def office(settings: Settings, clock: Clock) -> Office:
    return open_office(settings, clock)


@pytest.fixture
def server(office: Office) -> Iterator[TestClient]:
    """Nobody in particular, who speaks to the running app."""
    with TestClient(create_app(office), follow_redirects=False) as client:
        yield client


@pytest.fixture
def enrolled(office: Office, server: TestClient) -> Callable[..., Device]:
    """Makes a device of any role."""

    def enrol(role: Role = Role.OFFICER, name: str = "Phone 7") -> Device:
        return Device.enrol(office, server, role, name)

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
