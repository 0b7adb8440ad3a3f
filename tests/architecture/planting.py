"""A path and a fault in, a small sound tree with that one fault planted in it out."""

import shutil
import tomllib
from pathlib import Path

__all__ = ["CHECKOUT", "CLI", "CORE", "plant"]

CHECKOUT = Path(__file__).resolve().parents[2]
CORE = "packages/hexgate-core/src/hexgate/core"
CLI = "packages/hexgate-cli/src/hexgate/cli"
CONTRACTS = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
LAYERS = next(contract["layers"] for contract in CONTRACTS if contract["id"] == "storeys")
STOREYS = [storey for layer in LAYERS for storey in layer.split(" | ")]

SOUND = {
    "README.md": "Run `make test`; read [the reference](docs/reference/python.md); try `hexgate policy validate`.\n",
    "Makefile": "test: ## run every test\n\ttrue\n",
    ".ci/run": "make check\nmake test\n",
    "docs/reference/python.md": "# Python\n\n`decide(call)` answers.\n",
    "packages/hexgate-core/pyproject.toml": (
        '[project]\nname = "hexgate-core"\nversion = "0.1.0"\ndependencies = ["PyYAML>=6,<7"]\n'
    ),
    "packages/hexgate-cli/pyproject.toml": (
        '[project]\nname = "hexgate-cli"\nversion = "0.1.0"\ndependencies = ["hexgate-core==0.1.0"]\n'
    ),
    f"{CORE}/py.typed": "",
    f"{CORE}/__init__.py": """
from importlib import import_module

__all__ = ["decide"]

TABLE = {"decide": ("hexgate.core.engine", "decide")}


def __getattr__(name):
    return getattr(import_module(TABLE[name][0]), TABLE[name][1])
""",
    f"{CORE}/__init__.pyi": 'from hexgate.core.engine import decide as decide\n\n__all__ = ["decide"]\n',
    **{f"{CORE}/{storey}.py": f'"""The storey {storey}."""\n' for storey in STOREYS if storey != "engine"},
    f"{CORE}/engine/__init__.py": 'from hexgate.core.engine.native import decide\n\n__all__ = ["decide"]\n',
    f"{CORE}/engine/native.py": '__all__ = ["decide"]\n\n\ndef decide():\n    return None\n',
    f"{CORE}/engine/explain.py": '"""Empty."""\n',
    f"{CLI}/py.typed": "",
    f"{CLI}/__init__.py": '"""The command."""\n',
    f"{CLI}/commands/policy.py": '__all__ = ["validate"]\n\n\ndef validate():\n    return None\n',
}


def plant(folder: Path, faults: dict[str, str] | None = None) -> Path:
    """The workspace's own pyproject.toml stands in the tree, so that its contracts are what is tried."""
    shutil.copy(CHECKOUT / "pyproject.toml", folder / "pyproject.toml")
    for where, text in {**SOUND, **(faults or {})}.items():
        path = folder / where
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder
