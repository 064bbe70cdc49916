"""Octets in JSON."""

import base64


def octets(text):
    return base64.b64decode(text, validate=True)


def text(data):
    return None if data is None else base64.b64encode(data).decode()
