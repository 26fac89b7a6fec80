"""What our own pages share: templates, style sheets, language, safe headers (C6)."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from desk.problems import Problem
from desk.requests import accepted_language, body_of, house_of

HERE = Path(__file__).parent
TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
MOST_FIELDS = 20
STRICT = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
    " frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    # With no-store, going back to a form would empty it.
    "Cache-Control": "private, no-cache",
    # Without an origin a form of ours would look like a stranger's.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def routes() -> list[Mount]:
    """The style sheets."""
    return [Mount("/static", StaticFiles(directory=HERE / "static"), name="static")]


def render(
    template: str, told: dict[str, Any], status: int = 200, policy: str = STRICT
) -> HTMLResponse:
    """policy: the page's Content-Security-Policy."""
    html = TEMPLATES.get_template(template).render(**told)
    return HTMLResponse(html, status, {**HEADERS, "Content-Security-Policy": policy})


def language_of(request: Request, named: str | None = None) -> str:
    """The named one, else ?lang, else the browser's, else the shop's first."""
    spoken = house_of(request).shop.languages
    for wanted in (named, request.query_params.get("lang")):
        if wanted in spoken:
            return str(wanted)
    return accepted_language(request)


async def form_of(request: Request) -> dict[str, str]:
    """The fields of an ordinary form. Raises Problem."""
    content = await body_of(request)
    try:
        text = content.decode("utf-8")
        fields = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise Problem(422, "Not understood", "This is no form of ours.") from error
    return dict(fields)
