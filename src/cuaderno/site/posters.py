"""The still picture of a live model: an SVG from the run's export, made safe to stand inside a page."""

import re
from xml.etree import ElementTree

SVG = "http://www.w3.org/2000/svg"
SHAPES = "path rect circle ellipse line polyline polygon text tspan title desc g svg defs symbol use"
PAINTS = "clipPath mask pattern linearGradient radialGradient stop marker"
DRAWN = {*SHAPES.split(), *PAINTS.split()}
INK = (
    ":root{--paper:#fcfbf7;--paper-2:#f4f2ea;--grid:#dfe6ee;--ink:#1b1d22;--ink-2:#5b6069;--rule:#e2ded2;"
    "--blue:#1d4ed8;--blue-wash:#e8eefc;--red:#c2373b;--green:#1f7a4d;--amber:#8a5f00}"
    "@media(prefers-color-scheme:dark){:root{--paper:#14161a;--paper-2:#1c1f25;--grid:#262b33;--ink:#e9e6dd;"
    "--ink-2:#a2a5ad;--rule:#2c3038;--blue:#8fb0ff;--blue-wash:#1c2540;--red:#ff8b87;--green:#7fd3a4;--amber:#e6bd62}}"
)


def safe_svg(text: str, label: str, standalone: bool = False) -> str | None:
    """The drawing without anything that could run or load, named for a screen reader; None when it is no SVG.

    Standalone it brings the notebook's colours along, light and dark; inside a page it takes the page's.
    """
    ElementTree.register_namespace("", SVG)
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return None
    if root.tag != f"{{{SVG}}}svg":
        return None
    _clean(root)
    root.attrib |= {"role": "img", "aria-label": label}
    if standalone:
        style = ElementTree.Element(f"{{{SVG}}}style")
        style.text = INK
        root.insert(0, style)
    return ElementTree.tostring(root, encoding="unicode")


def _clean(element: ElementTree.Element) -> None:
    for name, value in list(element.attrib.items()):
        plain = name.rsplit("}", 1)[-1].lower()
        outside = plain == "href" and not value.startswith("#")
        if (
            plain.startswith("on")
            or outside
            or re.search(r"url\(\s*['\"]?(?!#)|javascript:|@import|expression\(", value, re.I)
        ):
            del element.attrib[name]
    for child in list(element):
        if isinstance(child.tag, str) and child.tag.removeprefix(f"{{{SVG}}}") in DRAWN:
            _clean(child)
        else:
            element.remove(child)
