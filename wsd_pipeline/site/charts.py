"""Charts of the steward's pages: static SVG drawn from a few numbers, no script, no outside font, the same every time.

Colour is never the only sign: every mark has its figure or its place named beside it, and a table follows each chart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 860
ROW = 22
LABELS = 250
PLOT = 460
BLUE, RUST, GREY, INK = "#12436d", "#a33a12", "#8a9296", "#0b0c0c"


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A labelled length; `figure` is written at its end."""

    label: str
    size: float
    figure: str
    colour: str = BLUE


@dataclass(frozen=True, kw_only=True)
class Dot:
    """A labelled place with its interval, all of one unit."""

    label: str
    value: float
    low: float
    high: float


def bars(title: str, rows: Sequence[Bar]) -> str:
    """Bars from a common zero; lengths below zero go left of it."""
    low, high = min([0.0, *(r.size for r in rows)]), max([0.0, *(r.size for r in rows)])
    scale = (PLOT - (50 if low < 0 else 0)) / max(high - low, 1e-9)
    zero = LABELS + (50 if low < 0 else 0) - low * scale
    marks = [f'<line x1="{zero:.1f}" x2="{zero:.1f}" y1="34" y2="{34 + ROW * len(rows)}" stroke="{INK}"/>']
    for n, row in enumerate(rows):
        y, end = 36 + ROW * n, zero + row.size * scale
        marks += [
            _text(0, y + 13, row.label),
            f'<rect x="{min(zero, end):.1f}" y="{y}" width="{abs(end - zero):.1f}" height="16" fill="{row.colour}"/>',
            _text(end + 6, y + 13, row.figure) if end >= zero else _text(end - 6, y + 13, row.figure, anchor="end"),
        ]
    return _svg(title, marks, 44 + ROW * len(rows))


def dots(title: str, rows: Sequence[Dot]) -> str:
    """Percentages with their intervals on one scale, from just below the lowest to just above the highest."""
    low = min((r.low for r in rows), default=0.0)
    high = max((r.high for r in rows), default=1.0)
    span = max(high - low, 0.5)
    low, high = max(low - 0.05 * span, 0.0), min(high + 0.05 * span, 100.0)
    bottom = 40 + ROW * len(rows)

    def x(value: float) -> float:
        return LABELS + PLOT * (value - low) / (high - low)

    marks = [f'<line x1="{LABELS}" x2="{LABELS + PLOT}" y1="{bottom}" y2="{bottom}" stroke="{GREY}"/>']
    for step in range(5):
        value = low + (high - low) * step / 4
        marks.append(_text(x(value), bottom + 16, f"{value:.1f}%", anchor="middle"))
    for n, row in enumerate(rows):
        y = 46 + ROW * n
        marks += [
            _text(0, y + 4, row.label),
            f'<line x1="{x(row.low):.1f}" x2="{x(row.high):.1f}" y1="{y}" y2="{y}" stroke="{GREY}" stroke-width="3"/>',
            f'<circle cx="{x(row.value):.1f}" cy="{y}" r="5" fill="{BLUE}"/>',
            _text(LABELS + PLOT + 20, y + 4, f"{row.value:.1f}%"),
        ]
    return _svg(title, marks, bottom + 26)


def columns(
    title: str, places: Sequence[str], parts: Sequence[tuple[str, Sequence[int]]], lines: Sequence[tuple[float, str]]
) -> str:
    """Counts by bin, the parts of a bin side by side; heights go by the square root, so that few are still seen.

    `lines` are thresholds: the place between bins (0 is the left edge) and their words.
    """
    top = max((n for _, counts in parts for n in counts), default=0) or 1
    floor, height = 210, 150
    wide = (WIDTH - 60) / max(len(places), 1)
    each = (wide - 4) / max(len(parts), 1)
    marks = [f'<line x1="40" x2="{WIDTH - 20}" y1="{floor}" y2="{floor}" stroke="{INK}"/>']
    for p, ((name, counts), colour) in enumerate(zip(parts, (BLUE, RUST, GREY), strict=False)):
        marks += [
            f'<rect x="{40 + 170 * p}" y="28" width="12" height="12" fill="{colour}"/>',
            _text(58 + 170 * p, 39, name),
        ]
        for n, count in enumerate(counts):
            tall = height * (count / top) ** 0.5
            x = 42 + wide * n + each * p
            marks.append(
                f'<rect x="{x:.1f}" y="{floor - tall:.1f}" width="{each:.1f}" height="{tall:.1f}" fill="{colour}"/>'
            )
            if count and wide >= 30:
                marks.append(_text(x + each / 2, floor - tall - 4, f"{count:,}", anchor="middle", size=10))
    for n, place in enumerate(places):
        if wide >= 26 or n % 5 == 0:
            marks.append(_text(40 + wide * (n + 0.5), floor + 16, place, anchor="middle", size=11))
    for at, words in lines:
        x = 40 + wide * at
        marks.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="46" y2="{floor}" stroke="{INK}" stroke-dasharray="4 3"/>')
        marks.append(_text(x - 4, 56, words, anchor="end"))
    return _svg(title, marks, floor + 26)


def _text(x: float, y: float, words: str, *, anchor: str = "start", size: int = 13) -> str:
    return f'<text x="{x:.1f}" y="{y}" text-anchor="{anchor}" font-size="{size}">{escape(words)}</text>'


def _svg(title: str, marks: Sequence[str], height: int) -> str:
    """The marks as a picture that says its title to who cannot see it; its figures are in the table that follows."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
        f' aria-label="{escape(title)}" font-family="Liberation Sans, Arial, sans-serif" fill="{INK}">'
        + _text(0, 16, title, size=15)
        + "".join(marks)
        + "</svg>"
    )
