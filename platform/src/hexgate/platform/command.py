"""The command `hexgate-platform`: what is done beside a platform that runs, on its own machine."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence

from hexgate.core.errors import KeyFileError
from hexgate.platform.features.tokens.keystore import Keystore
from hexgate.platform.settings import Settings, SettingsError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Does what the arguments say; 0 when it was done, 1 when it could not be, 2 for a wrong use."""
    given = parser().parse_args(arguments)
    try:
        keystore = Keystore(Settings.of(os.environ).folder / "keys")
        keystore.open()
        print(JOBS[given.job](keystore, given))  # noqa: T201
    except (KeyFileError, SettingsError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


def parser() -> argparse.ArgumentParser:
    """What can be said."""
    root = argparse.ArgumentParser(
        prog="hexgate-platform",
        description="Looks after the keys of a platform. The platform is found by the variables that it is run with.",
    )
    keys = root.add_subparsers(required=True, metavar="keys").add_parser("keys", help="the keys that sign")
    jobs = keys.add_subparsers(dest="job", required=True)
    jobs.add_parser("list", help="show the keys whose signatures count; the last one signs")
    jobs.add_parser("rotate", help="make a new key, which signs from now on; the older ones stay good")
    retire = jobs.add_parser(
        "retire", help="let an older key count no more: its tokens end, its bundles are signed anew"
    )
    retire.add_argument("key_id", metavar="KEY_ID", help="as `keys list` shows it")
    for job in jobs.choices.values():
        job.add_argument("--json", action="store_true", help="say it in JSON")
    return root


def listed(keystore: Keystore, given: argparse.Namespace) -> str:
    """All keys, the one that signs last."""
    trusted = keystore.trusted
    keys = [{"key_id": known.public.key_id, "signs": known is trusted[-1]} for known in trusted]
    if given.json:
        return json.dumps({"keys": keys}, indent=2)
    return "\n".join(f"{key['key_id']}  {'signs' if key['signs'] else 'trusted'}" for key in keys)


def rotated(keystore: Keystore, given: argparse.Namespace) -> str:
    """A new key."""
    key_id = keystore.rotate().public.key_id
    return json.dumps({"key_id": key_id}) if given.json else f"{key_id} signs from now on; the older keys stay good"


def retired(keystore: Keystore, given: argparse.Namespace) -> str:
    """One key less."""
    keystore.retire(given.key_id)
    return json.dumps({"key_id": given.key_id}) if given.json else f"{given.key_id} counts no more"


JOBS = {"list": listed, "rotate": rotated, "retire": retired}
