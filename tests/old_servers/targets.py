"""Strategies for request targets: the old server's routes, respelled in every way, and what lies beside."""

from urllib.parse import quote

from hypothesis import strategies as st

from tests.old_servers.values import likely

ROUTES = {
    "/api/auth/register": "POST",
    "/api/auth/login": "POST",
    "/api/auth/logout": "POST",
    "/api/auth/me": "GET",
    "/api/courses/": "GET",
    "/api/courses/{id}": "GET",
    "/api/courses/{id}/enroll": "POST",
    "/api/reviews/due": "GET",
    "/api/reviews/submit": "POST",
}
WITH_BODIES = ("/api/auth/login", "/api/auth/register", "/api/reviews/submit", "/api/reviews/submit")
NUMBERS = """
    0 99 0001 %31 %EF%BC%91 %D9%A3 %D9%A1%D9%A2 1%EF%BC%92 %F0%9D%9F%8F
    9223372036854775807 9223372036854775808 99999999999999999999
""".split()
NO_NUMBERS = "-1 +1 abc 1.0 1e0 1_0 0x1 %C2%B2 1%20 %201 1;v=1 1%00 1%0A % %zz %FF 1%2F".split()
# Not /graphql: on a surface's host that is a page of this server, which the old one did not have.
JUNK = """
    / /api /api/ /api/auth /api/auth/ /api/courses /api/reviews /api/users/1 /API/courses/ /api/Courses/
    /api/courses/1/enroll/ /api/courses/enroll /api/auth/register/x /mandarin/api/courses/ /api/v1/courses/
    /health /health/live /metrics /docs /openapi.yaml /openapi.json /favicon.ico /.env
    /%E4%BD%A0?%E5%A5%BD /api/courses/%2e%2e/auth/me /api/../api/courses/ /api/./courses/ // ///
    //legacy.test/api/courses/ /api%2Fcourses%2F /%61pi/courses/ /api/courses/? /api/courses%3Fx=1
    /api/courses%20 /api/courses\\
""".split()
QUERIES = """
    ? ?x=1 ?x=1&y=%20z ?next=//evil.test ?%E5%A5%BD=%FF ?q='"<>`{}|^ ?a=%3Cscript%3E&b=+ ?a?b ?%zz
    ?x=;,:@!$()*[]~
""".split()

ids = likely(
    (6, st.sampled_from("1 2 3 4 12".split())),
    (3, st.sampled_from([*NUMBERS, "9" * 5000, "0" * 5000 + "1"])),
    (2, st.sampled_from(NO_NUMBERS)),
    (1, st.text("0123456789", min_size=1, max_size=22)),
)
queries = likely((8, st.just("")), (1, st.sampled_from(QUERIES)))


def respelled(path: str, place: int, how: int) -> str:
    """The path spelled otherwise at some place; half of the ways still lead to a route."""
    place %= len(path)
    slashes = [index for index, character in enumerate(path) if character == "/"]
    slash = slashes[place % len(slashes)]
    before, here, after = path[:place], path[place], path[place + 1 :]
    ways = (
        path.rstrip("/") if path.endswith("/") else path + "/",
        path[:slash] + "/" + path[slash:],
        path[:slash] + "//" + path[slash:],
        "/" + path,
        before + quote(here, safe="/%") + after,
        before + (here if here in "/%" else f"%{ord(here):02x}") + after,
        before + here.swapcase() + after,
        # A target that begins otherwise than with a slash is answered by the HTTP parser alone.
        path[:slash] + "%2F" + path[slash + 1 :] if slash else path,
        path + "/../x",
        path + "%00",
        path + ";x=1",
        path + "%0A",
    )
    return ways[how % len(ways)]


@st.composite
def routes(draw: st.DrawFn) -> tuple[str, str]:
    """A path, and the method that fits it best."""
    template = draw(likely((3, st.sampled_from(tuple(ROUTES))), (1, st.sampled_from(WITH_BODIES))))
    path = template.replace("{id}", draw(ids)) if "{id}" in template else template
    twist = draw(st.integers(0, 15))
    if twist == 0:
        return draw(st.sampled_from(JUNK)), "GET"
    if twist in (1, 2):
        path = respelled(path, draw(st.integers(0, 40)), draw(st.integers(0, 11)))
    return path, ROUTES[template]
