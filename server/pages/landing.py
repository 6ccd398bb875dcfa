"""Where a person starts: what this server is, and the addresses worth opening."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from starlette.responses import HTMLResponse

from server.pages.assets import Assets
from server.pages.document import document


@dataclass(frozen=True)
class Link:
    """An address worth opening."""

    title: str
    href: str
    description: str


LINKS = (
    Link("GraphQL", "/graphql", "Write a query, run it, and read the schema."),
    Link("REST documentation", "/docs", "Every legacy operation, to read and to try."),
    Link("REST reference", "/redoc", "The same operations on one page, to search and to read through."),
    Link("OpenAPI", "/openapi.json", "The same contract for programs."),
    Link("Reviews", "/review/", "Answer the cards that are due, with or without a network."),
    Link("Health", "/health", "Whether the server and its databases are well."),
    Link("Metrics", "/metrics", "Requests and their duration, for Prometheus."),
)


def page(*, assets: Assets, links: Sequence[Link] = LINKS) -> HTMLResponse:
    """The landing page with these links."""
    items = "\n".join(
        f'<li><a href="{escape(link.href)}"><span class="title">{escape(link.title)}</span>'
        f'<span class="description">{escape(link.description)}</span></a></li>'
        for link in links
    )
    body = (
        f'<main>\n<h1><img src="{escape(assets.url("house/icon.svg"))}" alt="">Lockstep</h1>\n'
        '<p class="lead">The backend is new, and every client stays.</p>\n'
        f'<nav aria-label="Pages">\n<ul>\n{items}\n</ul>\n</nav>\n</main>'
    )
    return document("Lockstep", body, assets=assets, styles=["house/landing.css"])
