import base64
import json
import os
import re

import pytest

from cuaderno import studies
from cuaderno.lab.errors import CuadernoError
from cuaderno.site.build import build
from cuaderno.site.check import check

RUN = "labyrinth-20261121-153012-ab12cd"
HEAD = "---\ntitle: T\ndate: 2026-11-22\nruns: {mine: labyrinth-20261121-153012-ab12cd, gone: labyrinth-1}\n---\n"


def printed(diary, text: str, lang: str = "en") -> str:
    folder = diary / "posts" / "t"
    folder.mkdir(exist_ok=True)
    (folder / f"{lang}.md").write_text(HEAD + text, encoding="utf-8")
    output = build(diary, search=False, report=lambda line: None).output
    page = output / ("" if lang == "en" else lang) / "posts" / "t" / "index.html"
    return page.read_text(encoding="utf-8").split("</header>", 2)[2].split("</article>")[0]


def measured(diary, **values: float) -> None:
    """Add metrics to the run."""
    path = diary / "records" / RUN / "run.json"
    data = json.loads(path.read_text())
    data["metrics"] |= {name: {"value": value, "low": None, "high": None, "n": 1} for name, value in values.items()}
    path.write_text(json.dumps(data))


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
        ("```{curve} mine\n:bars: baseline_wal\n```", "no metric 'baseline_wal'. Did you mean 'baseline_walk'?"),
        ("```{curve} mine\n:bar: loss\n```", "no option 'bar'. Did you mean 'bars'?"),
        ("```{curve} mine\n:bars: none\n:log:\n```", "a logarithmic scale needs positive values"),
        ("```{curve} mine\n:bars: endless\n```", "'endless' of run " + RUN + " is no finite number"),
        ("```{picture} mine\n:file: attention.svg\n```", "needs :alt:"),
        (
            "```{picture} mine\n:alt: x\n```",
            "which file of the run's export? Write it as in :file: attention.svg. Known:",
        ),
        ("```{picture} mine\n:alt: x\n:file: atention.svg\n```", "no 'atention.svg'. Did you mean 'attention.svg'?"),
        ("```{picture} mine\n:alt: x\n:file: ../run.json\n```", "it takes files in .svg or .png"),
        ("```{picture} mine\n:alt: x\n:file: ../poster.svg\n```", "has no '../poster.svg'. Did you mean 'poster.svg'?"),
        ("```{picture} mine\n:alt: x\n:file: attention.svg\n:caption: a\nb\n```", "two captions"),
        ("```{picture} mine\n:alt: x\n:file: large.svg\n```", "has 2.0 MB; a page takes 1.0 MB at most"),
        ("```{picture} mine\n:alt: x\n:file: broken.svg\n```", "is no SVG that can be read"),
        ("```{picture} mine\n:alt: x\n:file: broken.png\n```", "'broken.png' cannot be read"),
        ("```{picture}\n```", "which run?"),
        ("```{samples} mine\n:only: 12501\n```", "no sample of step '12501'. Did you mean '12500'?"),
        ("```{samples} mine\n:lines: 0\n```", ":lines: 0: write a whole number"),
        ("```{samples} mine\n:lines: ²\n```", "write a whole number"),
        ('```{samples} mine\n:language: "><script>\n```', "write the code of a language"),
        ("```{samples} mine\n:file: parity.json\n```", "parity.json of run " + RUN + " holds no samples"),
        ("```{samples} mine\n:file: sample.json\n```", "has no 'sample.json'. Did you mean 'samples.json'?"),
        ("```{samples} mine\n:file: attention.svg\n```", "it takes files in .json"),
        ("```{run} min\n```", "no kept run 'min'. Did you mean 'mine'?"),
        ("```{widget} mine\n:titel: x\n```", "Did you mean 'title'?"),
        ("![x](stroke.png)", "no picture 'stroke.png'"),
        ("[x](plan.md)", "leads to no post"),
    ],
)
def test_what_does_not_exist_is_named_with_file_line_and_nearest(diary, shown, text, says):
    (shown / "large.svg").write_text((shown / "attention.svg").read_text() + " " * 2_000_000)
    (shown / "broken.svg").write_text("<svg>")
    (shown / "broken.png").write_bytes(b"no picture")
    measured(diary, none=0.0, endless=float("inf"))
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


