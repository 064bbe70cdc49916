"""Reads one JSON object on one line and evaluates an expression about it, as `o`. Exit status 0 if it holds."""

import json
import sys

[line] = sys.stdin.read().splitlines()
sys.exit(0 if eval(sys.argv[1].replace("\n", " "), {"o": json.loads(line)}) else 1)
