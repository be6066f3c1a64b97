"""Is a model lawful? Padding, batch mates, pieces, threads and saving must never change an answer."""

from yeoul.verify.foreign import check
from yeoul.verify.verified import Outcome, Verified

__all__ = ["Outcome", "Verified", "check"]