@pytest.mark.parametrize(
    ("lang", "name", "value", "said"),
    [
        ("en", "59 × 59, a random walk of the same length", "0.5 %", "Dashed line"),
        ("es", "59 × 59, un paseo al azar igual de largo", "0,5 %", "Línea discontinua"),
    ],
)
def test_a_curve_is_compared_with_metrics_by_their_names(diary, lang, name, value, said):
    html = printed(diary, "```{curve} mine\n:bars: baseline_walk, solved_loops\n```", lang)
    assert html.count('<path class="bar baseline"') == html.count('<path class="bar us"') == 1
    assert f"<i>{name}</i> <b>{value}</b>" in html
    assert re.search(f'aria-label="[^"]*{said}: {name}, {value}\\.', html)
    assert re.search(rf'<tr class="baseline"><th scope="row">{name} .*?<td class="n">{value}</td>', html)


def test_a_curve_without_bars_is_as_it_was(diary):
    html = printed(diary, "```{curve} mine\n```")
    assert "bar" not in html.replace("--bar", "")


def test_a_study_may_want_a_bar_across_a_curve_wherever_it_is_drawn(diary):
    labels = studies.folder("labyrinth") / "metrics.toml"
    labels.write_text(labels.read_text(encoding="utf-8").replace("[baseline_walk]", '[baseline_walk]\nacross = "loss"'))
    assert printed(diary, "```{curve} mine\n```").count('<path class="bar baseline"') == 1
    assert '<path class="bar' not in printed(diary, "```{curve} mine\n:bars:\n```")
    assert '<path class="bar baseline"' in (diary / "_site" / "runs" / RUN / "index.html").read_text()


def test_a_drawing_stands_in_the_page_with_its_words_and_its_run(diary, shown):
    text = '```{picture} mine\n:file: attention.svg\n:alt: Who looks at "whom"\nIt *looks*, {num}`mine.loss`.\n```\n'
    html = printed(diary, text + text)
    assert html.count('role="img" aria-label="Who looks at &quot;whom&quot;"') == 2
    assert "It <em>looks</em>, <span" in html and f'href="/notebook/runs/{RUN}/"' in html
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids)) == 6  # two in each drawing, and the stamp of each caption
    for prefix in {name.rsplit("-", 1)[0] for name in ids if name.startswith("picture")}:
        assert f'href="#{prefix}-b"' in html and f"url(#{prefix}-a)" in html
    assert 'viewBox="0 0 640 120"' in html and "--least:480px;--most:640px" in html


def test_a_png_is_a_file_with_a_size(diary, shown):
    html = printed(diary, '```{picture} mine\n:file: tent.png\n:alt: A "tent"\n:caption: Of **cloth**\n```')
    assert f'<img src="/notebook/runs/{RUN}/export/tent.png" alt="A &#34;tent&#34;" width="900" height="300"' in html
    assert "Of <strong>cloth</strong>" in html


def test_a_hostile_drawing_can_neither_run_nor_load(diary, shown):
    evil = (
        "<script>alert(1)</script><a href='javascript:alert(1)'><path/></a><image href='https://evil.example/'/>"
        "<foreignObject><iframe src='evil'/></foreignObject><rect onload='alert(1)' class='evil'/>"
    )
    path = shown / "attention.svg"
    path.write_text(path.read_text().replace("<defs>", evil + "<defs>").replace("<svg", '<svg onload="alert(1)"'))
    html = printed(diary, "```{picture} mine\n:file: attention.svg\n:alt: x\n```")
    assert "who looks at whom" in html
    assert not [word for word in ("alert", "evil", "script", "foreign", "iframe") if word in html]


@pytest.mark.parametrize(("lang", "steps"), [("en", ["step 0", "step 12,500"]), ("es", ["paso 0", "paso 12.500"])])
def test_samples_are_stamped_in_order_and_shown_as_they_are(diary, shown, lang, steps):
    html = printed(diary, "```{samples} mine\n:language: en-GB\n```", lang)
    assert re.findall(r'<b class="at">(.*?)</b>', html) == steps
    assert html.count('dir="auto" lang="en-GB">') == 2 and f'/runs/{RUN}/">{RUN}</a>' in html
    assert ">xq,zuh &lt;img src=x onerror=alert(1)&gt; {num}`mine.loss`␀ \ufffd</div>" in html
    assert ">Once upon a time\n\n    there was a fox.\nThe end.</div>" in html


