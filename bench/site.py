"""How many CPU seconds does a diary of 1,000 posts in two languages cost, cold and after one edit?

    python bench/site.py [--posts 1000] [--words 500]

Writes bench/results/site.md. Every figure is the CPU time of a fresh process and its children, interpreter start
included; "one edit" is the median of three. Share pictures and the search index are also measured apart, since neither
Pelican nor Nikola makes them. Both peers are measured when `pelican` and `nikola` are importable, on the same posts
(2 × N pages), with highlighting, Pelican's caches on, and their defaults otherwise. They cannot bind numbers to runs,
so the posts have none.
"""

import argparse
import importlib.metadata
import importlib.util
import os
import random
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
TEXT = (
    "the model learns a number for every square and looks again until nothing changes which is what we wanted to see "
    "before training it on larger mazes with fewer walls and more ways through them than any test had asked for"
)
WORDS = TEXT.split()
CODE = """```python
def step(state, weights):
    for row in range(len(state)):
        state[row] += weights[row] * 0.5
    return state
```
"""
TABLE = "| size | solved |\n|---|---:|\n| 9 | 200 |\n| 59 | 199 |\n"
LIST = "- [x] train a first model\n- [ ] write down what failed\n"
CUADERNO = (
    "import sys; from cuaderno.site.build import build; build(sys.argv[1], search={search}, report=lambda line: None)"
)


def body(words: int, seed: int) -> str:
    """Headings, paragraphs with emphasis and links, a list, a table and a code block."""
    rng = random.Random(seed)
    parts, written = [], 0
    while written < words:
        if len(parts) % 4 == 0:
            parts.append(f"## Part {len(parts) // 4 + 1}")
        text = [rng.choice(WORDS) for _ in range(80)]
        text[9], text[30] = f"**{text[9]}**", f"[{text[30]}](https://example.org/{seed})"
        parts.append(" ".join(text).capitalize() + ".")
        written += 80
    return "\n\n".join([*parts[:3], LIST, CODE, *parts[3:], TABLE]) + "\n"


def posts(count: int, words: int) -> list[tuple[int, str, str, str]]:
    """Number, language, title and body of every post."""
    return [
        (n, lang, f"Note {n} ({lang})", body(words, 2 * n + (lang == "es")))
        for n in range(count)
        for lang in ("en", "es")
    ]


def day(number: int) -> str:
    return f"{2006 + number // 336:04}-{number // 28 % 12 + 1:02}-{number % 28 + 1:02}"


def write_cuaderno(home: Path, found: list) -> tuple[list[str], Path]:
    home.mkdir()
    (home / "cuaderno.toml").write_text('title = "Bench"\nurl = "https://example.org/"\n')
    for number, lang, title, text in found:
        path = home / "posts" / f"note-{number}" / f"{lang}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"---\ntitle: {title}\ndate: {day(number)}\ntags: [tag{number % 20}]\n---\n{text}")
    return [sys.executable, "-c", CUADERNO.format(search=False), str(home)], home / "posts" / "note-7" / "en.md"


def write_pelican(home: Path, found: list) -> tuple[list[str], Path]:
    (home / "content").mkdir(parents=True)
    (home / "pelicanconf.py").write_text(
        "SITENAME='Bench'\nSITEURL='https://example.org'\nPATH='content'\nDEFAULT_LANG='en'\nTIMEZONE='UTC'\n"
        "LOAD_CONTENT_CACHE=True\nCACHE_CONTENT=True\nCHECK_MODIFIED_METHOD='mtime'\n"
        "ARTICLE_TRANSLATION_ID='slug'\n"
    )
    for number, lang, title, text in found:
        head = f"Title: {title}\nDate: {day(number)}\nSlug: note-{number}\nLang: {lang}\nTags: tag{number % 20}\n\n"
        (home / "content" / f"note-{number}-{lang}.md").write_text(head + text)
    command = [
        sys.executable,
        "-m",
        "pelican",
        str(home / "content"),
        "-o",
        str(home / "output"),
        "-s",
        str(home / "pelicanconf.py"),
    ]
    return command, home / "content" / "note-7-en.md"


