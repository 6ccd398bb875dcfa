"""The review page: learning with or without a network. A browser can install it; answers that were given
offline are kept on the device and sent once there is a network.
"""

import hashlib
import json
from collections.abc import Collection
from html import escape

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.doors import host_of
from server.pages.assets import Assets
from server.pages.document import document, policy

PATH = "/review/"
WORKER, MANIFEST = f"{PATH}worker.js", f"{PATH}app.webmanifest"
# As a surface names the page and what it loads.
NAME = f"{PATH}*"
STYLES = ("house/landing.css", "house/review.css")
SCRIPTS = ("house/review-store.js", "house/review.js")
ICONS = {"house/icon-192.png": "192x192", "house/icon-512.png": "512x512"}
ALLOWANCES = {"connect-src": "'self'", "manifest-src": "'self'", "worker-src": "'self'"}
RATINGS = {"Again": 1, "Hard": 3, "Good": 4, "Easy": 5}

BODY = """<main data-api="{api}" data-worker="{worker}">
<h1>Reviews</h1>
<p data-part="state" role="status"></p>
<section data-part="sign-in" hidden>
<form data-part="form">
<label>E-mail <input name="email" type="email" autocomplete="username" required></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button class="main">Sign in</button>
</form>
</section>
<section data-part="card" class="card" hidden>
<p data-part="left"></p>
<p data-part="hanzi" class="hanzi" lang="zh"></p>
<button data-part="reveal" class="main">Show the answer</button>
<div data-part="answer" hidden>
<p data-part="pinyin" class="pinyin" lang="zh-Latn"></p>
<p data-part="meaning" class="meaning"></p>
<div class="rating" role="group" aria-label="How well did it go?">
{ratings}
</div>
</div>
</section>
<section data-part="done" hidden><p>No card is due. Come back later.</p></section>
<footer data-part="who" hidden>
<span>Signed in as <b data-part="name"></b></span>
<span data-part="queue"></span>
<button data-part="sign-out">Sign out</button>
</footer>
</main>"""


class ReviewPage:
    """The page and what a browser needs to install it, for the surface below `prefix` and its own hosts."""

    def __init__(self, prefix: str, hosts: Collection[str], *, assets: Assets) -> None:
        self.hosts = hosts
        self.assets = assets
        # On a host of its own the surface has no prefix.
        self.pages = {api: self.page(api) for api in (prefix, "")}
        self.prefix = prefix
        self.manifest = fresh(json.dumps(self.described()), "application/manifest+json")
        self.workers = {api: self.worker(api) for api in (prefix, "")}

    def routes(self) -> list[Route]:
        """The routes of page, service worker and manifest."""
        return [
            Route(PATH, self.answer_page),
            Route(WORKER, self.answer_worker),
            Route(MANIFEST, self.answer_manifest),
        ]

    async def answer_page(self, request: Request) -> Response:
        """The page; it is the same for everybody."""
        return self.pages[self.api(request)]

    async def answer_worker(self, request: Request) -> Response:
        """The service worker, which changes whenever a file that it keeps does."""
        return self.workers[self.api(request)]

    async def answer_manifest(self, request: Request) -> Response:
        """What an installed page is called and looks like."""
        return self.manifest

    def api(self, request: Request) -> str:
        """What the paths of the surface begin with on the host of a request."""
        return "" if host_of(request.scope["headers"]) in self.hosts else self.prefix

    def page(self, api: str) -> Response:
        ratings = "\n".join(
            f'<button data-quality="{quality}">{name}</button>' for name, quality in RATINGS.items()
        )
        return document(
            "Reviews",
            BODY.format(api=escape(api), worker=WORKER, ratings=ratings),
            assets=self.assets,
            styles=STYLES,
            scripts=SCRIPTS,
            manifest=MANIFEST,
            allowances=ALLOWANCES,
        )

    def worker(self, api: str) -> Response:
        files = [PATH, MANIFEST, *map(self.assets.url, (*STYLES, *SCRIPTS, "house/icon.svg", *ICONS))]
        source = self.assets.files["house/review-worker.js"].content.decode()
        # The names of the others change with what they hold.
        kept = bytes(self.pages[api].body) + bytes(self.manifest.body)
        version = hashlib.sha256("".join([api, source, *files]).encode() + kept).hexdigest()[:16]
        values = {
            "FILES": files,
            "VERSION": f"review-{version}",
            "API": api,
            "STORE": self.assets.url("house/review-store.js"),
        }
        lines = [f"const {name} = {json.dumps(value)};" for name, value in values.items()]
        return fresh("\n".join([*lines, source]), "text/javascript")

    def described(self) -> dict[str, object]:
        return {
            "name": "Lockstep reviews",
            "short_name": "Reviews",
            "description": "Cards that come back when it is time, with or without a network.",
            "id": PATH,
            "start_url": PATH,
            "scope": PATH,
            "display": "standalone",
            "background_color": "#fbfbfa",
            "theme_color": "#1f4fd8",
            "icons": [
                {"src": self.assets.url(name), "sizes": sizes, "type": "image/png", "purpose": "any maskable"}
                for name, sizes in ICONS.items()
            ],
        }


def fresh(text: str, media_type: str) -> Response:
    """A file that a browser asks for anew each time."""
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": policy(ALLOWANCES)}
    return Response(text, media_type=media_type, headers=headers)