def test_samples_may_be_chosen_and_cut(diary, shown):
    written = json.loads((shown / "samples.json").read_text())
    (shown / "more.json").write_text(json.dumps([*written, {"step": 5, "text": "five"}]))
    html = printed(diary, "```{samples} mine\n:file: more.json\n:only: 12500, 5\n:lines: 3\n:title: <b>\n```")
    assert re.findall(r'<b class="at">(.*?)</b>', html) == ["step 5", "step 12,500"]
    assert 'fox.</div><span class="cut">[…]</span>' in html and "The end" not in html and html.count("[…]") == 1
    assert " lang=" not in html and "<header><b>&lt;b&gt;</b>" in html


def test_a_file_of_the_export_that_changes_is_shown_anew(diary, shown):
    text = "```{picture} labyrinth\n:file: attention.svg\n:alt: x\n```\n\n:::{samples} mine\n:::\n"
    before = printed(diary, text)
    assert build(diary, search=False, report=lambda line: None).printed == 0
    path = shown / "attention.svg"
    path.write_text(path.read_text().replace("whom", "what, now"))
    assert build(diary, search=False, report=lambda line: None).printed > 0
    assert printed(diary, text) == before.replace("whom", "what, now") != before
    (shown / "samples.json").write_text(json.dumps([{"step": 7, "text": "written anew"}]))
    assert "written anew" in printed(diary, text)


def test_what_only_a_post_shows_is_no_cost_of_the_live_model(diary, shown):
    cost = re.compile(r"data-start>(.*?)<")
    before = cost.findall(printed(diary, "```{widget} mine\n```"))
    (shown / "large.svg").write_bytes(os.urandom(500_000))
    (shown / "samples-es.json").write_bytes(b"[]" * 500_000)
    assert cost.findall(printed(diary, "```{widget} mine\n```")) == before


def test_the_live_model_costs_only_the_modules_that_its_run_names(diary, study):
    """A study of many widgets loads one of them; the others, and what only they import, are not counted."""
    web, export = study / "web", diary / "records" / RUN / "export"
    (web / "parts").mkdir()
    (web / "parts" / "one.js").write_text('import { big } from "../big.js";\n')
    (web / "parts" / "other.js").write_bytes(base64.b64encode(os.urandom(600_000)))
    (web / "big.js").write_bytes(b"export const big = 1; // " + base64.b64encode(os.urandom(90_000)))

    def cost() -> int:
        found = re.search(r"data-start>Start \((\d+) KB\)<", printed(diary, "```{widget} mine\n```"))
        return int(found[1])

    assert cost() > 600
    about = json.loads((export / "model.json").read_text())
    (export / "model.json").write_text(json.dumps({**about, "modules": ["parts/one.js", "../../secret.js", "gone.js"]}))
    assert 90 < cost() < 200


def test_check_looks_at_what_is_shown(diary, shown):
    folder = diary / "posts" / "t"
    folder.mkdir()
    text = "```{picture} mine\n:file: attention.svg\n:alt: x\n```\n\n```{picture} mine\n:file: tent.png\n:alt: x\n```\n"
    (folder / "en.md").write_text(HEAD + text + "```{samples} mine\n```\n")
    (folder / "es.md").write_text(HEAD + "```{curve} mine\n:bars: baseline_walk\n```\n")
    assert "links lead somewhere" in check(diary)
    (folder / "es.md").write_text(HEAD + "```{samples} mine\n:only: 3\n```\n")
    with pytest.raises(CuadernoError, match=r"es\.md:6: run .* has no sample of step"):
        check(diary)


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


def test_another_live_picture_of_a_study_waits_in_the_same_way(diary, shown):
    cost = re.compile(r"data-start>(.*?)<")
    whole = cost.findall(printed(diary, "```{widget} mine\n```"))
    (shown / "view-one.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><title>still life</title></svg>')
    (shown / "view-one.bin").write_bytes(os.urandom(300_000))
    html = printed(diary, "```{widget} mine\n:view: one\n:title: Look\n```")
    assert 'data-view="one"' in html and "still life" in html
    assert cost.findall(html) != whole == cost.findall(printed(diary, "```{widget} mine\n```"))
    with pytest.raises(CuadernoError, match=r"no view 'two'"):
        printed(diary, "```{widget} mine\n:view: two\n```")


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
