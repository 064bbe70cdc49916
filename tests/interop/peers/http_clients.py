"""Fetches a page with requests-gssapi or httpx-gssapi, and wants the server to prove itself.

    http_clients.py requests|httpx URL [--authority FILE] [--delegate] [--bound]

Prints {"status": NUMBER | null, "body": TEXT, "proof": "verified" | "refused" | "unseen"}. Every name under kerbside.test is
this machine's.
"""

import argparse
import json
import socket
import ssl
import sys

import gssapi

# Otherwise python-gssapi hands over the token that says no to the server, and raises at the next step: for which neither
# library waits, so that both would take a broken reply for good.
gssapi.SecurityContext.__DEFER_STEP_ERRORS__ = False

LOOPBACK = "127.0.0.1"
SECONDS = 30


def resolve_here(resolve=socket.getaddrinfo):
    def getaddrinfo(host, *arguments, **options):
        here = str(host).endswith(".kerbside.test")
        return resolve(LOOPBACK if here else host, *arguments, **options)

    socket.getaddrinfo = getaddrinfo


def fetch_with_requests(arguments):
    import requests
    from requests_gssapi import REQUIRED, HTTPSPNEGOAuth
    from requests_gssapi.exceptions import MutualAuthenticationError

    auth = HTTPSPNEGOAuth(
        mutual_authentication=REQUIRED,
        delegate=arguments.delegate,
        channel_bindings="tls-server-end-point" if arguments.bound else None,
        sanitize_mutual_error_response=False,
    )
    session = requests.Session()
    session.trust_env = False
    try:
        answer = session.get(arguments.url, auth=auth, verify=arguments.authority or True, timeout=SECONDS)
    except MutualAuthenticationError as error:
        return refused(error)
    return page(answer)


def fetch_with_httpx(arguments):
    import httpx
    from httpx_gssapi import REQUIRED, HTTPSPNEGOAuth
    from httpx_gssapi.exceptions import MutualAuthenticationError

    if arguments.bound:
        sys.exit("httpx-gssapi knows no channel bindings")
    auth = HTTPSPNEGOAuth(
        mutual_authentication=REQUIRED, delegate=arguments.delegate, sanitize_mutual_error_response=False
    )
    trust = ssl.create_default_context(cafile=arguments.authority) if arguments.authority else True
    try:
        with httpx.Client(verify=trust, trust_env=False, timeout=SECONDS) as client:
            answer = client.get(arguments.url, auth=auth)
    except MutualAuthenticationError as error:
        return refused(error)
    return page(answer)


def page(answer):
    # Where proof is required, both libraries give no page of success without.
    proof = "verified" if answer.status_code < 400 else "unseen"
    return {"status": answer.status_code, "body": answer.text, "proof": proof}


def refused(error):
    print(error, file=sys.stderr)
    return {"status": None, "body": "", "proof": "refused"}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("library", choices=["requests", "httpx"])
    parser.add_argument("url")
    parser.add_argument("--authority")
    parser.add_argument("--delegate", action="store_true")
    parser.add_argument("--bound", action="store_true")
    arguments = parser.parse_args()
    resolve_here()
    fetch = fetch_with_requests if arguments.library == "requests" else fetch_with_httpx
    print(json.dumps(fetch(arguments)))


main()
