import json
import re

import pytest

from cuaderno.lab.errors import CuadernoError
from cuaderno.site.build import build

RUN = "labyrinth-20261121-153012-ab12cd"
HEAD = "---\ntitle: T\ndate: 2026-11-22\nruns: {mine: labyrinth-20261121-153012-ab12cd, gone: labyrinth-1}\n---\n"


def printed(diary, text: str, lang: str = "en") -> str:
    folder = diary / "posts" / "t"
    folder.mkdir(exist_ok=True)
    (folder / f"{lang}.md").write_text(HEAD + text, encoding="utf-8")
    output = build(diary, search=False, report=lambda line: None).output
    page = output / ("" if lang == "en" else lang) / "posts" / "t" / "index.html"
    return page.read_text(encoding="utf-8").split("</header>", 2)[2].split("</article>")[0]


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r'<span class="stamp".*?</span>|<[^>]+>', "", html, flags=re.S)).strip()


@pytest.mark.parametrize(
    ("role", "en", "es"),
    [
        ("labyrinth.solved_large", "100.0 % [98.1–100]", "100,0 % [98,1–100]"),
        ("mine.solved_loops", "96.5 % [92.9–98.6]", "96,5 % [92,9–98,6]"),
        (f"{RUN}.solved_loops|interval=no", "96.5 %", "96,5 %"),
        ("mine.solved_loops|digits=2", "96.50 % [92.90–98.60]", "96,50 % [92,90–98,60]"),
        ("mine.loss|digits=2|interval=no", "0.04", "0,04"),
        ("mine.solved_loops|format=number, interval=no", "0.965", "0,965"),
        ("mine.cpu_seconds", "150 s", "150 s"),
        ("mine.effective.parameters", "11,373", "11.373"),
        ("mine.config.batch_size", "64", "64"),
        ("mine.config.learning_rate", "0.003", "0,003"),
        ("mine.effective.optimizer", "AdamW", "AdamW"),
    ],
)
def test_a_number_as_each_language_writes_it(diary, role, en, es):
    assert plain(printed(diary, f"{{num}}`{role}`")) == en
    assert plain(printed(diary, f"{{num}}`{role}`", "es")) == es


def test_a_stamp_says_where_it_comes_from(diary):
    html = printed(diary, "{num}`mine.solved_large`")
    assert f'href="/notebook/runs/{RUN}/#solved_large"' in html
    for word in ("n = 200", "seed 0", "21 November 2026", "cuaderno train labyrinth --learning-rate 0.003"):
        assert word in html


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{num}`labyrint.solved_large`", "no kept run 'labyrint'. Did you mean 'labyrinth'?"),
        ("{num}`gone.loss`", "no kept run 'labyrinth-1'. Did you mean"),
        ("{num}`mine.solved_larg`", "has no 'solved_larg'. Did you mean 'solved_large'?"),
        ("{num}`mine.config.batch`", "Did you mean 'config.batch_size'?"),
        ("{num}`mine`", "names no number"),
        ("{num}`mine.loss|digit=2`", "no option 'digit'. Did you mean 'digits'?"),
        ("{num}`mine.loss|digits=two`", "whole number"),
        ("{nom}`mine.loss`", "no role 'nom'. Did you mean 'num'?"),
        ("```{metric} mine\n```", "no directive 'metric'. Did you mean 'metrics'?"),
        ("```{metrics} mine\n:onli: loss\n```", "no option 'onli'. Did you mean 'only'?"),
        ("```{metrics} mine\n:only: los\n```", "no metric 'los'. Did you mean 'loss'?"),
        ("```{metrics}\n```", "which run?"),
        ("```{curve} mine\n:y: lost\n```", "not logged 'lost'. Did you mean 'loss'?"),
        ("```{curve} mine\n:x: steps\n```", "no x axis 'steps'. Did you mean 'step'?"),
        ("```{run} min\n```", "no kept run 'min'. Did you mean 'mine'?"),
        ("```{widget} mine\n:titel: x\n```", "Did you mean 'title'?"),
        ("![x](stroke.png)", "no picture 'stroke.png'"),
        ("[x](plan.md)", "leads to no post"),
    ],
)
def test_what_does_not_exist_is_named_with_file_line_and_nearest(diary, text, says):
    with pytest.raises(CuadernoError) as caught:
        printed(diary, f"one\n\n{text}\n")
    assert says in str(caught.value)
    assert re.search(r"t[/\\]en\.md:8: ", str(caught.value))


def test_all_faults_are_told_at_once(diary):
    (diary / "posts" / "bad.md").write_text("---\ntitle: a: b\n---\n")
    with pytest.raises(CuadernoError, match="3 faults") as caught:
        printed(diary, "{num}`mine.x`\n\n{num}`mine.y`")
    assert "bad.md:2" in str(caught.value) and "'x'" in str(caught.value) and "'y'" in str(caught.value)


def test_a_table_shows_the_baseline_in_plain_sight(diary):
    html = printed(diary, "```{metrics} mine\n:only: solved_large, baseline_walk\n```")
    assert '<tr class="us"><th scope="row">59 × 59, solved</th>' in html
    assert '<tr class="baseline">' in html and html.count("<tr class") == 2
    assert "0.5 %" in html and "baseline</span>" in html


def test_a_curve_is_named_and_has_its_values(diary):
    html = printed(diary, "```{curve} mine\n:y: loss\n:log:\n:title: Falling <fast>\n```")
    assert 'role="img" aria-label="Falling &lt;fast&gt;. Starts at 1.8' in html
    assert html.count("<tr>") == 13 and "logarithmic" in html


def test_the_card_tells_how_to_repeat_the_run(diary):
    html = printed(diary, "```{run} mine\n```")
    for word in ("4f1c2d9", "11,373", "150 s", "--learning-rate 0.003 --seed 0", f"runs/{RUN}/#files"):
        assert word in html


def test_the_live_model_waits_and_says_what_it_costs(diary):
    html = printed(diary, "```{widget} mine\n:title: Watch\n```")
    assert re.search(r"<button type=\"button\" data-start>Start \(\d+ KB\)</button>", html)
    assert 'data-module="/notebook/studies/labyrinth/web/widget.js"' in html
    assert f'data-artifact="/notebook/runs/{RUN}/export/"' in html
    assert "<svg" in html and "<script" not in html


def test_strings_of_a_run_are_escaped_everywhere(diary):
    evil = "<script>alert('x')</script>"
    path = diary / "records" / RUN / "run.json"
    data = json.loads(path.read_text())
    data |= {"command": evil, "processor": evil, "platform": evil, "seed": evil}
    data["config"][evil] = evil
    data["effective"]["optimizer"] = evil
    data["metrics"][evil] = {"value": 1, "low": None, "high": None, "n": 1}
    data["git"]["commit"] = evil
    data["versions"][evil] = data["data"][evil] = evil
    path.write_text(json.dumps(data))
    text = "{num}`mine.effective.optimizer` {num}`mine.loss`\n\n```{metrics} mine\n```\n"
    text += "```{run} mine\n```\n```{curve} mine\n```\n"
    (diary / "posts" / "t.md").write_text(HEAD.replace("title: T", f'title: "{evil}"\ntags: ["{evil}"]') + text)
    output = build(diary, search=False, report=lambda line: None).output
    for page in output.rglob("*.html"):
        assert "<script>" not in page.read_text(encoding="utf-8"), page
