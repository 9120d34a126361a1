# SPDX-License-Identifier: GPL-3.0-or-later
"""What a comparison has found, for tools/bench-report.py."""
import json
import os
import pathlib


def keep(name, rows, note=None, figures=None):
    """Writes NAME.json into the directory VALISE_BENCH_OUT, which is made when it is not there; without one, nothing."""
    out = os.environ.get("VALISE_BENCH_OUT")
    if not out:
        return
    result = {"rows": rows, "note": note, "figures": figures}
    path = pathlib.Path(out, f"{name}.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({key: value for key, value in result.items() if value is not None}, indent=1) + "\n", encoding="utf-8")
