"""What an answer cost: tokens read and written, and money where somebody has said what they cost."""

from dataclasses import dataclass
from typing import Any

MILLION = 1_000_000


@dataclass(frozen=True)
class Usage:
    """Tokens read and written, as the model counted them.

    Units:   cost is in the currency in which the price was given; None while there is no price.
    """

    read: int = 0
    written: int = 0
    cost: float | None = None

    def __add__(self, other: "Usage") -> "Usage":
        known = [one.cost for one in (self, other) if one.cost is not None]
        return Usage(self.read + other.read, self.written + other.written, sum(known) if known else None)

    def as_json(self) -> dict[str, Any]:
        """What a program reads; without a price there is no cost."""
        said: dict[str, Any] = {"tokens_read": self.read, "tokens_written": self.written}
        return said | ({"cost": round(self.cost, 9)} if self.cost is not None else {})


def usage_of(model: Any) -> Usage | None:
    """What the last answer of a model cost; None when it did not count."""
    counted, price = getattr(model, "usage", None), getattr(model, "price", None)
    if not counted:
        return None
    read, written = counted
    cost = (read * price[0] + written * price[1]) / MILLION if price else None
    return Usage(read, written, cost)