def write_nikola(home: Path, found: list) -> tuple[list[str], Path]:
    nikola = [sys.executable, "-m", "nikola"]
    subprocess.run([*nikola, "init", "-q", str(home)], check=True, capture_output=True)
    conf = home / "conf.py"
    text = conf.read_text().replace(
        "\"rest\": ('.rst', '.txt'),", "\"rest\": ('.rst', '.txt'), \"markdown\": ('.md',),"
    )
    text += (
        '\nTRANSLATIONS = {DEFAULT_LANG: "", "es": "./es"}\n'
        'POSTS = (("posts/*.md", "posts", "post.tmpl"),)\nPAGES = ()\n'
        'COMPILERS = {"markdown": (".md",), "rest": (".rst", ".txt")}\n'
    )
    conf.write_text(text)
    for number, lang, title, body_text in found:
        suffix = "" if lang == "en" else ".es"
        head = f".. title: {title}\n.. slug: note-{number}\n.. date: {day(number)} 10:00:00 UTC\n"
        head += f".. tags: tag{number % 20}\n\n"
        (home / "posts" / f"note-{number}{suffix}.md").write_text(head + body_text)
    return [*nikola, "build", "-q"], home / "posts" / "note-7.md"


def cpu_seconds(command: list[str], where: Path) -> float:
    """User and system time of a process and all its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        command, cwd=where, capture_output=True, text=True, env=os.environ | {"PYTHONHASHSEED": "0"}, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command[:4])} failed:\n{done.stderr[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(write, home: Path, found: list) -> dict[str, float]:
    """Cold, with nothing changed, and after one word was added to one post."""
    command, edited = write(home, found)
    times = {"cold": cpu_seconds(command, home), "again": cpu_seconds(command, home)}
    edits = []
    for _ in range(3):
        edited.write_text(edited.read_text() + "\nOne more word.\n")
        edits.append(cpu_seconds(command, home))
    return times | {
        "one edit": sorted(edits)[1],
        "pages": sum(".cache" not in path.parts for path in home.rglob("*.html")),
    }


def measure_parts(home: Path, found: list) -> dict[str, float]:
    """What share pictures and search add to a cold build of ours."""
    command, _ = write_cuaderno(home, found)
    everything = cpu_seconds([*command[:2], CUADERNO.format(search=True), str(home)], home)
    pictures = (
        "import sys; from cuaderno.site.pictures import share_picture\n"
        "for number in range(int(sys.argv[1])): share_picture(f'Note {number} (en)', 'Bench')"
    )
    return {
        "with search": everything,
        "share pictures": cpu_seconds([sys.executable, "-c", pictures, str(len(found))], home),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=1000, help="posts, each in two languages (1000)")
    parser.add_argument("--words", type=int, default=500, help="words of each post (500)")
    options = parser.parse_args()
    found = posts(options.posts, options.words)
    length = sum(len(text.split()) for *_, text in found) / len(found)
    with tempfile.TemporaryDirectory() as scratch:
        rows = {"cuaderno": measure(write_cuaderno, Path(scratch) / "cuaderno", found)}
        rows["cuaderno"] |= measure_parts(Path(scratch) / "parts", found)
        for name, write in (("pelican", write_pelican), ("nikola", write_nikola)):
            if importlib.util.find_spec(name):
                rows[name] = measure(write, Path(scratch) / name, found)
            else:
                print(f"{name}: not installed, not measured")
    report = table(options.posts, length, rows)
    print(report)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "site.md").write_text(report + "\n")


def table(count: int, length: float, rows: dict[str, dict[str, float]]) -> str:
    """The figures as Markdown."""
    head = ["", "pages", "cold", "again", "one edit", "with search", "share pictures"]
    lines = [
        f"{count} posts in two languages, {length:.0f} words each. CPU seconds of fresh processes, interpreter start "
        "included; ours draws its share pictures within the cold build.",
        "",
        "| " + " | ".join(head) + " |",
        "|---|" + "---:|" * (len(head) - 1),
    ]
    for name, row in rows.items():
        shown = [f"{row['pages']:,.0f}", *(f"{row[key]:.2f}" if key in row else "–" for key in head[2:])]
        version = importlib.metadata.version(name) if name != "cuaderno" else ""
        lines.append(f"| {name} {version} | " + " | ".join(shown) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
