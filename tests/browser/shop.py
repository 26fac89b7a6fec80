# ruff: noqa: E501  (its pages and styles are not Python)
"""A shop on an origin of its own, whose pages embed the widget."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Comptoir Olive</title>
<link rel="stylesheet" href="/shop.css">{sheet}{before}
<script src="{desk}/widget/v1.js" async{data}></script></head>
<body><nav><b>Comptoir Olive</b> <a href="/elsewhere">Robes</a> <a href="#lampes">Lampes</a>
<button type="button" data-bonretour-open>Un retour ?</button></nav>
<main><div class="picture"></div><div><h1>Robe en lin Solène</h1><p class="price">59,90 €</p>
<p>Lin lavé, teint en petites séries, coupe ample. Livraison offerte dès 60 €.</p></div></main></body></html>
"""
STYLE = """* { box-sizing: border-box; }
body { margin: 0; font: 17px/1.6 Georgia, serif; background: #f4efe6; color: #33302b; }
nav { display: flex; flex-wrap: wrap; gap: 12px 24px; align-items: center; padding: 16px 24px; background: #fffdf8; }
nav b { margin-right: auto; font-size: 20px; }
a { color: #5a4a32; }
button { padding: 10px 18px; border: 1px solid #5a4a32; border-radius: 99px; background: none; color: inherit; font: inherit; }
main { display: grid; grid-template-columns: repeat(auto-fit, minmax(240px, 1fr)); gap: 40px; max-width: 900px; padding: 40px 24px; }
.picture { aspect-ratio: 4 / 5; border-radius: 6px; background: linear-gradient(160deg, #d9cbb0 55%, #a8b39a 55%); }
h1 { margin: 0; font-weight: 400; font-size: 34px; line-height: 1.2; }
.price { font-size: 20px; }
"""
HOSTILE = """
* { letter-spacing: 3px !important; line-height: 3 !important; color: lime !important;
  font: italic 30px fantasy !important; text-transform: uppercase !important;
  border-radius: 0 !important; animation: none !important; float: left !important;
  direction: rtl !important; word-spacing: 9px !important; text-indent: 40px !important;
  visibility: hidden !important; cursor: wait !important; text-align: right !important; }
button, input, textarea, p, span, div, h2, header, section { background: red !important;
  padding: 30px !important; margin: 9px !important; display: block !important;
  font-size: 40px !important; box-sizing: content-box !important; width: 30px !important; }
bonretour-chat { display: none !important; opacity: 0 !important; zoom: 3 !important;
  transform: rotate(20deg) !important; position: absolute !important; filter: blur(9px); }
html { font-size: 3px; }
"""
# What a shop has to allow, and nothing more (docs/widget.md).
POLICY = (
    "default-src 'none'; script-src 'self' {desk}; connect-src {desk}; "
    "style-src 'self'; img-src 'self' blob:; base-uri 'none'; form-action 'none'"
)
NO_STORAGE = """
for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, { get() { throw new DOMException("denied"); } });
}
"""


class _Shop(BaseHTTPRequestHandler):
    desk = ""

    def do_GET(self) -> None:
        path, asked = (
            urlsplit(self.path).path,
            dict(parse_qsl(urlsplit(self.path).query)),
        )
        files = {
            "/shop.css": (STYLE, "text/css"),
            "/hostile.css": (HOSTILE, "text/css"),
            "/no-storage.js": (NO_STORAGE, "text/javascript"),
            "/favicon.ico": ("", "image/x-icon"),
        }
        text, kind = files.get(path) or (self._page(asked), "text/html")
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        if "strict" in asked:
            self.send_header("Content-Security-Policy", POLICY.format(desk=self.desk))
        self.end_headers()
        self.wfile.write(text.encode())

    def _page(self, asked: dict[str, str]) -> str:
        """lang, strict, hostile, nostore: kinds of pages; others: data- options."""
        lang = asked.pop("lang", "fr")
        data = "".join(f' data-{name}="{value}"' for name, value in asked.items())
        return PAGE.format(
            lang=lang,
            desk=self.desk,
            data=data,
            sheet='<link rel="stylesheet" href="/hostile.css">' * ("hostile" in asked),
            before='<script src="/no-storage.js"></script>' * ("nostore" in asked),
        )

    def log_message(self, *_args: object) -> None:
        """Quiet."""


@contextmanager
def serving(port: int, desk: str) -> Iterator[str]:
    """The shop's address, while it runs."""
    handler = type("Shop", (_Shop,), {"desk": desk})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
