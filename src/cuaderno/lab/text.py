"""Text from anywhere, made fit to be shown."""

import re

# Control characters but for tab and line end, halves of surrogate pairs, and what turns the direction of a line around.
UNSAFE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202d\u202e]")


def printable(text: str) -> str:
    """The text without what could command a terminal or fail to be written: each such character becomes U+FFFD."""
    return UNSAFE.sub("\ufffd", text.replace("\r", ""))
