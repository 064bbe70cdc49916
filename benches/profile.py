#!/usr/bin/env python3
"""Where the time of an accept goes: the share of each layer, for some enctypes, as rows of the table in README.md.

    python3 benches/profile.py [ENCTYPE NAME]…

Needs Linux's perf. A sample belongs to the innermost of the crate's own functions on its stack, inlined ones included, so
that a hash counts where it is asked for.
"""

import collections
import json
import os
import re
import subprocess
import sys
import tempfile

ENCTYPES = ["aes128-cts-hmac-sha1-96", "aes256-cts-hmac-sha1-96", "aes128-cts-hmac-sha256-128",
            "aes256-cts-hmac-sha384-192", "rc4-hmac"]

# The first that fits: random octets come out of the directory of the crypto, and the writer out of asn1.
LAYERS = [
    ("random octets", r"crypto::buffered_random"),
    ("crypto", r"crypto::"),
    ("writing the reply", r"asn1::writer"),
    ("decoding", r"(asn1|messages|spnego|principal|gss::(framing|token_kind|oid|checksum))\b"),
    ("replay check", r"replay::"),
    ("checks, keys, context", r"(acceptor|gss|time|wipe)\b"),
]


def bench_program():
    """The bench, built with the names of inlined functions."""
    command = ["cargo", "bench", "--no-run", "--features", "testing", "--bench", "accept", "--message-format", "json"]
    built = subprocess.run(command, stdout=subprocess.PIPE, check=True, env={**os.environ, "CARGO_PROFILE_BENCH_DEBUG": "1"})
    messages = [json.loads(line) for line in built.stdout.splitlines()]
    return next(m["executable"] for m in messages if m.get("executable") and m["target"]["name"] == "accept")


def stacks(program, enctype):
    """The samples of three seconds of accepts, innermost function first."""
    with tempfile.TemporaryDirectory() as directory:
        data = os.path.join(directory, "perf.data")
        record = ["perf", "record", "--output", data, "--freq", "4000", "--call-graph", "dwarf,8192"]
        run = [program, "--bench", "--profile-time", "3", f"^accept/whole/{enctype}$"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": True}
        subprocess.run(record + run, **quiet)
        script = ["perf", "script", "--input", data, "--fields", "ip,sym"]
        text = subprocess.run(script, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout
    return [block.splitlines() for block in text.split("\n\n")]


def layer(stack):
    for frame in stack:
        if "kerbside::" in frame:
            own = frame.split("kerbside::", 1)[1]
            return next((name for name, pattern in LAYERS if re.match(pattern, own)), None)
    return None


def main():
    program = bench_program()
    names = [name for name, _ in LAYERS]
    print("| Enctype | " + " | ".join(names) + " |")
    print("|---" * (len(names) + 1) + "|")
    for enctype in sys.argv[1:] or ENCTYPES:
        accepts = [stack for stack in stacks(program, enctype) if any("Acceptor::accept" in frame for frame in stack)]
        shares = collections.Counter(filter(None, map(layer, accepts)))
        percent = [f"{100 * shares[name] / max(shares.total(), 1):.0f} %" for name in names]
        print(f"| {enctype} | " + " | ".join(percent) + " |")


main()
