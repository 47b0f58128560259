"""The still picture of a live model: an SVG from the run's export, made safe to stand inside a page."""

import re
from xml.etree import ElementTree

SVG = "http://www.w3.org/2000/svg"
SHAPES = "path rect circle ellipse line polyline polygon text tspan title desc g svg defs symbol use"
PAINTS = "clipPath mask pattern linearGradient radialGradient stop marker"
DRAWN = {*SHAPES.split(), *PAINTS.split()}
HREF = "{http://www.w3.org/1999/xlink}href"
REACHES_OUT = re.compile(
    r"url\((?!\s*['\"]?#)|javascript:|@import|expression\(|image-set\(|src\(|position\s*:|\\", re.I
)
PIXELS = re.compile(r"data:image/png;base64,[A-Za-z0-9+/]+={0,2}")  # a picture inside the drawing itself
LENGTH = re.compile(r"\s*([\d.]+)\s*(px|pt|)\s*")
INK = (
    ":root{--paper:#fcfbf7;--paper-2:#f4f2ea;--grid:#dfe6ee;--ink:#1b1d22;--ink-2:#5b6069;--rule:#e2ded2;"
    "--blue:#1d4ed8;--blue-wash:#e8eefc;--red:#c2373b;--green:#1f7a4d;--amber:#8a5f00}"
    "@media(prefers-color-scheme:dark){:root{--paper:#14161a;--paper-2:#1c1f25;--grid:#262b33;--ink:#e9e6dd;"
    "--ink-2:#a2a5ad;--rule:#2c3038;--blue:#8fb0ff;--blue-wash:#1c2540;--red:#ff8b87;--green:#7fd3a4;--amber:#e6bd62}}"
)


def safe_svg(text: str, label: str, standalone: bool = False, prefix: str = "") -> str | None:
    """The drawing without anything that could run or load, named for a screen reader; None when it is no SVG.

    Standalone it brings the notebook's colours along, light and dark; inside a page it takes the page's. A prefix in
    front of its ids keeps two drawings on one page apart.
    """
    ElementTree.register_namespace("", SVG)
    try:
        root = ElementTree.fromstring(text)
        if root.tag != f"{{{SVG}}}svg" or "<!ENTITY" in text:
            return None
        _clean(root)
        _box(root)
        if prefix:
            _own_ids(root, prefix)
        return _printed(root, label, standalone)
    except (ElementTree.ParseError, RecursionError):
        return None


def _printed(root: ElementTree.Element, label: str, standalone: bool) -> str:
    root.attrib |= {"role": "img", "aria-label": label}
    if standalone:
        style = ElementTree.Element(f"{{{SVG}}}style")
        style.text = INK
        root.insert(0, style)
    return ElementTree.tostring(root, encoding="unicode")


def _clean(element: ElementTree.Element) -> None:
    if HREF in element.attrib:
        element.attrib.setdefault("href", element.attrib.pop(HREF))
    for name, value in list(element.attrib.items()):
        plain = name.lower()
        outside = plain == "href" and not (value.startswith("#") or PIXELS.fullmatch(value))
        pages = plain.startswith("data-") or plain == "class"  # the page's own script and style look for these
        if plain.startswith(("on", "{")) or pages or outside or REACHES_OUT.search(value):
            del element.attrib[name]
    words_only = element.tag in (f"{{{SVG}}}title", f"{{{SVG}}}desc")  # HTML would read what is in them as its own
    for child in list(element):
        if isinstance(child.tag, str) and _is_drawn(child) and not words_only:
            _clean(child)
        else:
            element.remove(child)


def _is_drawn(element: ElementTree.Element) -> bool:
    name = element.tag.removeprefix(f"{{{SVG}}}")
    if name == "image":  # only with its pixels in it, so that nothing is fetched
        return any(PIXELS.fullmatch(element.attrib.get(one, "")) for one in ("href", HREF))
    return name in DRAWN


def _box(root: ElementTree.Element) -> None:
    """Give a drawing that tells only its size a viewBox, so that it can be shown in another size."""
    if "viewBox" not in root.attrib and (size := _size(root)):
        root.attrib["viewBox"] = f"0 0 {size[0]:g} {size[1]:g}"


def _own_ids(root: ElementTree.Element, prefix: str) -> None:
    """Put a prefix in front of every id and of what points to one; what points to none goes."""
    known = {element.attrib["id"] for element in root.iter() if "id" in element.attrib}
    for element in root.iter():
        for name, value in list(element.attrib.items()):
            if name == "id":
                element.attrib[name] = f"{prefix}-{value}"
            elif name == "href" and PIXELS.fullmatch(value):
                continue
            elif name == "href" and value[1:] not in known:
                del element.attrib[name]
            elif name == "href":
                element.attrib[name] = f"#{prefix}-{value[1:]}"
            elif name in ("aria-labelledby", "aria-describedby"):
                element.attrib[name] = " ".join(f"{prefix}-{word}" for word in value.split())
            else:
                element.attrib[name] = re.sub(r"(url\(\s*['\"]?#)", rf"\g<1>{prefix}-", value)


def drawn_size(svg: str) -> tuple[float, float] | None:
    """Width and height of a safe drawing in pixels, as its attributes or else its viewBox tell; None when none does."""
    return _size(ElementTree.fromstring(svg))


def _size(root: ElementTree.Element) -> tuple[float, float] | None:
    attributes = root.attrib
    sides = [LENGTH.fullmatch(attributes.get(name, "")) for name in ("width", "height")]
    box = re.findall(r"-?[\d.]+", attributes.get("viewBox", ""))
    try:
        if sides[0] and sides[1]:
            width, height = (float(side[1]) * (4 / 3 if side[2] == "pt" else 1) for side in sides if side)
        else:
            width, height = float(box[2]), float(box[3])
    except (IndexError, ValueError):
        return None
    return (width, height) if 0 < width < 1e5 and 0 < height < 1e5 else None
