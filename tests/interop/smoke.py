"""Checks the realm and the initiator against MIT's own acceptor, so that what fails afterwards is ours to explain.

    smoke.py REALM_DIRECTORY

Each row is one scenario: who asks for which service how, which keytab the acceptor has, and what MIT answers.
"""

import os
import subprocess
import sys
import tempfile

REALM = os.path.abspath(sys.argv[1])
os.environ["KRB5_CONFIG"] = f"{REALM}/krb5.conf"
os.environ["KRB5RCACHENAME"] = "none:"
SCRATCH = tempfile.TemporaryDirectory(prefix="kerbside-smoke-")

import gssapi  # noqa: E402  (the library reads KRB5_CONFIG)
from gssapi.raw import ChannelBindings  # noqa: E402
from gssapi.raw.misc import GSSError  # noqa: E402

from encoding import octets, text  # noqa: E402
from initiator import Initiator  # noqa: E402

ENCTYPES = [
    "aes128-cts-hmac-sha1-96",
    "aes256-cts-hmac-sha1-96",
    "aes128-cts-hmac-sha256-128",
    "aes256-cts-hmac-sha384-192",
    "rc4-hmac",
    "camellia128-cts-cmac",
    "camellia256-cts-cmac",
]
FAILURES = []


def kinit(user, *options):
    cache = tempfile.mktemp(dir=SCRATCH.name)
    command = ["kinit", "-c", f"FILE:{cache}", "-k", "-t", f"{REALM}/keytabs/people.keytab", *options, user]
    subprocess.run(command, check=True)
    return cache


def acceptor(keytab, bindings):
    # Credentials of the default keytab, for every principal in it.
    os.environ["KRB5_KTNAME"] = f"FILE:{REALM}/keytabs/{keytab}.keytab"
    bindings = None if bindings is None else ChannelBindings(application_data=bindings)
    return gssapi.SecurityContext(
        usage="accept", creds=gssapi.Credentials(usage="accept"), channel_bindings=bindings
    )


def run(cache, host, keytab, mech="spnego", flags=("mutual",), bindings=(None, None)):
    """The initiator's name as MIT's acceptor sees it, or why not."""
    os.environ["KRB5CCNAME"] = f"FILE:{cache}"
    initiator = Initiator()
    try:
        first = initiator.init(f"HTTP/{host}.kerbside.test", mech, list(flags), text(bindings[0]))
    except GSSError as error:
        return f"initiator: {error}"
    try:
        context = acceptor(keytab, bindings[1])
        reply = context.step(octets(first["token"]))
    except GSSError as error:
        return str(error)
    if reply is not None and not first["complete"]:
        assert initiator.step(text(reply))["complete"]
    return str(context.initiator_name)


def expect(what, found, wanted):
    passed = wanted in found
    print(f"{'ok  ' if passed else 'FAIL'} {what}: {found.splitlines()[0]}")
    if not passed:
        FAILURES.append(what)


def main():
    alice = kinit("alice")
    for enctype in ENCTYPES:
        for mech in ("spnego", "krb5"):
            for flags in (("mutual",), ()):
                what = f"{enctype} {mech} {'mutual' if flags else 'one way'}"
                expect(what, run(alice, enctype, "enctypes", mech, flags), "alice@KERBSIDE.TEST")
    expect("RC4 session key", run(alice, "rc4-session", "rc4-session"), "alice@KERBSIDE.TEST")
    for user in ("josé", "alice/admin", r"al\@ice"):
        expect(user, run(kinit(user), "web", "web"), f"{user}@KERBSIDE.TEST")

    for scenario, host, keytab, wanted in [
        ("other principal", "web", "other", "HTTP/web.kerbside.test@KERBSIDE.TEST not found in keytab"),
        ("case differs", "web", "case", "HTTP/web.kerbside.test@KERBSIDE.TEST not found in keytab"),
        ("renamed", "renamed", "renamed", "alice@"),
        ("wrong key", "recreated", "recreated-before", "found in keytab but cannot decrypt ticket"),
        ("recreated", "recreated", "recreated", "alice@"),
        ("missing enctype", "partial", "partial", "found in keytab but not with enctype aes256-cts"),
        ("both enctypes", "partial", "partial-both", "alice@"),
        ("kvno 300", "kvno300", "kvno300", "alice@"),
        ("guessed kvno", "password", "password", "alice@"),
    ]:
        expect(scenario, run(alice, host, keytab), wanted)

    rotated = f"{REALM}/ccaches/rotated"
    for keytab, wanted in [
        ("rotated-1", "keytab is likely out of date"),
        ("rotated-2", "alice@"),
        ("rotated-3", "ticket is likely out of date"),
        ("rotated-around", "ticket is likely out of date"),
    ]:
        expect(keytab, run(rotated, "rotated", keytab), wanted)

    service = "HTTP/web.kerbside.test"
    expect("postdated", run(kinit("alice", "-s", "200s", "-S", service), "web", "web"), "Ticket has invalid flag set")
    expect("addressed", run(kinit("alice", "-a", "-S", service), "web", "web"), "alice@")
    expect("forwardable", run(kinit("alice", "-f"), "web", "web", "spnego", ("mutual", "deleg")), "alice@")
    expect("renewable", run(kinit("alice", "-r", "1d"), "web", "web"), "alice@")
    expect("short", run(kinit("alice", "-l", "60s"), "web", "web"), "alice@")
    for what, sent, wanted in [
        ("equal bindings", b"tls-server-end-point:1", "alice@"),
        ("other bindings", b"tls-server-end-point:2", "channel bindings"),
        ("no bindings", None, "alice@"),
    ]:
        expect(what, run(alice, "web", "web", bindings=(sent, b"tls-server-end-point:1")), wanted)
    sys.exit(f"{len(FAILURES)} scenarios failed" if FAILURES else 0)


main()
