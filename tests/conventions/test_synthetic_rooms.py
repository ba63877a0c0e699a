"""The rooms of the invented borough know each other one way: world, services, feeds, truth, the run; checks apart."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "synthetic_data"
KNOWS = {
    "world": set(),
    "services.health": {"world"},
    "services.council": {"world", "services.health"},
    "feeds": {"world", "services.health", "services.council"},
    "feeds.health": {"world", "services.health", "feeds"},
    "feeds.council": {"world", "services.council", "feeds"},
    "truth": {"world", "services.health", "services.council", "feeds"},
    "run": {"world", "services.health", "services.council", "feeds", "truth"},
    "checks": {"world", "feeds"},
}
"""What each room may import besides itself."""
TOGETHER = "feeds.month"  # puts the files of the two rooms inside `feeds` together with its own


def modules() -> dict[str, Path]:
    """Every module of the package that is no `__init__` or `__main__`, by its name inside the package."""
    found = (p for p in sorted(PACKAGE.rglob("*.py")) if not p.stem.startswith("__"))
    return {".".join(p.relative_to(PACKAGE).with_suffix("").parts): p for p in found}


def room(module: str) -> str:
    """The room a module is in; `run` is one of its own."""
    return module.rpartition(".")[0] or module


def imported(path: Path) -> set[str]:
    """The package's modules that a module imports, wherever in it."""
    named, known = set(), modules()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: imports by their full name"
            named |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    inside = {name.removeprefix("synthetic_data.") for name in named if name.startswith("synthetic_data.")}
    return {name for name in inside if name in known}


def test_rooms_import_one_way():
    for module, path in modules().items():
        allowed = KNOWS[room(module)] | {room(module)}
        if module == TOGETHER:
            allowed |= {"feeds.health", "feeds.council"}
        for other in imported(path):
            assert room(other) in allowed, f"{module} imports {other}"
            assert other != TOGETHER or room(module) == "run", f"{module} imports {other}"


def test_no_room_is_too_big_to_see_across():
    rooms = [room(module) for module in modules()]
    assert set(rooms) == set(KNOWS)
    assert max(rooms.count(name) for name in KNOWS) <= 18


def test_each_room_lists_its_modules():
    for module in modules():
        folder, _, name = module.rpartition(".")
        text = (PACKAGE / folder.replace(".", "/") / "__init__.py").read_text(encoding="utf-8")
        words = text.replace(",", " ").replace(":", " ").replace(";", " ").split()
        assert name in words, f"{module} is not in the list of its room"
