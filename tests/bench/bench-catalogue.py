#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the catalogue of knobs and searching it at each key press, against libxml2 reading the same schema and one validation of a machine that has
one of every device. bench-catalogue.py CLIENT DOCUMENT"""
import statistics
import subprocess
import sys

from bench_figures import keep

READ_MS, SEARCH_MS = 60, 10  # what people do not notice


def main():
    output = subprocess.run(sys.argv[1:3], check=True, text=True, stdout=subprocess.PIPE).stdout
    columns = list(zip(*(map(float, line.split()) for line in output.splitlines())))
    schema, validation, catalogue, slowest, middle = (statistics.median(column) for column in columns)
    print(f"schema {schema:.1f} ms, one validation {validation:.2f} ms; catalogue {catalogue:.1f} ms, "
          f"search {middle:.2f} ms, the slowest {slowest:.2f} ms")
    rows = [{"work": "reading the catalogue of all knobs", "against": "libxml2 reading the same schema",
             "ours": catalogue, "theirs": schema, "unit": "ms", "ratio": catalogue / schema, "reach": 8},
            {"work": "a search after a key press, the slowest", "against": "one validation of a machine with every device",
             "ours": slowest, "theirs": validation, "unit": "ms", "ratio": slowest / validation, "reach": 3}]
    keep("catalogue", rows)
    return 0 if catalogue < READ_MS and slowest < SEARCH_MS else 1


if __name__ == "__main__":
    sys.exit(main())
