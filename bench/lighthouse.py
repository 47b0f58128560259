"""Lighthouse on the pages a reader sees first: scores, bytes over the wire before any click, and what Start then costs.

    npm install lighthouse@12.8.2          # anywhere; PUPPETEER_SKIP_DOWNLOAD=1 leaves its browser out
    python bench/lighthouse.py --lighthouse node_modules/.bin/lighthouse [--diary diary]

The diary is built and served here, gzipped as every host does. Writes bench/results/lighthouse.md.
"""

import argparse
import gzip
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

TOP = Path(__file__).parents[1]
FLAGS = "--headless=new --no-sandbox --disable-dev-shm-usage --disable-gpu --disable-background-networking"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")


class GzipHandler(SimpleHTTPRequestHandler):
    """A static host that compresses text, as GitHub Pages does, and answers 404 with the site's own page."""

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        found = path.is_file()
        body = (path if found else Path(self.directory) / "404.html").read_bytes()
        kind = self.guess_type(str(path)) if found else "text/html"
        self.send_response(200 if found else 404)
        if kind.startswith("text/") or kind.endswith(("javascript", "json", "xml")):
            body = gzip.compress(body, 6)
            self.send_header("Content-Encoding", "gzip")
        charset = "; charset=utf-8" if kind.startswith("text/") or kind.endswith("javascript") else ""
        self.send_header("Content-Type", kind + charset)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=600")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_) -> None:
        pass


def audit(lighthouse: str, address: str, form: str) -> dict:
    command = [lighthouse, address, "--quiet", "--output=json", f"--chrome-flags={FLAGS}"]
    command += [f"--only-categories={','.join(CATEGORIES)}", *(["--preset=desktop"] if form == "desktop" else [])]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    return json.loads(answer.stdout)


def row(report: dict, page: str, form: str) -> str:
    scores = [round(100 * report["categories"][name]["score"]) for name in CATEGORIES]
    size = report["audits"]["total-byte-weight"]["numericValue"] / 1024
    for name in CATEGORIES:
        for item in report["categories"][name]["auditRefs"]:
            audit_found = report["audits"][item["id"]]
            if item["weight"] and audit_found["score"] is not None and audit_found["score"] < 0.9:
                print(f"  {page} {form}: {item['id']} {audit_found.get('displayValue', '')}")
    return f"| `{page}` | {form} | " + " | ".join(map(str, scores)) + f" | {size:.1f} |"


def every_kind(site: Path, post: str) -> list[str]:
    """A page of each kind that the site has."""
    kinds = ["", "archive/", "tags/", post, f"es/{post}", "posts/*/original/", "proofreading/", "journey/", "studies/"]
    kinds += ["studies/*/", "runs/*/", "portfolio/", "reading/", "about/"]
    found = [sorted(site.glob(f"{kind}index.html"))[-1:] for kind in kinds]
    return [path.parent.relative_to(site).as_posix().removeprefix(".") + "/" * (path.parent != site)
            for paths in found for path in paths]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lighthouse", default="lighthouse", help="path of the program")
    parser.add_argument("--diary", type=Path, default=TOP / "diary")
    parser.add_argument(
        "--pages", nargs="*", help="default: one of every kind, and a post with a live model in Spanish too"
    )
    arguments = parser.parse_args()
    from cuaderno.site.build import build

    os.environ.setdefault("CHROME_PATH", shutil.which("chromium") or shutil.which("google-chrome") or "")
    with tempfile.TemporaryDirectory() as folder:
        diary = Path(folder) / "diary"
        subprocess.run(["cp", "-r", str(arguments.diary), str(diary)], check=True)
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(GzipHandler, directory=str(diary / "_site")))
        settings = diary / "cuaderno.toml"  # canonical addresses must name the host that is measured
        address = f"http://127.0.0.1:{server.server_port}/"
        settings.write_text(re.sub(r'(?m)^url = ".*"', f'url = "{address}"', settings.read_text()))
        build(diary, report=lambda _: None)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        live = [path.parent.name for path in sorted(diary.glob("posts/*/en.md")) if "{widget}" in path.read_text()]
        pages = arguments.pages or every_kind(diary / "_site", f"posts/{live[-1]}/")
        lines = ["| page | form | performance | accessibility | best practices | SEO | KB on the wire |"]
        lines += ["|---|---|---|---|---|---|---|"]
        for page in pages:
            for form in ("mobile", "desktop"):
                lines.append(row(audit(arguments.lighthouse, address + page, form), "/" + page, form))
                print(lines[-1], flush=True)
        server.shutdown()
    target = TOP / "bench" / "results" / "lighthouse.md"
    target.parent.mkdir(exist_ok=True)
    target.write_text("\n".join(["# Lighthouse", "", *lines, ""]))


if __name__ == "__main__":
    main()
