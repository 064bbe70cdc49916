#!/usr/bin/env python3
"""Writes impacket.json beside itself: tokens that impacket makes. Needs `pip install impacket`."""
import json
import pathlib

from impacket.krb5 import crypto, gssapi
from impacket.krb5.constants import EncryptionTypes

TEXT = b"sixty-four octets of text, which pads to nothing, for impacket: "
NUMBER = 0x12345678
assert len(TEXT) == 64

# The confounders, so that every run gives the same file.
crypto.get_random_bytes = lambda octets: bytes(range(0x40, 0x40 + octets))
gssapi.rand.seed(4757)

vectors = []


def add(kind, key, sender, message, header, data=b""):
    vectors.append({
        "kind": kind, "enctype": key.enctype, "key": key.contents.hex(), "sender": sender, "number": NUMBER,
        "message": message.hex(), "header": header.hex(), "data": data.hex(),
    })


for enctype, octets in ((EncryptionTypes.aes128_cts_hmac_sha1_96, 16), (EncryptionTypes.aes256_cts_hmac_sha1_96, 32)):
    key = crypto.Key(enctype.value, bytes(range(octets)))
    maker = gssapi.GSSAPI(key)
    add("mic", key, "initiator", TEXT, maker.GSS_GetMIC(key, TEXT, NUMBER))
    # Short of a block, so that there is filler, which impacket counts as a part of the message.
    for length in (64, 60):
        data, header = maker.GSS_Wrap(key, TEXT[:length], NUMBER)
        add("split", key, "initiator", TEXT[:length], header, data)
    data, header = maker.GSS_Wrap_LDAP(key, TEXT[:61], NUMBER)
    add("wrap", key, "initiator", TEXT[:61], header + data)

key = crypto.Key(EncryptionTypes.rc4_hmac.value, bytes(range(16)))
maker = gssapi.GSSAPI(key)
for sender, direction in (("initiator", "init"), ("acceptor", "accept")):
    add("mic", key, sender, TEXT, maker.GSS_GetMIC(key, TEXT, NUMBER, direction))
    data, header = maker.GSS_Wrap(key, TEXT, NUMBER, direction)
    add("split", key, sender, TEXT, header, data)
    data, header = maker.GSS_Wrap_LDAP(key, TEXT[:61], NUMBER, direction)
    add("wrap", key, sender, TEXT[:61], header + data)

path = pathlib.Path(__file__).with_name("impacket.json")
path.write_text("[\n" + ",\n".join(json.dumps(vector) for vector in vectors) + "\n]\n")
