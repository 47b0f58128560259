import pytest
from hypothesis import given
from hypothesis import strategies as st

from cuaderno.diary.importing.dialects import Text, arguments, hugo, jekyll, mdx, ours
from cuaderno.diary.importing.prose import as_code, fenced, outside_code, outside_fences, settled

IN_CODE = "```\n{{< x >}} {% y %} <Z /> {num}`a`\n```\n`{{< x >}} <Z />`\n"


def converted(body: str) -> Text:
    text = Text(body)
    mdx(text)
    hugo(text)
    jekyll(text, whole=True)
    ours(text)
    text.body = settled(text.body)
    return text


def test_code_is_left_alone():
    text = converted(IN_CODE)
    assert text.body == IN_CODE and not text.kept and not text.changed


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('{{< figure src="a.png" >}}', "![](a.png)"),
        ('{{< figure src="a.png" link="b" alt="c" >}}', "[![c](a.png)](b)"),
        ('{{< figure src="a b.png" caption="d *e*" >}}', r"![d *e*](<a b.png>)" + "\n\nd *e*"),
        ("{{< vimeo 12 >}}", "<https://vimeo.com/12>"),
        ("{{< gist a b >}}", "<https://gist.github.com/a/b>"),
        ("{{</* youtube x */>}}", "`{{< youtube x >}}`"),
        ("{{% notice tip %}}x{{% /notice %}}", "`{{% notice tip %}}`x`{{% /notice %}}`"),
        ("{{ site.url }}/a", "/a"),
        ("{{ '/a' | prepend: site.baseurl }}", "/a"),
        ("{% link _posts/2020-01-01-a.md %}", "_posts/2020-01-01-a.md"),
        ("{% raw %}{{ x }}{% endraw %}", "`{{ x }}`"),
        ("{{ '`' }}", "``{{ '`' }}``"),
        ("## A {#b}\ntext\n{: .lead}\nmore", "## A\ntext\nmore"),
        ('<Image src="./a.png" alt="b" />', "![b](./a.png)"),
        ("<>x</>", "`<>`x`</>`"),
        ("<A b={{c: {d: '>'}}} e='>'/>", "`<A b={{c: {d: '>'}}} e='>'/>`"),
        ("a {b}`c`", r"a \{b}`c`"),
        ("```{python}\nx\n```", "```python\nx\n```"),
        ("```{r, echo=FALSE}\nx\n```", "```r\nx\n```"),
        ("~~~{.js}\nx\n~~~", "~~~js\nx\n~~~"),
        (":::warning[Mind]\nx\n:::", ":::{note} Mind\nx\n:::"),
        ("::: tip\nx\n:::", ":::{note} Tip\nx\n:::"),
        ("1 < 2 and A<B, {x} and $5", "1 < 2 and A<B, {x} and $5"),
    ],
)
def test_what_becomes_of(old, new):
    assert converted(old).body == new


def test_imported_pictures_become_pictures():
    code = (
        "import a from './a.png';\nimport {\n  B\n} from 'c';\n\n<img src={a.src} alt={'x'} />\n\nexport const d = 1;\n"
    )
    text = converted(code)
    comments = "<!-- import a from './a.png'; -->\n<!-- import {\n  B\n} from 'c'; -->"
    assert text.body == f"{comments}\n\n![x](./a.png)\n\n```js\nexport const d = 1;\n```\n"
    assert len(text.kept) == 3


def test_what_would_run_is_told():
    text = converted("<script>x</script> <img onerror='y'> [z](javascript:1) <iframe src=a></iframe>\n")
    assert len(text.kept) == 4 and "<script>x</script>" in text.body


def test_arguments():
    assert arguments('a "b c" d="e \\"f\\"" g=h `i j`') == (["a", "b c", "i j"], {"d": 'e "f"', "g": "h"})


@given(st.text(alphabet=st.sampled_from("a`~ \n>\\")))
def test_a_text_is_the_sum_of_its_parts(text):
    assert outside_code(text, lambda part: part) == outside_fences(text, lambda part: part) == text


@given(st.text(alphabet=st.sampled_from("a`~ \n<{%")))
def test_what_is_shown_as_code_is_code(text):
    from markdown_it import MarkdownIt

    tokens = MarkdownIt().parse(fenced(text))
    assert (
        [token.type for token in tokens] == ["fence"] and tokens[0].content.strip("\n") == text.strip("\n")
    ) or not text.strip()
    if text.strip() and "\n" not in text:
        inline = MarkdownIt().parse(settled(f"x {as_code(text.strip())} y"))[1].children
        assert [token.type for token in inline] == ["text", "code_inline", "text"]
