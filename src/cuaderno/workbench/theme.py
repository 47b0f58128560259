"""How the workbench looks: the squared paper and the ink of the site, in Streamlit's own settings and a little CSS."""

import json
from functools import lru_cache
from pathlib import Path

HERE = Path(__file__).parent
TEXT_FONT = 'Charter, "Bitstream Charter", "Sitka Text", Cambria, Georgia, serif'
CODE_FONT = 'ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace'
UI_FONT = 'ui-sans-serif, system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
LIGHT = {
    "primaryColor": "#1d4ed8",
    "backgroundColor": "#fcfbf7",
    "secondaryBackgroundColor": "#f4f2ea",
    "textColor": "#1b1d22",
    "borderColor": "#e2ded2",
    "linkColor": "#1d4ed8",
    "greenTextColor": "#1f7a4d",
    "redTextColor": "#c2373b",
    "orangeTextColor": "#8a5f00",
    "blueTextColor": "#1d4ed8",
    "grayTextColor": "#5b6069",
}
DARK = {
    "primaryColor": "#8fb0ff",
    "backgroundColor": "#14161a",
    "secondaryBackgroundColor": "#1c1f25",
    "textColor": "#e9e6dd",
    "borderColor": "#2f343d",
    "linkColor": "#8fb0ff",
    "greenTextColor": "#7fd3a4",
    "redTextColor": "#ff8b87",
    "orangeTextColor": "#e6bd62",
    "blueTextColor": "#8fb0ff",
    "grayTextColor": "#a2a5ad",
}
BOTH = {
    "font": UI_FONT,
    "headingFont": TEXT_FONT,
    "codeFont": CODE_FONT,
    "baseRadius": "4px",
    "buttonRadius": "4px",
    "linkUnderline": "true",
    "showWidgetBorder": "true",
}
ICON = (
    "data:image/svg+xml,"
    "%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 12 12'%3E%3Cpath fill='%23fcfbf7' stroke='%231b1d22' "
    "d='M.5.5h11v11H.5z'/%3E%3Cpath fill='%231d4ed8' d='M1 1h3.3v3.3H1z'/%3E%3Cpath fill='%23c2373b' "
    "d='M7.7 7.7H11V11H7.7z'/%3E%3C/svg%3E"
)


def options() -> dict[str, str]:
    """The theme as settings of Streamlit."""
    found = {f"theme.{name}": value for name, value in BOTH.items()}
    for kind, colors in (("light", LIGHT), ("dark", DARK)):
        found |= {f"theme.{kind}.{name}": value for name, value in colors.items()}
    return found


def words(said: dict[str, str]) -> str:
    """Streamlit's own words, which it has in English only, as a style element that shows others in their place."""
    drop = "[data-testid=stFileUploaderDropzone]"
    places = {
        "upload": f"{drop} button p",
        "upload_limit": f"{drop} [data-testid=stFileUploaderDropzoneInstructions] span",
        "enter_applies": "[data-testid=stTextInput] [data-testid=InputInstructions] > span",
        "number_applies": "[data-testid=stNumberInput] [data-testid=InputInstructions] > span",
        "area_applies": "[data-testid=stTextArea] [data-testid=InputInstructions] > span",
    }
    rules = [
        f"{place}{{font-size:0}}{place}::after{{content:{json.dumps(said[name], ensure_ascii=False)};font-size:14px}}"
        for name, place in places.items()
        if said[name]
    ]
    return f"<style>{''.join(rules)}</style>" if rules else ""


@lru_cache(maxsize=1)
def style() -> str:
    """What the settings cannot say, as a style element."""
    return f"<style>{(HERE / 'workbench.css').read_text(encoding='utf-8')}</style>"
