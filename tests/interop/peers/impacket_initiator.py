"""impacket's tokens behind the line protocol of initiator.py, and its messages: it seals all that it wraps, and verifies no
MIC.

The service ticket comes from the cache, where `kvno` has put it: impacket asks KDCs on port 88 only. `spnego` is what its
RPC clients send, DCE style whatever the flags. `krb5` is the AP-REQ out of that. The flag "plain" stands for what its
SMB client sends: no checksum, no subkey, no sequence number.
"""

import base64
import datetime
import functools
import json
import os
import subprocess
import sys

from impacket.krb5 import constants
from impacket.krb5.asn1 import AP_REQ, TGS_REP, Authenticator, seq_set
from impacket.krb5.ccache import CCache
from impacket.krb5.gssapi import GSSAPI
from impacket.krb5.kerberosv5 import KRB5_AP_REQ, getKerberosType1, getKerberosType3
from impacket.krb5.types import KerberosTime, Principal, Ticket
from impacket.spnego import ASN1_AID, ASN1_OID, SPNEGO_NegTokenInit, TypesMech, asn1encode
from pyasn1.codec.der import decoder, encoder
from pyasn1.type.univ import noValue


@functools.cache
def fetched(service):
    name = f"{service}@KERBSIDE.TEST"
    subprocess.run(["kvno", "-q", service], check=True)
    return CCache.loadFile(os.environ["KRB5CCNAME"].removeprefix("FILE:")).getCredential(name).toTGS(name)


class Initiator:
    def init(self, service, mech, flags, channel_bindings=None):
        ticket = fetched(service)
        if "plain" in flags:
            return leg("mutual" not in flags, plain(ticket, "mutual" in flags))
        self.cipher, self.key, token = getKerberosType1("alice", "", "KERBSIDE.TEST", "", "", TGS=ticket)
        return leg(False, token if mech == "spnego" else SPNEGO_NegTokenInit(token)["MechToken"])

    def step(self, token):
        # The third leg of DCE style.
        self.cipher, self.session_key, answer = getKerberosType3(self.cipher, self.key, base64.b64decode(token))
        self.messages, self.sent = GSSAPI(self.cipher), 0
        return leg(True, answer)

    def mic(self, message):
        token = self.messages.GSS_GetMIC(self.session_key, base64.b64decode(message), self._number())
        return {"token": text(token)}

    def wrap(self, message, encrypt):
        assert encrypt
        sealed, header = self.messages.GSS_Wrap_LDAP(self.session_key, base64.b64decode(message), self._number())
        return {"token": text(header + sealed)}

    def unwrap(self, token):
        message, _ = self.messages.GSS_Unwrap_LDAP(self.session_key, base64.b64decode(token), 0)
        return {"message": text(message), "encrypted": True}

    def _number(self):
        self.sent += 1
        return self.sent - 1


def plain(tgs, mutual):
    """As impacket.smb3.SMB3.kerberosLogin, which has no function of its own for it."""
    ticket = Ticket()
    ticket.from_asn1(decoder.decode(tgs["KDC_REP"], asn1Spec=TGS_REP())[0]["ticket"])
    request = AP_REQ()
    request["pvno"] = 5
    request["msg-type"] = int(constants.ApplicationTagNumbers.AP_REQ.value)
    request["ap-options"] = constants.encodeFlags([constants.APOptions.mutual_required.value] if mutual else [])
    seq_set(request, "ticket", ticket.to_asn1)

    authenticator = Authenticator()
    authenticator["authenticator-vno"] = 5
    authenticator["crealm"] = "KERBSIDE.TEST"
    client = Principal("alice", type=constants.PrincipalNameType.NT_PRINCIPAL.value)
    seq_set(authenticator, "cname", client.components_to_asn1)
    now = datetime.datetime.now(datetime.timezone.utc)
    authenticator["cusec"] = now.microsecond
    authenticator["ctime"] = KerberosTime.to_asn1(now)

    cipher, key = tgs["cipher"], tgs["sessionKey"]
    request["authenticator"] = noValue
    request["authenticator"]["etype"] = cipher.enctype
    request["authenticator"]["cipher"] = cipher.encrypt(key, 11, encoder.encode(authenticator), None)
    blob = SPNEGO_NegTokenInit()
    blob["MechTypes"] = [TypesMech["MS KRB5 - Microsoft Kerberos 5"]]
    framed = asn1encode(bytes([ASN1_OID]) + asn1encode(TypesMech["KRB5 - Kerberos 5"]) + KRB5_AP_REQ + encoder.encode(request))
    blob["MechToken"] = bytes([ASN1_AID]) + framed
    return blob.getData()


def leg(complete, token):
    return {"complete": complete, "token": text(token), "flags": []}


def text(octets):
    return base64.b64encode(octets).decode()


def main():
    initiator = Initiator()
    for line in sys.stdin:
        [(command, arguments)] = json.loads(line).items()
        if command not in ("init", "step", "mic", "wrap", "unwrap"):
            raise ValueError(f"no such command: {command}")
        try:
            answer = getattr(initiator, command)(**arguments)
        except Exception as error:  # impacket has no class of its own for what it does not like
            answer = {"error": {"major": 0xD0000, "minor": 0, "text": f"{type(error).__name__}: {error}"}}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
