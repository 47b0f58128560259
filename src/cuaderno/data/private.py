"""What tells who somebody is: e-mail, phone, DNI and NIE, IBAN, bank card, IP address. Check digits are checked."""

import re
from collections.abc import Callable, Iterator
from ipaddress import ip_address

WORTH_A_LOOK = re.compile(r"[@\d]|::")
DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
SHORTEST_PHONE, LONGEST_PHONE = 9, 15  # digits; the longest as E.164 has it

EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w-])")
IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}(?!\w)", re.I)
CARD = re.compile(r"(?<![\w+])\d(?:[ -]?\d){12,18}(?!\w)")
DNI = re.compile(r"(?<![\w])(?:\d{8}|\d{2}\.\d{3}\.\d{3}|[XYZ][ -]?\d{7})[ -]?[A-Z](?!\w)", re.I)
IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)")
IPV6 = re.compile(r"(?<![\w:])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:])", re.I)
PHONE = re.compile(
    r"(?<![\w.,/@-])(?:"
    r"(?:\+|00)\d{1,3}(?:[ .()-]{0,2}\d){6,13}"  # with the code of a country
    r"|[6789]\d{2}[ .-]?\d{2,3}[ .-]?\d{2,3}[ .-]?\d{0,3}"  # Spain, in its usual groups
    r"|[89]\d[ .-]\d{3}[ .-]\d{2}[ .-]\d{2}"  # Spain, with the two digits of a province
    r"|0\d{2,4}[ -]?\d{3,4}[ -]?\d{3,4}"  # with the nought of a trunk line, as in the United Kingdom
    r"|\(?[2-9]\d{2}\)?[ .-]\d{3}[ .-]\d{4}"  # North America
    r")(?![\w]|[.,]\d)"
)

GLUED_PHONE = re.compile(r"(?<=[^\W\d_])0\d{9,10}(?!\w)")  # call0123…, as advertisements have it


def find(text: str) -> Iterator[tuple[int, int, str]]:
    """Where private things stand: start, end and kind, from left to right and apart from each other."""
    if not WORTH_A_LOOK.search(text):
        return
    found: list[tuple[int, int, str]] = []
    for kind, pattern, is_one in KINDS:
        for match in pattern.finditer(text):
            start, end = match.start(), match.start() + _length(match[0], is_one)
            if start < end and all(end <= other[0] or start >= other[1] for other in found):
                found.append((start, end, kind))
    yield from sorted(found)


def _length(text: str, is_one: Callable[[str], bool]) -> int:
    """How much of a match is one of its kind: all of it, or less when a word or a number follows it; else 0."""
    ends = [len(text), *(at for at in range(len(text) - 1, 0, -1) if text[at] in " -")]
    return next((end for end in ends if is_one(text[:end])), 0)


def masked(text: str) -> tuple[str, list[str]]:
    """The text with `[EMAIL]`, `[PHONE]`, … in the place of what is private, and which kinds there were."""
    parts, at, kinds = [], 0, []
    for start, end, kind in find(text):
        parts += [text[at:start], f"[{kind.upper()}]"]
        at = end
        kinds.append(kind)
    return ("".join(parts) + text[at:], sorted(set(kinds))) if kinds else (text, [])


def is_iban(text: str) -> bool:
    """Whether the two check digits of an IBAN are right (ISO 13616: the number leaves 1 when divided by 97)."""
    plain = re.sub(r"[ -]", "", text).upper()
    turned = plain[4:] + plain[:4]
    return 15 <= len(plain) <= 34 and int("".join(str(int(letter, 36)) for letter in turned)) % 97 == 1


def is_dni(text: str) -> bool:
    """Whether the letter of a DNI or NIE is the one that its number asks for."""
    plain = re.sub(r"[ .-]", "", text).upper()
    number = plain[:-1].translate(str.maketrans("XYZ", "012"))
    return number.isdigit() and DNI_LETTERS[int(number) % 23] == plain[-1]


def is_card(text: str) -> bool:
    """Whether the last digit of a card's number is right (Luhn's sum)."""
    digits = [int(digit) for digit in text if digit.isdigit()][::-1]
    doubled = sum(digits[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return len(set(digits)) > 1 and doubled % 10 == 0


def is_ip(text: str) -> bool:
    try:
        return ip_address(text) is not None and (text.count(":") != 2 or "::" in text)
    except ValueError:
        return False


def is_phone(text: str) -> bool:
    digits = [digit for digit in text if digit.isdigit()]
    return SHORTEST_PHONE <= len(digits) <= LONGEST_PHONE and len(set(digits)) > 2


KINDS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("email", EMAIL, lambda _: True),
    ("iban", IBAN, is_iban),
    ("card", CARD, is_card),
    ("dni", DNI, is_dni),
    ("ip", IPV4, is_ip),
    ("ip", IPV6, is_ip),
    ("phone", PHONE, is_phone),
    ("phone", GLUED_PHONE, is_phone),
)
