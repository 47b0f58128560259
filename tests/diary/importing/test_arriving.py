"""Whole sites and single files on their way into the diary."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cuaderno.diary import front_matter
from cuaderno.diary.importing.arriving import NEW, SAME, TAKEN, standing, write
from cuaderno.diary.importing.prose import outside_fences
from cuaderno.lab.errors import CuadernoError

SEEDS = Path(os.environ.get("CUADERNO_DATA", "/nowhere")).parent / "seeds"
FIRST = """\
---
title: "Blog intro, what do i want to make with this?"
description: "I have a brief idea of my plans."
pubDate: "26 November 2023"
done: true
tags: ["personal"]
---

So with this first post. I code it with [astro](https://astro.build).

- [ ] Write about the BASIC AI concepts
- [ ] Talk about gaussian splatting
      <br></br>

With the following [prompt]() that will keep all the content.
"""
SECOND = """\
---
date: 2023-05-19
title: Welcome Readers
---
# Welcome Readers

Hello, Dear Readers! I’m starting a journey.\x20

"""
NOTES = """\

# Anthony Canon

## Nombre y carrera
#### Anthony Canon, ingeniería en sistemas

### Incrustaciones
Los modelos de lenguaje están basados en la arquitectura de *transformers*.
```
learning_rate = 0.001
```
![Alt text](grabage.png)
"""


def texts() -> list[bytes]:
    """The three texts the diary is for: the real ones where they are, else equals of our own."""
    if SEEDS.is_dir():
        return [path.read_bytes() for path in sorted(SEEDS.glob("00*.txt"))]
    return [FIRST.encode(), SECOND.encode(), NOTES.encode()]


def test_two_posts_come_through_byte_for_byte(site, bring):
    first, second, _ = texts()
    root = site({"000_1f9749b1b9d7dc16.txt": first, "001_0db7c4cbe504e0b0.txt": second})
    arrived, refused = bring(*sorted(root.iterdir()))
    assert list(arrived) == ["posts/blog-intro-what-do-i-want-to-make-with-this/en.md", "posts/welcome-readers/en.md"]
    assert [one.text.encode() for one in arrived.values()] == [first, second] and not refused
    assert not any(one.changed or one.kept or one.lost for one in arrived.values())


def test_notes_without_a_head_get_one(site, bring):
    notes = texts()[2]
    root = site({"002_8e93982815b825d3.txt": notes})
    os.utime(root / "002_8e93982815b825d3.txt", (1_700_000_000, 1_700_000_000))
    arrived, _ = bring(root / "002_8e93982815b825d3.txt")
    post = arrived["posts/anthony-canon/es.md"]
    body = notes.decode().replace("![Alt text](grabage.png)", "`![Alt text](grabage.png)`")
    assert post.text == "---\ndate: 2023-11-14\n---\n" + body
    assert "2023-11-14, the day of its file" in post.changed[0] and "grabage.png) is not there" in post.lost[0]
    arrived, _ = bring(root / "002_8e93982815b825d3.txt", ask_date=lambda path, day: "3 de marzo de 2024")
    assert "date: 2024-03-03" in arrived["posts/anthony-canon/es.md"].text
    assert "not a date" in bring(root / "002_8e93982815b825d3.txt", ask_date=lambda *_: "soon")[1].popitem()[1].reason


ASTRO = {
    "astro.config.mjs": "",
    "src/assets/hero.png": None,
    "public/img/pub.png": None,
    "src/content/config.ts": "",
    "src/content/blog/first-post.mdx": """\
---
title: 'First post'
pubDate: 'Jul 08 2022'
heroImage: '../../assets/hero.png'
heroImageAlt: A blue square
---
import Chart from '../../components/Chart.astro';

Hello **you**. See [second](./second.md#part) and [again](/blog/second/), [tags](/tags/x), [out](https://a.b/second).

<Chart data={[1, 2]} />

```jsx
<Chart data={[1, 2]} />
```

![pub](/img/pub.png) ![gone](./gone.png "t")
""",
    "src/content/blog/second.md": '---\ntitle: "Second: it"\npubDate: 2023-05-19\n---\nText.\n',
    "src/content/blog/es/second.md": "---\ntitle: Segunda\npubDate: 2023-05-20\n---\nHola a todos.\n",
    "node_modules/x/README.md": "# no",
}


def test_an_astro_site(site, bring):
    arrived, refused = bring(site(ASTRO))
    assert sorted(arrived) == ["posts/first-post/en.md", "posts/second/en.md", "posts/second/es.md"] and not refused
    post = arrived["posts/first-post/en.md"]
    assert "[second](../second/en.md#part) and [again](../second/en.md), [tags](/tags/x), [out](https" in post.text
    assert "---\n\n![A blue square](hero.png)\n\n<!-- import Chart" in post.text and sorted(post.copies) == [
        "hero.png",
        "pub.png",
    ]
    assert "\n`<Chart data={[1, 2]} />`\n" in post.text and "```jsx\n<Chart data={[1, 2]} />\n```" in post.text
    assert '![pub](pub.png) `![gone](./gone.png "t")`' in post.text
    assert post.kept[-1] == "<Chart data={[1, 2]} />" and len(post.lost) == 2


HUGO = {
    "hugo.toml": "",
    "static/img/s.png": None,
    "content/_index.md": "---\ntitle: x\n---\n",
    "content/about.md": "---\ntitle: About\n---\nme\n",
    "content/posts/bundle/fig one.png": None,
    "content/posts/bundle/index.md": """\
+++
title = "A bundle"
date = 2023-01-02T10:00:00+01:00
draft = true
categories = ["AI"]
tags = ["x"]
[params]
  deep = 1
+++
{{< figure src="fig one.png" caption="Cap" alt="Alt [y]" >}}

{{< highlight python "linenos=table" >}}
print("{{< x >}}")
{{< /highlight >}}

{{< tweet user="a" id="1" >}} {{< youtube abc123 >}} [r]({{< ref "other.md" >}}) [q]({{< relref "/posts/other" >}})
""",
    "content/posts/bundle/index.es.md": "---\ntitle: Un paquete\ndate: 2023-01-02\n---\n"
    "![f](fig%20one.png) ![s](/img/s.png)\n",
    "content/posts/other.md": "---\ntitle: Other\ndate: 2023-01-03\nslug: ../../a/other-slug\n---\n[b](bundle/)\n",
    "content/es/posts/uno.md": "---\ntitle: Uno\ndate: 2023-01-04\ntranslationKey: one\n---\nHola.\n",
    "content/en/posts/one.md": "---\ntitle: One\ndate: 2023-01-04\ntranslationKey: one\n---\nHello.\n",
    "content/posts/autre.fr.md": "---\ntitle: Autre\ndate: 2023-01-04\n---\nBonjour.\n",
}


def test_a_hugo_site(site, bring):
    arrived, refused = bring(site(HUGO))
    assert sorted(arrived) == [
        "posts/bundle/en.md", "posts/bundle/es.md", "posts/one/en.md", "posts/one/es.md", "posts/other-slug/en.md",
    ]  # fmt: skip
    assert {name: one.fault for name, one in refused.items()} == {"about.md": False, "autre.fr.md": True}
    post = arrived["posts/bundle/en.md"].text
    fields = front_matter.read(post, Path("x"))
    assert fields["draft"] and fields["tags"] == ["x", "AI"] and fields["date"] == "2023-01-02T09:00:00+00:00"
    assert "params:\n  deep: 1\n" in post and r"![Alt \[y\]](<fig one.png>)" in post and "*Cap*" in post
    assert (
        '```python\nprint("{{< x >}}")\n```' in post
        and '`{{< tweet user="a" id="1" >}}` <https://youtu.be/abc123>' in post
    )
    assert "[r](../other-slug/en.md) [q](../other-slug/en.md)" in post
    assert "![f](fig%20one.png) ![s](s.png)" in arrived["posts/bundle/es.md"].text
    assert sorted(arrived["posts/bundle/es.md"].copies) == ["fig one.png", "s.png"]
    assert "[b](../bundle/es.md)" in arrived["posts/other-slug/en.md"].text, "no page may link to a draft"
    assert not front_matter.read(arrived["posts/bundle/es.md"].text, Path("x"))["draft"]


JEKYLL = {
    "_config.yml": "baseurl: /blog\n",
    "assets/a.png": None,
    "_posts/2023-05-19-welcome.md": """\
---
layout: post
categories: ai diary
excerpt: Short one.
---
# Welcome

{% highlight python %}
x = {{ 1 }}
{% endhighlight %}

![a]({{ site.baseurl }}/assets/a.png){: .big }
[n]({% post_url 2023-05-20-next %}) [m]({{ "/2023/05/20/next.html" | relative_url }})
{% include figure.html src="x" %}
{% comment %}secret{% endcomment %}
""",
    "_posts/2023-05-20-next.markdown": "---\nlayout: post\n---\nNo title here.\n\n## A heading\n",
    "_posts/2023-05-21-hidden.md": "---\ntitle: Hidden\npublished: false\n---\nx\n",
    "_drafts/soon.md": "---\ntitle: Soon\n---\nDraft.\n",
}


def test_a_jekyll_site(site, bring):
    arrived, refused = bring(site(JEKYLL))
    assert front_matter.read(arrived.pop("posts/hidden/en.md").text, Path("x"))["draft"]
    assert sorted(arrived) == ["posts/next/en.md", "posts/soon/en.md", "posts/welcome/en.md"] and not refused
    post = arrived["posts/welcome/en.md"]
    fields = front_matter.read(post.text, Path("x"))
    assert fields["title"] == "Welcome" and fields["tags"] == ["ai", "diary"] and fields["description"] == "Short one."
    assert fields["date"].startswith("2023-05-19") and "layout: post\n" in post.text
    assert "```python\nx = {{ 1 }}\n```" in post.text and "![a](a.png)\n" in post.text
    assert "[n](../next/en.md) [m](../next/en.md)" in post.text and '`{% include figure.html src="x" %}`' in post.text
    assert "secret" not in post.text and any("secret" in line for line in post.changed)
    following = front_matter.read(arrived["posts/next/en.md"].text, Path("x"))
    assert following["title"] == "A heading" and "draft: true" in arrived["posts/soon/en.md"].text


def test_a_folder_of_a_site_knows_its_site(site, bring):
    arrived, _ = bring(site(ASTRO) / "src" / "content" / "blog")
    assert sorted(arrived["posts/first-post/en.md"].copies) == ["hero.png", "pub.png"]
    assert "posts/second/es.md" in arrived


def test_the_same_name_twice(site, bring):
    root = site(
        {"a/intro.md": "---\ndate: 2020-01-01\ntitle: A\n---\n", "b/intro.md": "---\ndate: 2020-01-01\ntitle: B\n---\n"}
    )
    assert sorted(bring(root)[0]) == ["posts/b-intro/en.md", "posts/intro/en.md"]


# -- hostile -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('---\ntitle: "open\n---\nx', "line 2: the front matter is not YAML"),
        ("---\ntitle: x\ndate: 2020-01-01\n", "never ends"),
        ("+++\ntitle = \n+++\nx", "not TOML"),
        ("+++\ntitle = 'x'\n", "never ends"),
        ('{\n"title": ', "not JSON"),
        (b"# text\0\1\2", "zero bytes"),
        (bytes(range(1, 256)), "it is no text"),
        ("---\ntitle: x\npubDate: 2024-02-30\n---\nx", "pubDate: 2024-02-30 is not a date. Mend it: "),
        ("---\ntitle: x\ndate: soon\n---\nx", "date: soon is not a date. Mend it: "),
        ("---\n- a\n- list\n---\n", "must be `name: value` lines"),
        ("+++\nx = " + "[" * 3000 + "\n+++\n", "front matter"),
    ],
)
def test_what_cannot_be_read_is_told_and_the_rest_arrives(site, bring, content, words):
    arrived, refused = bring(site({"bad.md": content, "good.md": "---\ndate: 2020-01-01\ntitle: Good\n---\n"}))
    assert list(arrived) == ["posts/good/en.md"]
    assert words in refused["bad.md"].reason and refused["bad.md"].fault


def test_a_day_that_there_is_not_is_a_fault_and_no_page(site, bring):
    head = "---\ntitle: T\npubDate: 2024-02-30\n---\nx"
    root = site({"_config.yml": "", "_posts/2022-13-45-bad.md": "---\ntitle: B\n---\nx", "_posts/a.md": head})
    arrived, refused = bring(root)
    assert not arrived and all(one.fault for one in refused.values())
    assert refused["2022-13-45-bad.md"].reason.startswith("the 2022-13-45 in its name is not a date. Mend it: ")
    assert refused["a.md"].reason.startswith("pubDate: 2024-02-30 is not a date. Mend it: ")
    arrived, refused = bring(root, ask_date=lambda path, day: "2024-02-29")
    assert sorted(arrived) == ["posts/a/en.md", "posts/bad/en.md"] and not refused
    assert front_matter.read(arrived["posts/a/en.md"].text, Path("x"))["date"].startswith("2024-02-29")


@pytest.mark.parametrize("content", [b"", b" \r\n\n", b"\xef\xbb\xbf\n"])
def test_an_empty_file_is_called_empty(site, bring, content):
    for files in ({"_config.yml": "", "_posts/none.md": content}, {"none.md": content}):
        assert bring(site(files))[1]["none.md"].reason == "it is empty"


DRAFTED = """\
---
title: Out
date: 2023-05-19
---
See [*this* one](/blog/soon/), [file](soon.md#end "T"), [![alt](a.png)](/soon.html) and [Out](/blog/out/).
See [ref][r] and <a class="x" href="/blog/soon/">html</a>.

[r]: /blog/soon/
"""


def test_a_link_to_a_draft_waits_for_it(site, bring):
    soon = "---\ntitle: Soon\ndate: 2023-05-20\ndraft: true\n---\n[x](/blog/later/) [y](out.md)\n"
    files = {"out.md": DRAFTED, "soon.md": soon, "later.md": soon.replace("Soon", "Later"), "a.png": None}
    arrived, _ = bring(site(files))
    post = arrived["posts/out/en.md"]
    assert "See *this* one, file, ![alt](a.png) and [Out](../out/en.md).\n" in post.text
    assert '<a class="x">html</a>' in post.text and "`[r]: /blog/soon/`" in post.text
    assert len(post.lost) == 5
    for new in ("[*this* one](../soon/en.md)", "[file](../soon/en.md#end)", "[![alt](a.png)](../soon/en.md)",
                "[r]: ../soon/en.md", 'href="../soon/en.md"'):  # fmt: skip
        words = f"soon and is no link for now; it becomes a link when you publish soon: change it to {new}"
        assert any(line.endswith(words) for line in post.lost), (new, post.lost)
    assert arrived["posts/soon/en.md"].text.endswith("[x](../later/en.md) [y](../out/en.md)\n")
    assert not arrived["posts/soon/en.md"].lost


def test_nothing_outside_of_the_site_is_read(site, bring, tmp_path):
    from PIL import Image

    Image.new("RGB", (4, 3)).save(tmp_path / "secret.png")
    (tmp_path / "secret.md").write_text("# secret\n")
    text = "---\ndate: 2020-01-01\ntitle: T\nimage: ../secret.png\n---\n"
    text += "![a](../secret.png) ![b](%2e%2e/secret.png) ![c](link.png) [d](../secret.md) <img src='../secret.png'>\n"
    root = site({"post.md": text, "own.png": None})
    (root / "link.png").symlink_to(tmp_path / "secret.png")
    (root / "linked.md").symlink_to(tmp_path / "secret.md")
    (root / "folder").symlink_to(tmp_path)
    arrived, refused = bring(root)
    post = arrived["posts/t/en.md"]
    assert not post.copies and list(arrived) == ["posts/t/en.md"] and "leads out" in refused["linked.md"].reason
    assert "`![a](../secret.png)` `![b](%2e%2e/secret.png)` `![c](link.png)`" in post.text
    assert sum("lies outside" in line for line in post.lost) >= 3


@pytest.mark.parametrize("slug", ["../../../etc/x", "/etc/passwd", "a/../../b", "C:\\x", "..", "", "日本", "x" * 300])
def test_no_name_leads_out_of_posts(site, bring, diary, slug):
    import json

    text = f"---\ndate: 2020-01-01\ntitle: T\nslug: {json.dumps(slug)}\n---\nx\n"
    arrived, _ = bring(site({"some-post.md": text}))
    path = write_all(diary, arrived)[0]
    assert path.resolve().is_relative_to(diary / "posts") and len(path.parent.name) <= 61


def write_all(diary, arrived) -> list[Path]:
    for one in arrived.values():
        write(diary, one)
    return [diary / name for name in arrived]


def test_pictures_that_are_none(site, bring):
    text = "---\ndate: 2020-01-01\ntitle: T\n---\n![a](a.png) ![b](b.svg) ![c](c.txt) ![d](d.svg) ![e](https://x.y/z.png)\n"
    files = {"t.md": text, "a.png": b"MZ\0", "b.svg": "<html>", "c.txt": "x", "d.svg": "<svg xmlns='a'/>"}
    post = bring(site(files))[0]["posts/t/en.md"]
    assert "`![a](a.png)` `![b](b.svg)` `![c](c.txt)` ![d](d.svg) ![e](https://x.y/z.png)" in post.text
    assert list(post.copies) == ["d.svg"]


def test_other_texts_than_utf8(site, bring):
    head = "---\ndate: 2020-01-01\ntitle: Año\nlang: es\n---\nÑandú\n"
    files = {"a.md": head.encode("cp1252"), "b.md": head.encode("utf-16"), "c.md": head.replace("\n", "\r\n").encode()}
    arrived, _ = bring(site({**files, "d.md": "\ufeff" + head}))
    assert all("Ñandú" in one.text for one in arrived.values()) and len(arrived) == 4
    assert "Windows-1252" in arrived["posts/a/es.md"].changed[0] and "UTF-16" in arrived["posts/b/es.md"].changed[0]
    assert arrived["posts/c/es.md"].text.encode() == files["c.md"], "line ends stay as they are"


# -- onto the disk -----------------------------------------------------------------------------------------------------


def test_writing_is_safe_to_repeat(site, bring, diary):
    root = site({"t.md": "---\ndate: 2020-01-01\ntitle: T\n---\n![a](a.png)\n", "a.png": None})
    (post,) = bring(root)[0].values()
    assert standing(diary, post) == NEW and write(diary, post) is None and standing(diary, post) == SAME
    assert (diary / "posts/t/a.png").read_bytes() == (root / "a.png").read_bytes()
    (diary / "posts/t/en.md").write_text("mine")
    assert standing(diary, post) == TAKEN
    backup = write(diary, post)
    assert backup.read_text() == "mine" and standing(diary, post) == SAME
    (diary / "posts/t/en.md").write_text("mine again")
    assert write(diary, post).name == "en-2.md" and backup.read_text() == "mine"


def test_a_post_in_one_file_is_not_doubled(site, bring, diary):
    (diary / "posts").mkdir()
    (diary / "posts" / "t.md").write_text("---\ndate: 2020-01-01\ntitle: T\n---\nIt is the one that was here.\n")
    (post,) = bring(site({"t.md": "---\ndate: 2020-01-01\ntitle: T\n---\n"}))[0].values()
    assert standing(diary, post) == TAKEN


def test_a_picture_of_the_same_name_is_kept(site, bring, diary):
    root = site({"t.md": "---\ndate: 2020-01-01\ntitle: T\n---\n![a](a.png)\n", "a.png": None})
    (diary / "posts/t").mkdir(parents=True)
    (diary / "posts/t/a.png").write_bytes(b"another")
    (post,) = bring(root)[0].values()
    write(diary, post)
    assert (diary / "posts/t/a.png").read_bytes() == b"another" and (diary / "posts/t/a-2.png").is_file()
    assert "![a](a-2.png)" in (diary / "posts/t/en.md").read_text()


def test_a_full_disk_leaves_no_half_post(site, bring, diary, monkeypatch):
    root = site({"t.md": "---\ndate: 2020-01-01\ntitle: T\n---\n![a](a.png)\n", "a.png": None})
    (post,) = bring(root)[0].values()
    from cuaderno.diary.importing import arriving

    def full(path, content):
        raise CuadernoError("The disk is full")

    monkeypatch.setattr(arriving, "write_atomic", full)
    with pytest.raises(CuadernoError, match="disk is full"):
        write(diary, post)
    assert not (diary / "posts/t/en.md").exists()


# -- any text ----------------------------------------------------------------------------------------------------------

HEAD = "---\ntitle: T\ndate: 2020-01-01\n---\n"
SINGLE, TOGETHER = "ab \n\t`~<>{}%[]()!#*_|\\\"'/.:-=$&;@^1ñ", ["```", "{{<", "{%", "![", "](", "\n\n", "\r\n"]
LETTERS = st.sampled_from([*SINGLE, *TOGETHER])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.lists(LETTERS, max_size=80).map("".join), ending=st.sampled_from([".md", ".mdx"]))
def test_any_body_arrives_and_its_code_stays(site, bring, body, ending):
    root = site({f"any-text{ending}": HEAD + body})
    arrived, refused = bring(root / f"any-text{ending}")
    assert not refused
    (post,) = arrived.values()
    assert front_matter.read(post.text.replace("\r\n", "\n"), Path("x"))["title"]
    code = []
    outside_fences(body.replace("\r\n", "\n"), lambda part: code.append(part) or part)
    if not (post.changed or post.kept or post.lost or post.copies):
        assert post.text == HEAD + body, "what has nothing to change stays byte for byte"
    write_again = site({f"any-text{ending}": post.text}) / f"any-text{ending}"
    again = next(iter(bring(write_again)[0].values()))
    assert ending == ".mdx" or again.text == post.text, "a second import changes nothing more"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(head=st.text(alphabet=st.sampled_from("title: dategsrun[]{}#'\"\n-&*!|>,0129 ñ"), max_size=80))
def test_any_head_is_read_or_refused(site, bring, head):
    root = site({"any.md": f"---\n{head}\n---\nText.\n"})
    arrived, refused = bring(root / "any.md")
    assert len(arrived) + len(refused) == 1
    for post in arrived.values():
        assert post.text.endswith("---\nText.\n") and front_matter.read(post.text, Path("x"))["date"]
