#!/usr/bin/env python3
"""Makes the figures of README.md and ratios.svg of what the benches printed.

    chart.py FIGURES README CHART

FIGURES is the benches' output, each profile's behind a line `profile NAME`. Of README, what stands between the two
comments `figures` and `end of figures` is replaced; CHART is written anew. Lines that are read:

    ratio BENCH SUBJECT FIRST/SECOND 1.234 (456 ns, 371 ns; median 1.240)
    octets memory SUBJECT 123
    allocations memory SUBJECT 4.00
    machine TEXT
    peer TEXT
"""

import re
import sys
from pathlib import Path
from typing import NamedTuple

RATIO = re.compile(r"ratio (\S+) (\S+) (\S+) ([\d.]+) \((\d+) ns, (\d+) ns; median ([\d.]+)\)")
COUNT = re.compile(r"(?:octets|allocations) memory (\S+) ([\d.]+)")


class Ratio(NamedTuple):
    sides: str
    value: float
    first: int
    second: int


class Figures:
    """What was measured, by profile, bench and subject."""

    def __init__(self, text):
        self.ratios, self.counts, self.notes = {}, {}, {}
        profile = "bench"
        for line in text.splitlines():
            keyword, _, rest = line.partition(" ")
            if keyword == "profile":
                profile = rest
            elif match := RATIO.fullmatch(line):
                bench, subject, sides, value, first, second, _ = match.groups()
                self.ratios[profile, bench, subject] = Ratio(sides, float(value), int(first), int(second))
            elif match := COUNT.fullmatch(line):
                self.counts[match[1]] = float(match[2])
            elif keyword in ("machine", "peer", "rustc"):
                self.notes[keyword] = rest

    def ratio(self, bench, subject, profile="bench"):
        """The ratio, or nothing where it was not measured."""
        found = self.ratios.get((profile, bench, subject))
        return found and found.value

    def of(self, wanted):
        """All ratios of one bench, by subject."""
        return {subject: ratio for (profile, bench, subject), ratio in self.ratios.items() if (profile, bench) == ("bench", wanted)}

    def enctypes(self):
        return [subject for subject, ratio in self.of("accept").items() if ratio.sides == "accept/bare"]

    def long_ticket(self, enctype):
        """The ratio of the longest ticket, whose length may fall short by some octets."""
        sizes = [subject.partition("/") for subject in self.of("sizes")]
        octets = [int(size.removesuffix("-octets")) for name, _, size in sizes if name == enctype]
        return self.ratio("sizes", f"{enctype}/{max(octets)}-octets") if octets else None


# --- the README ---------------------------------------------------------------------------------------------------------


def number(value, digits=2, unit=""):
    return "–" if value is None else f"{value:.{digits}f}{unit}"


def times(value):
    return number(value, 0 if value and value >= 20 else 1, "×")


def table(figures):
    rows = [
        "| Enctype | Accept | Bare crypto | Accept / bare | with Cargo's release profile | with a ticket of 48 KB |"
        " MIT / kerbside | MIT with credentials kept / kerbside |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for enctype in figures.enctypes():
        ratio = figures.of("accept")[enctype]
        cells = [
            enctype,
            f"{ratio.first / 1000:.2f} µs",
            f"{ratio.second / 1000:.2f} µs",
            number(ratio.value),
            number(figures.ratio("accept", enctype, "release")),
            number(figures.long_ticket(enctype)),
            times(figures.ratio("compare", enctype)),
            times(figures.ratio("compare", enctype + "/credentials-kept")),
        ]
        rows.append("| " + " | ".join(cells) + " |")
    return rows


def mits_growth(compared):
    """How much longer MIT takes with 10,000 entries, by the keytab that is asked for in the test kit's enctype."""
    long, short = compared.get("keytab-10000"), compared.get("aes256-cts-hmac-sha1-96")
    return f", MIT's {long.first / short.first:.0f} times" if long and short else ""


def remarks(figures):
    refusals = {subject: ratio.value for subject, ratio in figures.of("refusals").items()}
    of_sixteen_keys = refusals.pop("wrong-key-of-16")
    allocations = max(value for subject, value in figures.counts.items() if subject.endswith("/accept"))
    return [
        f"- Two threads at one acceptor take {number(figures.ratio('contended', '2-threads'))} times as many tokens as one"
        f" thread; two that share nothing, {number(figures.ratio('contended', '2-threads-apart'))} times.",
        f"- With a keytab of 10,000 entries an accept costs {number(figures.ratio('accept', 'keytab-10000'))} times what it"
        f" costs with one entry" + mits_growth(figures.of("compare")) + ".",
        f"- A refusal costs {number(min(refusals.values()))} to {number(max(refusals.values()))} of an acceptance, and"
        f" {number(of_sixteen_keys)} where sixteen keys have to be tried.",
        f"- An accept allocates {allocations:.0f} times. A replay entry takes {figures.counts['replay-entry-of-1048576']:.0f} octets,"
        f" a negotiation that waits for its client at most {figures.counts['negotiation-before-its-MIC']:,.0f}.",
    ]


def section(figures):
    rust = figures.notes["rustc"].split()[0]
    peer = figures.notes.get("peer", "not measured")
    note = f"Measured on: {figures.notes['machine']}; Rust {rust}. MIT: {peer}."
    return "\n".join([*table(figures), "", *remarks(figures), "", note])


def replace_between(text, begin, end, new):
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        sys.exit(f"{begin} or {end} is missing")
    return f"{before}{begin}\n\n{new}\n\n{end}{after}"


# --- the chart ----------------------------------------------------------------------------------------------------------

# Middle tones, to be read on white and on black.
TEXT, LINE, GOAL, SHORT, LONG, PEER = "#7d8590", "#7d859055", "#c9404d", "#3d8bd4", "#8a63d2", "#d9822b"
ROW, BAR, TOP, LABELS, WIDTH, GAP = 44, 15, 62, 215, 270, 50
INSIDE = 40  # a bar that is so wide has its number in it


def text(x, y, content, anchor="start", colour=TEXT, size=12):
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" font-size="{size}" text-anchor="{anchor}">{content}</text>'


def box(x, y, width, height, colour):
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height}" rx="2" fill="{colour}"/>'


