"""Every setting of Beatbook: its name, its default and why.

Each is read from the environment as BEATBOOK_<NAME>; the command line may override a few of them.
"""

import re
from functools import cached_property
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LEAST_CONTRAST = 4.5  # WCAG 2.2, 1.4.3
TILES = r"(https://[\w.-]+(:\d+)?|http://(localhost|127\.0\.0\.1)(:\d+)?)/[\w.~%/{}?&=@:+,-]+"
THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # addresses that no link can name


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="BEATBOOK_", frozen=True)

    data: Path = Field(Path("data"), description="Folder of the database and the files.")
    database_url: str = Field("", description="SQLAlchemy URL; empty means SQLite in the data folder.")
    blobs_url: str = Field("", description="Where photos lie: file:///folder; empty means the data folder.")
    forms: Path = Field(
        Path(__file__).parent / "forms", description="Folder of form files; a council may copy it and change the copy."
    )
    pmtiles: Path | None = Field(
        None, description="Map file (raster PMTiles) behind the desk's map, which phones may take with them."
    )
    map_tiles: str = Field(
        "",
        description="Without such a file: address of map pictures for the desk, such as https://maps.example/{z}/{x}/{y}.png.",
    )
    map_credit: str = Field("", description="Whose map that address shows, as its licence wants it said.")
    advice: Path = Field(
        Path(__file__).parent / "advice",
        description="Folder of advice cards; a council may copy it and change the copy.",
    )

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, description="Port to listen on.")
    public_url: str = Field(
        "", description="Address people type, for links and QR codes, such as https://beat.example."
    )
    allowed_hosts: str = Field(
        "", description="More host names to answer to, separated by commas; others get 400, against DNS rebinding."
    )
    tls_cert: Path | None = Field(None, description="Certificate file (PEM); phones need HTTPS off this machine.")
    tls_key: Path | None = Field(None, description="Key file (PEM) of that certificate.")

    council: str = Field("Example District Council", description="Name of the council, on the desk and on phones.")
    unit: str = Field("Community Safety Unit", description="Name of the unit.")
    colour: str = Field(
        "#004d2c",
        description="Colour of the council on the desk; white words must stand out from it, 4.5 to 1 at least.",
    )
    time_zone: str = Field("Europe/London", description="Zone in which times are shown; all are stored in UTC.")

    max_submission: int = Field(256 * 1024, description="Bytes of one submission; answers are text, photos are apart.")
    max_attachment: int = Field(
        12 * 1024 * 1024, description="Bytes of one photo; a camera's untouched 48-megapixel JPEG still fits."
    )
    max_pixels: int = Field(
        50_000_000, description="Pixels of one photo, read from its header; above it a preview could exhaust memory."
    )
    max_body: int = Field(
        512 * 1024 * 1024, description="Bytes of one delivery; 40 of the largest photos, more is sent in parts."
    )
    max_parts: int = Field(1000, description="Parts of one delivery; the app sends far fewer.")
    header_seconds: float = Field(10.0, description="A connection must finish its headers in this time.")
    body_seconds: float = Field(20.0, description="A body may take this long, plus its bytes at body_bytes_per_second.")
    body_bytes_per_second: int = Field(2000, description="Slowest link still served; a weak 2G edge.")
    min_free_bytes: int = Field(200 * 1024 * 1024, description="Below this free space nothing more is taken.")
    min_free_bytes_photos: int = Field(
        1024 * 1024 * 1024, description="Below this photos wait; records, a hundred times smaller, are still taken."
    )
    max_device_bytes_a_day: int = Field(
        500 * 1024 * 1024, description="Photos one device may add in a day; 1,600 ordinary ones, then they wait."
    )
    connections_per_address: int = Field(
        256, description="Connections from one address; thirty tablets behind a school's router open six each at most."
    )

    clock_ahead_seconds: int = Field(300, description="A capture time further in the future than this is flagged.")
    clock_behind_days: int = Field(180, description="A capture time older than this on arrival is flagged.")

    invite_minutes: int = Field(
        60, description="Life of an enrolment code; time to hand a phone over, too short for a photographed code."
    )
    tries_per_minute: int = Field(
        60, description="Wrong codes looked at in a minute, in all; a sixth of them from one address."
    )
    second_step: bool = Field(
        True, description="Whoever signs in with a password also needs a passkey or a one-time code."
    )
    session_idle_minutes: int = Field(30, description="A desk session ends after this long without a page.")
    session_hours: int = Field(12, description="A desk session ends after this long at all; one long shift.")
    local_sign_in: bool = Field(
        True, description="Passwords and passkeys at the desk; False leaves them to the first administrator alone."
    )
    oidc_issuer: str = Field(
        "", description="The council's own sign-in (OpenID Connect), such as https://login.example/tenant/v2.0."
    )
    oidc_client_id: str = Field("", description="What the council's sign-in calls Beatbook.")
    oidc_client_secret: SecretStr | None = Field(
        None, description="Secret that goes with the client id; better in a file, see the next."
    )
    oidc_client_secret_file: Path | None = Field(None, description="File that holds the secret and nothing else.")
    oidc_groups: str = Field(
        "",
        description="Which group has which role, such as Leads=supervisor, Admins=admin; the first counts.",
    )
    oidc_groups_claim: str = Field("groups", description="Where the council's sign-in says it; Entra app roles: roles.")
    oidc_scope: str = Field("openid profile email", description="What the council's sign-in is asked for.")
    oidc_name: str = Field("council account", description="What people call it, on the button that signs them in.")
    oidc_match_email: bool = Field(
        False, description="An account here with the same verified email address is the same person."
    )
    tsa_url: str = Field(
        "",
        description="Time-stamping authority (RFC 3161) that signs each day where the log stands; empty means none.",
    )
    tsa_root: Path | None = Field(None, description="Its root certificate (PEM), with which verify checks its stamps.")
    pupils_per_adult: int = Field(4, description="Pupils for each adult on a patrol at most; two adults always.")
    app_lock: bool = Field(
        True, description="Phones lock with a PIN after two minutes and seal what is finished; pupils' tablets do not."
    )
    parcel_key_days: int = Field(
        90, description="Phones seal to a new key of this server after so long; old keys stay, to open what comes late."
    )
    minimum_app: str = Field("0.1.0", description="Oldest app that may read; an older one may always deliver.")
    log_level: str = Field("INFO", description="Least level that is logged: DEBUG, INFO, WARNING or ERROR.")

    @field_validator("map_tiles")
    @classmethod
    def map_tiles_are_an_address(cls, address: str) -> str:
        if address and not re.fullmatch(TILES, address):
            raise ValueError("give the address as https://, with {z}, {x} and {y} in its path")
        if missing := [part for part in ("{z}", "{x}", "{y}") if address and part not in address]:
            raise ValueError(f"the address lacks {' and '.join(missing)}")
        return address

    @field_validator("colour")
    @classmethod
    def colour_is_readable(cls, colour: str) -> str:
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
            raise ValueError("give the colour as # and six digits, such as #004d2c")
        if (contrast := contrast_with_white(colour)) < LEAST_CONTRAST:
            raise ValueError(f"white words on {colour} have a contrast of {contrast:.1f} to 1; take a darker colour")
        return colour.lower()

    @field_validator("oidc_issuer")
    @classmethod
    def issuer_is_an_address(cls, issuer: str) -> str:
        parts = urlsplit(issuer)
        if issuer and not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in THIS_MACHINE)):
            raise ValueError("give the issuer as an https:// address")
        return issuer

    @model_validator(mode="after")
    def sign_in_is_whole(self) -> Self:
        if self.oidc_issuer and not (self.oidc_client_id and self.groups_with_roles):
            raise ValueError("BEATBOOK_OIDC_ISSUER also needs BEATBOOK_OIDC_CLIENT_ID and BEATBOOK_OIDC_GROUPS")
        if not self.local_sign_in and not self.oidc_issuer:
            raise ValueError("BEATBOOK_LOCAL_SIGN_IN=False without BEATBOOK_OIDC_ISSUER would leave nobody a way in")
        return self

    @cached_property
    def groups_with_roles(self) -> tuple[tuple[str, str], ...]:
        """Each group with its role, in the order in which they count."""
        pairs = [pair.rpartition("=") for pair in self.oidc_groups.split(",") if pair.strip()]
        if wrong := [role or group for group, _, role in pairs if not (group.strip() and role.strip())]:
            raise ValueError(f"BEATBOOK_OIDC_GROUPS: write group=role, not {wrong[0].strip()}")
        return tuple((group.strip(), role.strip()) for group, _, role in pairs)

    @cached_property
    def oidc_secret(self) -> str:
        """Errors: OSError for a file that cannot be read."""
        if self.oidc_client_secret_file is not None:
            return self.oidc_client_secret_file.read_text(encoding="utf-8").strip()
        return self.oidc_client_secret.get_secret_value() if self.oidc_client_secret else ""

    @cached_property
    def resolved_database_url(self) -> str:
        return self.database_url or f"sqlite:///{(self.data / 'beatbook.db').resolve()}"

    @cached_property
    def database_file(self) -> Path | None:
        """Where SQLite keeps the database; None with another database."""
        path = self.resolved_database_url.removeprefix("sqlite:///")
        return Path(path) if path != self.resolved_database_url else None

    @cached_property
    def blob_folder(self) -> Path:
        """The folder of the file store. Other stores are chosen by another scheme in `blobs_url`."""
        if self.blobs_url and not self.blobs_url.startswith("file://"):
            raise ValueError(f"BEATBOOK_BLOBS_URL: {self.blobs_url} is not a file:// URL, the only store so far.")
        return Path(self.blobs_url.removeprefix("file://")) if self.blobs_url else self.data / "blobs"

    @cached_property
    def link(self) -> str:
        """The address in links and QR codes, without a slash at its end."""
        if self.public_url:
            return self.public_url.rstrip("/")
        scheme = "https" if self.tls_cert else "http"
        host = "127.0.0.1" if self.host in EVERYWHERE else self.host
        host = f"[{host}]" if ":" in host else host
        return f"{scheme}://{host}:{self.port}"

    @cached_property
    def map_origin(self) -> str:
        """Where the desk's map fetches its pictures, for the policy that allows nothing else."""
        return "/".join(self.map_tiles.split("/")[:3]) if self.map_tiles else ""

    @cached_property
    def is_https(self) -> bool:
        return self.link.startswith("https://")


def contrast_with_white(colour: str) -> float:
    """The contrast ratio of WCAG between white and a colour such as #004d2c."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
