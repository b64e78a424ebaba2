"""OpenID Connect: the council's own sign-in, such as Entra ID, and what it says of somebody once all of it was checked.

The authorization code flow with PKCE. What must come back unchanged (state, nonce, the verifier of PKCE) stays in the
browser that began, so nothing waits here that a stranger could fill up. The libraries are imported where they are used:
without the setting nothing of them is loaded.
"""

import base64
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog

from ..problems import CouncilAway, CouncilRefused
from ..settings import Settings

log = structlog.get_logger()

# Signatures that only the provider can make: neither none, nor HMAC with a secret that others may hold.
ALGORITHMS = ("RS256", "PS256", "ES256", "RS384", "PS384", "ES384", "RS512", "PS512", "ES512", "EdDSA")
LEEWAY = timedelta(minutes=1)  # between the provider's clock and ours
READ_ANEW = timedelta(hours=1)  # where the provider's parts lie, and its keys
SECONDS = 10.0  # that one answer of the provider may take
LONGEST_NAME = 80
T = TypeVar("T")


@dataclass(frozen=True)
class Attempt:
    """One try to sign in, as the browser that began it keeps it until it comes back."""

    state: str
    nonce: str
    verifier: str
    target: str
    connects: bool = False  # somebody who is signed in adds their council account

    def to_text(self) -> str:
        kept = json.dumps([self.state, self.nonce, self.verifier, self.target, self.connects])
        return base64.urlsafe_b64encode(kept.encode()).decode()

    @classmethod
    def of(cls, text: str) -> "Attempt":
        """Errors: CouncilRefused for anything else."""
        try:
            state, nonce, verifier, target, connects = json.loads(base64.urlsafe_b64decode(text))
        except (ValueError, TypeError) as error:
            raise CouncilRefused from error
        if not all(isinstance(part, str) and part for part in (state, nonce, verifier, target)):
            raise CouncilRefused
        return cls(state, nonce, verifier, target, connects is True)


@dataclass(frozen=True)
class Said:
    """What the provider says of somebody. `subject` is who it is; nothing else of it may be taken for that."""

    issuer: str
    subject: str
    name: str
    email: str | None  # only one that the provider has verified
    groups: frozenset[str]