def bar(x, y, width, colour, label):
    if width >= INSIDE:
        return box(x, y, width, BAR, colour) + text(x + width - 5, y + 12, label, "end", "#fff", 11)
    return box(x, y, width, BAR, colour) + text(x + width + 5, y + 12, label, size=11)


def line(x, top, bottom, colour, dashes=""):
    return f'<line x1="{x:.1f}" y1="{top}" x2="{x:.1f}" y2="{bottom}" stroke="{colour}"{dashes}/>'


def panel(left, title, keys, rows, scale, goals, label):
    """Bars for each row: `rows` hold a value for each key, `scale` is how wide a one is, `label` writes a value."""
    bottom = TOP + ROW * len(rows)
    parts = [text(left, 20, title, size=14)]
    key_x = left
    for name, colour in keys:
        parts.append(box(key_x, 32, 10, 10, colour) + text(key_x + 15, 41, name, size=11))
        key_x += 30 + 6.2 * len(name)
    parts.append(line(left, TOP - 6, bottom, LINE))
    for value, name in goals:
        x = left + value * scale
        parts.append(line(x, TOP - 6, bottom, GOAL, ' stroke-dasharray="4 3"') + text(x, bottom + 14, name, "middle", GOAL, 11))
    for place, row in enumerate(rows):
        for step, ((_, colour), value) in enumerate(zip(keys, row)):
            if value is not None:
                parts.append(bar(left, TOP + ROW * place + (BAR + 3) * step, value * scale, colour, label(value)))
    return parts


def chart(figures):
    enctypes = figures.enctypes()
    bottom = TOP + ROW * len(enctypes)
    names = [text(LABELS - 10, TOP + ROW * place + 21, name, "end") for place, name in enumerate(enctypes)]
    accepts = [(figures.ratio("accept", name), figures.long_ticket(name)) for name in enctypes]
    peers = [(figures.ratio("compare", name), figures.ratio("compare", name + "/credentials-kept")) for name in enctypes]
    widest = max([2.2, *(value for row in accepts for value in row if value)])
    most = max([25, *(value for row in peers for value in row if value)])
    keys = [("ticket of 350 octets", SHORT), ("of 48 KB", LONG)]
    goals = [(1, "1"), (1.5, "goal 1.5")]
    left = panel(LABELS, "Accept / bare crypto (less is better)", keys, accepts, WIDTH / widest, goals, number)
    keys = [("default credentials", PEER), ("credentials kept", LINE[:7])]
    goals = [(25, "goal 25")]
    right_edge = LABELS + WIDTH + GAP
    right = panel(right_edge, "MIT / kerbside (more is better)", keys, peers, WIDTH / most, goals, times)
    width, height = right_edge + WIDTH + GAP - 10, bottom + 24
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" role="img">'
    title = "<title>Accept beside bare crypto, and beside MIT, for each enctype</title>"
    return "\n".join([head, title, *names, *left, *right, "</svg>", ""])


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    figures_path, readme, chart_path = map(Path, sys.argv[1:])
    figures = Figures(figures_path.read_text())
    readme.write_text(replace_between(readme.read_text(), "<!-- figures -->", "<!-- end of figures -->", section(figures)))
    chart_path.write_text(chart(figures))


if __name__ == "__main__":
    main()
