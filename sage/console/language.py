"""The texts of pages: the English text is the id of each, as in phrases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from sage.domain.text.wording import age_text, size_text
from sage.phrases import Phrase, joined, phrase
from sage.phrases.language import gap, said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sage.phrases import Argument

_MONTHS = (
    *(phrase("Jan"), phrase("Feb"), phrase("Mar"), phrase("Apr"), phrase("May"), phrase("Jun")),
    *(phrase("Jul"), phrase("Aug"), phrase("Sep"), phrase("Oct"), phrase("Nov"), phrase("Dec")),
)
_DAYS = (
    *(phrase("Mon"), phrase("Tue"), phrase("Wed"), phrase("Thu")),
    *(phrase("Fri"), phrase("Sat"), phrase("Sun")),
)
_SECOND_MS = 1000


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one language, named by its code. In templates `_` is `gettext`."""

    code: str

    @property
    def gap(self) -> str:
        """Return the separator of two sentences."""
        return gap(self.code)

    def said(self, text: str) -> str:
        """Return a phrase in this language."""
        return said(text, self.code)

    def gettext(self, template: str, /, **arguments: object) -> str:
        """Return a template text with its arguments."""
        return self.said(Phrase(template, _arguments(arguments)))

    def ngettext(self, one: str, many: str, /, *, count: int, **arguments: object) -> str:
        """Return a template text with a number."""
        return self.said(Phrase(one, {**_arguments(arguments), "count": count}, many))

    def listed(self, names: Sequence[str]) -> str:
        """Return names as a list in words."""
        return self.said(joined(", ", names))

    def day(self, day: date) -> str:
        """Return a date."""
        month = _MONTHS[day.month - 1]
        return self.said(phrase("{day} {month} {year}", day=day.day, month=month, year=day.year))

    def long_day(self, day: date) -> str:
        """Return a date with its day of the week."""
        weekday = _DAYS[day.weekday()]
        return self.said(phrase("{weekday} {date}", weekday=weekday, date=self.day(day)))

    def moment(self, moment: datetime) -> str:
        """Return a date with the time of day."""
        time = moment.strftime("%H:%M")
        return self.said(phrase("{date}, {time}", date=self.day(moment), time=time))

    def ago(self, moment: datetime) -> str:
        """Return the time elapsed since a moment."""
        return self.said(age_text((datetime.now(UTC) - moment).total_seconds()))

    def size(self, size_bytes: float) -> str:
        """Return a size in bytes as text."""
        return self.said(size_text(size_bytes))

    def ms(self, duration_ms: float) -> str:
        """Return a duration in milliseconds as text."""
        if duration_ms < _SECOND_MS:
            return self.said(phrase("{ms} ms", ms=f"{duration_ms:.3g}"))
        return self.said(phrase("{seconds} s", seconds=f"{duration_ms / _SECOND_MS:.3g}"))

    def month(self, day: date) -> str:
        """Return the name of a month."""
        return self.said(_MONTHS[day.month - 1])

    def weekday(self, number: int) -> str:
        """Return the name of a day of the week; Monday is 0."""
        return self.said(_DAYS[number])


def _arguments(given: Mapping[str, object]) -> dict[str, Argument]:
    return cast("dict[str, Argument]", dict(given))