class Provider:
    """One council's sign-in. Safe to use from several threads: the worst is that its address book is read twice."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.back = f"{settings.link}/desk/sign-in/council/answer"
        self.known: dict[str, Any] = {}
        self.keys: Any = None
        self.read_at: datetime | None = None

    def begin(self, target: str, *, connects: bool = False, now: datetime) -> tuple[str, Attempt]:
        """Where to send the browser, and what it has to keep. Errors: CouncilAway."""
        from authlib.common.security import generate_token

        attempt = Attempt(generate_token(32), generate_token(32), generate_token(64), target, connects)
        address = self.metadata(now)["authorization_endpoint"]
        with self.client() as client:
            url, _ = client.create_authorization_url(
                address, state=attempt.state, nonce=attempt.nonce, code_verifier=attempt.verifier
            )
        return url, attempt

    def finish(self, attempt: Attempt, answer: Mapping[str, str], *, now: datetime) -> Said:
        """What the browser brought back, exchanged and checked. Errors: CouncilAway, CouncilRefused."""
        if not secrets.compare_digest(answer.get("state", "").encode(), attempt.state.encode()):
            raise refused("the answer is for another try")
        if answer.get("iss", self.settings.oidc_issuer) != self.settings.oidc_issuer:  # RFC 9207
            raise refused("another provider answered")
        if "error" in answer or not answer.get("code"):
            raise refused("the provider refused", error=answer.get("error", "")[:80])
        metadata = self.metadata(now)
        with self.client(metadata) as client:
            token = asked(
                lambda: client.fetch_token(
                    metadata["token_endpoint"],
                    grant_type="authorization_code",
                    code=answer["code"],
                    code_verifier=attempt.verifier,
                )
            )
            claims = self.checked(token, attempt.nonce, now)
            if self.settings.oidc_groups_claim not in claims and "userinfo_endpoint" in metadata:
                more = asked(lambda: read(client.get(metadata["userinfo_endpoint"])))
                if more.get("sub") != claims["sub"]:
                    raise refused("the provider speaks of two people")
                claims = {**more, **claims}
        return self.said(claims)

    def address_of_leaving(self, back: str) -> str | None:
        """Where the browser ends the session with the provider, if that is known to offer it. Asks nobody: leaving must
        not wait for a provider that is down.
        """
        from authlib.common.urls import add_params_to_uri

        address = self.known.get("end_session_endpoint")
        told = {"client_id": self.settings.oidc_client_id, "post_logout_redirect_uri": back}
        return add_params_to_uri(address, told) if address else None

    def checked(self, token: Mapping[str, Any], nonce: str, now: datetime) -> dict[str, Any]:
        """The claims of an ID token that this provider signed for us and for this very try. Errors: CouncilRefused."""
        from authlib.oidc.core import CodeIDToken
        from joserfc.errors import JoseError

        issuer, client_id = self.settings.oidc_issuer, self.settings.oidc_client_id
        try:
            decoded = self.decoded(str(token.get("id_token", "")), now)
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client_id}},
                {"nonce": nonce, "client_id": client_id, "access_token": token.get("access_token")},
            )
            claims.validate(now=int(now.timestamp()), leeway=int(LEEWAY.total_seconds()))
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise refused("the ID token does not hold", error=str(error)[:200]) from error
        if not isinstance(claims["sub"], str) or not claims["sub"]:
            raise refused("the ID token names nobody")
        return dict(claims)

    def decoded(self, id_token: str, now: datetime) -> Any:
        """A signature by a key that we do not know may mean that the provider has a new one: looked up once."""
        from joserfc import jwt
        from joserfc.errors import InvalidKeyIdError
        from joserfc.jws import JWSRegistry

        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        try:
            return jwt.decode(id_token, self.key_set(now), registry=registry)
        except InvalidKeyIdError:
            return jwt.decode(id_token, self.key_set(now, anew=True), registry=registry)

    def said(self, claims: Mapping[str, Any]) -> Said:
        email, groups = claims.get("email"), claims.get(self.settings.oidc_groups_claim, [])
        verified = claims.get("email_verified") is True and isinstance(email, str)
        name = next((claims[one] for one in ("name", "preferred_username", "email") if claims.get(one)), "Somebody")
        return Said(
            issuer=self.settings.oidc_issuer,
            subject=claims["sub"],
            name=" ".join(str(name).split())[:LONGEST_NAME] or "Somebody",
            email=str(email).strip().lower() if verified else None,
            groups=frozenset([groups] if isinstance(groups, str) else map(str, groups)),
        )

    def metadata(self, now: datetime) -> dict[str, Any]:
        """Where the provider's parts lie. Errors: CouncilAway."""
        if self.read_at is None or not timedelta(0) <= now - self.read_at < READ_ANEW:
            issuer = self.settings.oidc_issuer
            found = self.fetched(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != issuer:
                log.error("the address in BEATBOOK_OIDC_ISSUER belongs to another issuer", issuer=found.get("issuer"))
                raise CouncilAway
            self.known, self.keys, self.read_at = found, None, now
        return self.known

    def key_set(self, now: datetime, *, anew: bool = False) -> Any:
        from joserfc.jwk import KeySet

        metadata = self.metadata(now)
        if anew or self.keys is None:
            found: Any = self.fetched(metadata["jwks_uri"])
            self.keys = KeySet.import_key_set(found)
        return self.keys

    def fetched(self, address: str) -> dict[str, Any]:
        import httpx2

        return asked(lambda: read(httpx2.get(address, timeout=SECONDS)))

    def client(self, metadata: Mapping[str, Any] | None = None) -> Any:
        from authlib.integrations.httpx_client import OAuth2Client

        secret = self.settings.oidc_secret
        offered = (metadata or {}).get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        way = "client_secret_basic" if "client_secret_basic" in offered else "client_secret_post"
        return OAuth2Client(
            client_id=self.settings.oidc_client_id,
            client_secret=secret or None,
            token_endpoint_auth_method=way if secret else "none",
            scope=self.settings.oidc_scope,
            redirect_uri=self.back,
            code_challenge_method="S256",
            timeout=SECONDS,
        )


def asked(work: Callable[[], T]) -> T:
    """Errors: CouncilAway when the provider cannot be reached or is broken, CouncilRefused when it says no."""
    import httpx2
    from authlib.integrations.httpx_client import OAuthError

    try:
        return work()
    except OAuthError as error:
        raise refused("the provider refused", error=str(error)[:200]) from error
    except (httpx2.HTTPError, OSError, ValueError, KeyError) as error:
        log.error("the council's sign-in does not answer", error=str(error)[:200])
        raise CouncilAway from error


def read(answer: Any) -> dict[str, Any]:
    """Errors: httpx2.HTTPError, ValueError."""
    answer.raise_for_status()
    found = answer.json()
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return found


def refused(why: str, **more: str) -> CouncilRefused:
    """What was wrong stands in the log; a stranger is not told."""
    log.warning("council sign-in refused", why=why, **more)
    return CouncilRefused()
