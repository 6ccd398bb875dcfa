"""Surfaces: one old API each, as its clients know it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from limits import parse_many

from compat_rest.contract.before import (
    Limit,
    Mount,
    check_steps,
    known_before,
    read_cors,
    read_limits,
    read_mounts,
)
from compat_rest.contract.bundle import components
from compat_rest.contract.expressions import BadExpression, resolved
from compat_rest.contract.findings import Collector
from compat_rest.contract.source import Node
from compat_rest.contract.tokens import TokenValues, read_tokens

STAGES = ("body", "validate", "identity")
# Asks a caller for an account; only where an operation names it.
ACCOUNT = "account"
IDENTITY_KEYS = (
    "scheme", "secret", "algorithms", "user", "session", "prefix", "nobody", "refuse", "iat", "word",
    "role", "issuer", "audience", "needs", "form",
)  # fmt: skip
KEYS = (
    "prefix", "hosts", "dialect", "identity", "stages", "errors", "pages", "rate", "values",
    "before", "limits", "cors", "mounts", "otherwise", "invalid", "tokens",
)  # fmt: skip
IAT = ("checked", "ignored")
# Tokens that an issuer signs with keys which it publishes, and sessions that the server keeps.
JWKS, KEPT = "jwks", "session"
STYLES = ("bearer", "flask", JWKS, KEPT)
# What such an issuer may sign with; a shared secret is never one of its keys.
PUBLISHED = ("RS256",)
# What the name of an account looks like.
FORMS = ("any", "uuid")


@dataclass(frozen=True)
class Scheme:
    """How one kind of credential is recognised: its style, its secret, and where the user stands in it."""

    name: str
    style: str
    secret: str = field(repr=False)
    user: tuple[str, ...]
    algorithms: tuple[str, ...] = ()
    cookie: str = ""
    session: Mapping[str, str] = field(default_factory=dict)
    # What the header must begin with, to the letter; None for the dialect of RFC 6750 that Flask reads.
    prefix: str | None = None
    # Whether the token ends at the next blank; otherwise it is all that follows.
    word: bool = False
    # Whether a valid token that names nobody is a caller all the same.
    nobody: bool = False
    # Claims with values that make a valid token no credential.
    refuse: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    # `checked` refuses a token that was issued in the future, `ignored` does not look.
    iat: str = "checked"
    # Claims that may say what part the caller has; the first that is a text counts.
    role: tuple[str, ...] = ()
    # Whose keys sign its tokens, and for whom they must be; an empty issuer is nobody.
    issuer: str = ""
    audience: tuple[str, ...] = ()
    # Claims without which a valid token names nobody.
    needs: tuple[str, ...] = ()
    # `uuid` has the verb refuse a caller whose name is none, as a column of that type did.
    form: str = "any"


@dataclass(frozen=True)
class Surface:
    """One old API: where it answers, in which dialect, and who may call."""

    name: str
    prefix: str
    hosts: tuple[str, ...]
    dialect: str
    stages: tuple[str, ...]
    identity: tuple[Scheme, ...]
    errors: Node | None
    pages: tuple[str, ...]
    # How often one address may ask, such as `600/minute`; None for as often as it likes.
    rate: str | None
    values: Mapping[str, Any]
    node: Node
    # What every request goes through before its route is looked for, in this order.
    before: tuple[str, ...] = ()
    limits: tuple[Limit, ...] = ()
    # Empty, or `origins`, `methods`, `headers` and `preflight`.
    cors: Mapping[str, Any] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()
    # The rows for paths that no operation has, as they are written.
    otherwise: tuple[Node, ...] = ()
    # The row for entries of a validation, as it is written.
    invalid: Node | None = None
    tokens: TokenValues | None = None

    def limit(self, name: str) -> Limit:
        """The limit of a name; raises KeyError."""
        return {limit.name: limit for limit in self.limits}[name]


def read_surfaces(root: Node, environ: Mapping[str, str], found: Collector) -> dict[str, Surface]:
    """The surfaces of a contract by name; disagreements go to `found`."""
    node = root.get("x-surfaces")
    if node is None or not isinstance(node.value, dict) or not node.value:
        found.add(
            root, "", "The contract names no surface.", "Add `x-surfaces` with one entry for the old API."
        )
        return {}
    surfaces = {}
    for name, entry in node.items():
        try:
            surfaces[name] = _surface(name, entry, root, environ, found)
        except BadExpression as error:
            found.add(entry, "", str(error), "Mend the value of this surface.")
        except (KeyError, TypeError, AttributeError) as error:
            found.add(
                entry, "", f"The surface cannot be read: {error!r}.", "Compare it with docs/contract.md."
            )
    _check_hosts(surfaces, found)
    return surfaces


def _check_hosts(surfaces: Mapping[str, Surface], found: Collector) -> None:
    owners: dict[str, str] = {}
    for name, surface in surfaces.items():
        for host in surface.hosts:
            if owners.setdefault(host, name) != name:
                problem = f"The host {host!r} belongs to {owners[host]} already."
                found.add(surface.node, "", problem, "Give each host to one surface.")


def _surface(name: str, node: Node, root: Node, environ: Mapping[str, str], found: Collector) -> Surface:
    for key in node.value:
        if key not in KEYS:
            found.add(node, "", f"A surface has no {key!r}.", f"Known are {', '.join(KEYS)}.")
    stages = tuple(node.plain("stages", STAGES))
    limits, cors = read_limits(node, environ, found), read_cors(node, environ, found)
    before = known_before(node, limits, cors, found)
    check_stages(stages, limits, node, "", found)
    schemes = components(root, "securitySchemes")
    identity = [_scheme(entry, schemes, environ, found) for entry in node.elements("identity")]
    return Surface(
        name=name,
        prefix=str(node.plain("prefix", "")).rstrip("/"),
        hosts=tuple(str(host).lower() for host in node.plain("hosts", ())),
        dialect=str(node.plain("dialect", "")),
        stages=stages,
        identity=tuple(scheme for scheme in identity if scheme),
        errors=node.get("errors"),
        pages=tuple(node.plain("pages", ("/graphql",))),
        rate=_rate(node, environ, found),
        values=resolved(node.plain("values", {}), environ),
        node=node,
        before=before,
        limits=limits,
        cors=cors,
        mounts=read_mounts(node, found),
        otherwise=tuple(node.elements("otherwise")),
        invalid=node.get("invalid"),
        tokens=read_tokens(node, environ, found),
    )


def _rate(node: Node, environ: Mapping[str, str], found: Collector) -> str | None:
    rate = str(resolved(node.plain("rate", ""), environ))
    try:
        parse_many(rate or "1/second")
    except ValueError:
        found.add(node, "", f"{rate!r} is no rate.", "Write one like `600/minute`, several joined by `;`.")
    return rate or None


def check_stages(
    stages: tuple[str, ...], limits: Sequence[Limit], node: Node, operation: str, found: Collector
) -> None:
    """Refuses stages that do not exist or stand twice."""
    check_steps(stages, (*STAGES, ACCOUNT), limits, node, operation, found)
    if ACCOUNT in stages and "identity" not in stages[: stages.index(ACCOUNT)]:
        found.add(node, operation, "The account of nobody is asked for.", "Name `identity` before `account`.")


def _scheme(
    node: Node, schemes: Mapping[str, Node], environ: Mapping[str, str], found: Collector
) -> Scheme | None:
    name = str(node.plain("scheme"))
    described = schemes.get(name)
    if described is None:
        found.add(node, "", f"There is no security scheme {name!r}.", "Add it to components/securitySchemes.")
        return None
    style = str(described.plain("x-style", described.plain("scheme", "")))
    if style not in STYLES:
        remedy = f"Use `scheme: bearer`, or an `x-style` of {', '.join(STYLES[1:])}."
        found.add(described, "", f"The scheme {name!r} has no known style.", remedy)
        return None
    for key in node.value:
        if key not in IDENTITY_KEYS:
            found.add(node, "", f"An identity has no {key!r}.", f"Known are {', '.join(IDENTITY_KEYS)}.")
    if style == "bearer" and not node.plain("algorithms"):
        found.add(node, "", f"The scheme {name!r} accepts no algorithm.", "Write `algorithms: [HS256]`.")
    if style == JWKS and tuple(node.plain("algorithms", ())) != PUBLISHED:
        found.add(node, "", f"The scheme {name!r} is for RS256 alone.", "Write `algorithms: [RS256]`.")
    issuer, audience = _issuer(node, environ)
    if issuer and not audience:
        remedy = "Set the variable of its `audience`."
        found.add(node, "", f"The tokens of {name!r} would be taken from every application.", remedy)
    if node.plain("iat", "checked") not in IAT:
        found.add(node, "", f"iat cannot be {node.plain('iat')!r}.", f"Write one of {', '.join(IAT)}.")
    if node.plain("form", "any") not in FORMS:
        found.add(node, "", f"form cannot be {node.plain('form')!r}.", f"Write one of {', '.join(FORMS)}.")
    return Scheme(
        name=name,
        style=style,
        secret=str(resolved(node.plain("secret", ""), environ)),
        user=tuple(node.plain("user", ("sub",))),
        algorithms=tuple(node.plain("algorithms", ())),
        cookie=str(described.plain("name", "")),
        session=dict(node.plain("session", {})),
        prefix=node.plain("prefix"),
        word=bool(node.plain("word", False)),
        nobody=bool(node.plain("nobody", False)),
        refuse={claim: tuple(values) for claim, values in node.plain("refuse", {}).items()},
        iat=str(node.plain("iat", "checked")),
        role=tuple(node.plain("role", ())),
        issuer=issuer,
        audience=audience,
        needs=tuple(node.plain("needs", ())),
        form=str(node.plain("form", "any")),
    )


def _issuer(node: Node, environ: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """The issuer of a scheme and whom its tokens are for; empty where the environment names none."""
    issuer = str(resolved(node.plain("issuer", ""), environ))
    if issuer and "://" not in issuer:
        issuer = f"https://{issuer}"
    audience = resolved(node.plain("audience", []), environ)
    return issuer.rstrip("/"), tuple(str(each) for each in audience if each)
