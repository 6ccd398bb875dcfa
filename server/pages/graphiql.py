"""GraphiQL: the graph, to be asked by a person in a browser."""

import secrets
from html import escape

from starlette.responses import HTMLResponse

from server.pages.assets import Assets
from server.pages.document import document

COURSES = """{
  courses {
    edges {
      node {
        id
        title
        content {
          sequence
          title
        }
      }
    }
  }
}
"""


def page(endpoint: str, *, assets: Assets, query: str = COURSES) -> HTMLResponse:
    """GraphiQL on an endpoint of this host, its editor filled from the address or with the query."""
    # One dialog writes a style element of its own, which the policy lets in by this answer's nonce.
    nonce = secrets.token_urlsafe(16)
    data = {"endpoint": endpoint, "query": query, "nonce": nonce}
    attributes = " ".join(f'data-{name}="{escape(value)}"' for name, value in data.items())
    return document(
        "GraphiQL",
        f'<div id="graphiql" {attributes}></div>',
        assets=assets,
        styles=["graphiql/graphiql.min.css", "house/graphiql.css"],
        scripts=[
            "graphiql/react.production.min.js",
            "graphiql/react-dom.production.min.js",
            "graphiql/graphiql.min.js",
            "house/graphiql.js",
        ],
        allowances={
            "style-src": f"'self' 'nonce-{nonce}'",
            "connect-src": "'self'",
            "img-src": "'self' data:",
        },
    )
