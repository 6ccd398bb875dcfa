"""The ASGI application, built from its settings."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING

import orjson
from pymongo import AsyncMongoClient
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp

import models
import schema
from compat_rest.contract.bundle import bundled
from compat_rest.contract.surfaces import KEPT, Surface
from compat_rest.door import SurfaceDoor
from compat_rest.engine import Engine, compile_engine
from compat_rest.instead import Page
from models import demo, revocations
from models.passwords import Passwords
from schema.limits import Limits
from schema.tokens import Tokens
from server.contexts import Contexts
from server.database_metrics import DatabaseMetrics
from server.documents import DocumentMetrics
from server.doors import Doors, named_hosts
from server.exchange import Observed
from server.file_store import keeping
from server.graphql import PATH, GraphQLDoor
from server.graphql_uploads import GraphQLUploads
from server.health import Health
from server.issuers import Ways
from server.limits import AsyncLimiter, RateLimit, SurfaceLimit
from server.logs import RequestLog
from server.mail import mailer_from
from server.metrics import Metrics
from server.middleware import BodyLimit, SecurityHeaders, Timeout
from server.migrating import settle as settle_migrations
from server.pages import docs, landing, redoc
from server.pages.assets import Assets
from server.pages.review import NAME as REVIEW
from server.pages.review import PATH as REVIEW_PATH
from server.pages.review import ReviewPage
from server.providers import providers_from
from server.search_feeder import searching
from server.sessions import ValkeySessions, secrets_of
from server.settings import OFF, PRODUCTION, BadSetting, Settings
from server.short import ShortWay
from server.surface_pages import SurfacePages

if TYPE_CHECKING:
    from server.tracing import Tracing


class Lockstep(Starlette):
    """A Starlette that has only the listed middleware, because every layer costs every request."""

    def build_middleware_stack(self) -> ASGIApp:
        """The middleware in its order, around the routes."""
        app: ASGIApp = ExceptionMiddleware(self.router)
        for each in reversed(self.user_middleware):
            app = each.cls(app, *each.args, **each.kwargs)
        return app


def compiled(settings: Settings) -> Engine:
    """The contract of the settings, ready to serve; raises ContractError."""
    prepared = schema.build(leaves="raw", execution=settings.execution)
    return compile_engine(settings.contract, prepared, settings.environ)


def create(settings: Settings, engine: Engine | None = None) -> Starlette:
    """The application; raises ContractError, BadSetting or ValueError where it refuses to start.

    `settings` names a MongoDB and a Valkey, and holds the secrets. `engine` is what `compiled` made of equal
    settings, for whoever starts one server after the other.
    """
    if not settings.mongodb_uri or not settings.redis_url:
        raise BadSetting("MONGODB_URI and REDIS_URL are not set; `lockstep serve` starts embedded ones.")
    engine = engine or compiled(settings)
    hosts = named_hosts(engine, settings.hosts)
    tracing = tracing_to(settings.otlp_endpoint) if settings.otlp_endpoint else None
    metrics = Metrics(enabled=settings.metrics_enabled)
    client: AsyncMongoClient[dict[str, object]] = AsyncMongoClient(
        settings.mongodb_uri,
        serverSelectionTimeoutMS=5_000,
        w="majority",
        journal=True,
        # Being told costs a command about a tenth, so nobody listens where nobody asks.
        event_listeners=[DatabaseMetrics(metrics.registry)] if metrics.enabled else [],
    )
    valkey = Redis.from_url(
        settings.redis_url, socket_timeout=0.5, socket_connect_timeout=0.5, retry=Retry(NoBackoff(), 0)
    )
    database = client[settings.mongodb_database]
    # Servers of different databases may share a Valkey, and do not count together.
    limiter = AsyncLimiter(settings.redis_url, prefix=f"lockstep:{settings.mongodb_database}")
    if settings.graphql_rate != OFF:
        limiter.register("graphql", settings.graphql_rate)
    passwords = Passwords(settings.password_form)
    providers = providers_from(settings.environ)
    sessions = sessions_of(engine, settings, valkey)
    ways = Ways(sessions)
    contexts = Contexts(
        passwords,
        Tokens(settings.environ["JWT_SECRET_KEY"]),
        providers,
        mailer_from(settings.environ),
        sessions,
        settings.file_limits,
    )
    public = schema.build(
        limits=Limits(cost=settings.graphql_cost),
        execution=settings.execution,
        room=settings.graphql_cache_bytes,
    )
    metrics.registry.register(DocumentMetrics(public.documents, engine.documents()))
    assets = Assets()
    health = Health(mongodb=database, valkey=valkey, version=version("lockstep"))
    contract = contract_of(engine)
    pages = SurfacePages(health, metrics, assets, bytes(contract.body), ways.states).by_name()
    surfaces = open_surfaces(engine, contexts, limiter, pages, settings, ways)
    graphql = GraphQLDoor(
        public,
        identities=[surface.identity for surface in surfaces.values()],
        contexts=contexts,
        assets=assets,
    )
    review = review_page(engine, hosts, assets)
    limited = RateLimit(graphql, limiter=limiter, name="graphql")

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        try:
            await settle_migrations(database, run=settings.migrate, now=datetime.now(UTC))
            await models.connect(database)
            if settings.demo:
                await demo.load_once(datetime.now(UTC), passwords)
            async with searching(settings, database), keeping(settings.files, settings.mongodb_database):
                yield
        finally:
            passwords.close()
            await providers.close()
            await ways.close()
            await limiter.close()
            await valkey.aclose()
            await client.close()
            if tracing is not None:
                # Aside, since it waits for a collector that may be away.
                await asyncio.to_thread(tracing.close)

    app = Lockstep(
        routes=[
            Route("/", partial(page, landing.page(assets=assets, links=links(settings, review)))),
            Route("/docs", partial(page, docs.page("/openapi.json", assets=assets))),
            Route("/redoc", partial(page, redoc.page("/openapi.json", assets=assets))),
            Route("/openapi.json", partial(page, contract)),
            Route(PATH, limited),
            WebSocketRoute(PATH, limited),
            Route("/metrics", metrics.endpoint),
            assets.route(),
            *(review.routes() if review else []),
            *health.routes(),
        ],
        middleware=[
            Middleware(Observed, observers=[RequestLog(), metrics]),
            *([Middleware(tracing.around)] if tracing is not None else []),
            Middleware(Doors, surfaces=surfaces, hosts=hosts, files=house_files(assets, review)),
            Middleware(
                GraphQLUploads,
                door=graphql,
                limiter=limiter,
                name="graphql",
                text_limit=settings.max_body_bytes,
                limits=settings.file_limits,
                seconds=settings.upload_timeout,
            ),
            Middleware(
                ShortWay,
                door=graphql,
                limiter=limiter,
                name="graphql",
                limit=settings.max_body_bytes,
                seconds=settings.request_timeout,
            ),
            # Below the doors only the house passes; the surfaces word their own limits and failures.
            Middleware(ServerErrorMiddleware),
            Middleware(SecurityHeaders),
            Middleware(BodyLimit, limit=settings.max_body_bytes),
            Middleware(Timeout, seconds=settings.request_timeout),
        ],
        lifespan=lifespan,
    )
    app.state.engine = engine
    return app


def tracing_to(endpoint: str) -> "Tracing":
    """Traces to a collector; loaded only now, since few servers have one and all would carry it."""
    tracing: Tracing = import_module("server.tracing").Tracing.to_collector(endpoint)
    return tracing


def open_surfaces(
    engine: Engine,
    contexts: Contexts,
    limiter: AsyncLimiter,
    pages: Mapping[str, Page],
    settings: Settings,
    ways: Ways,
) -> dict[str, SurfaceDoor]:
    """A door for each surface of the contract."""
    doors: dict[str, SurfaceDoor] = {}
    for name, served in engine.surfaces.items():
        doors[name] = SurfaceDoor(
            served,
            revocations=revocations,
            context_for=contexts.of(served.surface),
            max_body_bytes=settings.max_body_bytes,
            timeout=settings.request_timeout,
            limit=limit_of(served.surface, limiter),
            count=limiter.count,
            pages=pages,
            # A surface may have paths of another one.
            inner=doors.__getitem__,
            file_limit=settings.file_limits.file,
            upload_timeout=settings.upload_timeout,
            ways=ways,
        )
    return doors


def review_page(engine: Engine, hosts: Mapping[str, str], assets: Assets) -> ReviewPage | None:
    """The page on which the cards of a surface are answered; None where no surface shows it."""
    for name, served in engine.surfaces.items():
        if REVIEW in served.surface.pages:
            own = [host for host, surface in hosts.items() if surface == name]
            return ReviewPage(served.surface.prefix, own, assets=assets)
    return None


def house_files(assets: Assets, review: ReviewPage | None) -> list[str]:
    """The paths of the files that a surface may show on its hosts."""
    files = [f"{assets.prefix}/{name}" for name in assets.files]
    return [*files, *(route.path for route in review.routes())] if review else files


def sessions_of(engine: Engine, settings: Settings, valkey: Redis) -> ValkeySessions:
    """Where the sessions are kept of the surface that has such; raises ValueError."""
    schemes = (scheme for served in engine.surfaces.values() for scheme in served.surface.identity)
    cookie = next((scheme.cookie for scheme in schemes if scheme.style == KEPT), "session_id")
    public = settings.environ.get("PUBLIC_URL", "")
    return ValkeySessions(
        valkey,
        secrets_of(settings.environ),
        prefix=f"lockstep:{settings.mongodb_database}:",
        cookie=cookie,
        secure=settings.environment == PRODUCTION or public.startswith("https:"),
    )


def limit_of(surface: Surface, limiter: AsyncLimiter) -> SurfaceLimit | None:
    """What counts the requests of a surface, None where it has no rate."""
    if surface.rate is None:
        return None
    name = f"surface {surface.name}"
    limiter.register(name, surface.rate)
    return SurfaceLimit(limiter, name)


def links(settings: Settings, review: ReviewPage | None) -> list[landing.Link]:
    """The addresses worth opening: those that there are."""
    away = {"/metrics": not settings.metrics_enabled, REVIEW_PATH: review is None}
    return [link for link in landing.LINKS if not away.get(link.href)]


def contract_of(engine: Engine) -> Response:
    """The contract for programs: openapi.yaml as JSON."""
    return Response(orjson.dumps(bundled(engine.contract.source)), media_type="application/json")


async def page(answer: Response, request: Request) -> Response:
    """A page that is the same for everybody."""
    return answer
