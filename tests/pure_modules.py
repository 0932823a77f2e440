"""The files of the pure modules, as the import contract lists them: coverage asks 100 % of them."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def pure_modules() -> list[str]:
    """Return the dotted names of the modules that know no Django, network or clock."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    [names] = [c["source_modules"] for c in contracts if c["id"] == "pure-rules"]
    return list(names)


def patterns() -> str:
    """Return what ``coverage report --include`` expects."""
    files = []
    for name in pure_modules():
        path = name.replace(".", "/")
        files.append(f"{path}/*.py" if (ROOT / path).is_dir() else f"{path}.py")
    return ",".join(files)


if __name__ == "__main__":
    print(patterns())  # noqa: T201 - read by the Makefile
