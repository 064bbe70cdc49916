"""Real initiators, MIT's and pyspnego's, behind a line protocol: one JSON object per line in, one out.

    {"init": {"service": "HTTP/web.kerbside.test", "mech": "spnego" | "krb5", "flags": ["mutual", ...],
              "channel_bindings": BASE64 | absent, "library": "mit" | "pyspnego" | absent,
              "mechs": ["krb5" | "ntlm", ...] | absent, "hints": BASE64 | absent}}
    {"step": {"token": BASE64}}
    {"unwrap": {"token": BASE64}}        {"wrap": {"message": BASE64, "encrypt": true}}
    {"verify_mic": {"message": BASE64, "mic": BASE64}}       {"mic": {"message": BASE64}}
    {"wrap_size_limit": {"octets": NUMBER, "encrypt": true}}                                        (MIT alone)
    {"wrap_iov": {"message": BASE64, "before": BASE64, "behind": BASE64, "encrypt": true, "trailer": false}}
    {"unwrap_iov": {"header": BASE64, "before": BASE64, "data": BASE64, "behind": BASE64, "padding": BASE64}}
    {"mic_iov": {"buffers": [BASE64, ...]}}  {"verify_mic_iov": {"buffers": [BASE64, ...], "mic": BASE64}}  (MIT alone)
    {"wrap_winrm": {"message": BASE64}}  {"unwrap_winrm": {"header": BASE64, "data": BASE64}}       (pyspnego alone)

What is `before` and `behind` the message is signed with it and not encrypted. `trailer` says whether it has one.

`mechs` is what is offered, in this order; MIT offers Kerberos alone where nothing is said, and NTLM only where
GSS_MECH_CONFIG names gss-ntlmssp. `hints` is what pyspnego was told before.

`init` and `step` answer {"complete": bool, "token": BASE64 | null, "flags": [...]}, the others {"message": ...} or
{"token": ...} or {"octets": ...} or {"header": ..., "data": ..., "padding": NUMBER} or {"ok": true}; whatever GSS-API refuses answers {"error": {"major": NUMBER, "minor": NUMBER,
"text": ...}}. `init` starts afresh, so one process serves many contexts. The realm and the ticket cache come from
KRB5_CONFIG and KRB5CCNAME. Channel bindings are the application data alone.
"""

import json
import sys

import gssapi
from gssapi import raw
from gssapi.raw import IOV, ChannelBindings, IOVBufferType, set_neg_mechs
from gssapi.raw.misc import GSSError
from spnego.exceptions import SpnegoError

from encoding import octets, text
from pyspnego_initiator import PyspnegoInitiator

MECHANISMS = {
    "krb5": gssapi.OID.from_int_seq("1.2.840.113554.1.2.2"),
    "ntlm": gssapi.OID.from_int_seq("1.3.6.1.4.1.311.2.2.10"),
    "spnego": gssapi.OID.from_int_seq("1.3.6.1.5.5.2"),
}
# A refusal is raised where it happens, also when there is a token to send with it.
gssapi.SecurityContext.__DEFER_STEP_ERRORS__ = False
FLAGS = {
    "deleg": gssapi.RequirementFlag.delegate_to_peer,
    "mutual": gssapi.RequirementFlag.mutual_authentication,
    "replay": gssapi.RequirementFlag.replay_detection,
    "sequence": gssapi.RequirementFlag.out_of_sequence_detection,
    "conf": gssapi.RequirementFlag.confidentiality,
    "integ": gssapi.RequirementFlag.integrity,
    "dce": gssapi.RequirementFlag.dce_style,
    "anonymous": gssapi.RequirementFlag.anonymity,
}


class Initiator:
    def __init__(self):
        self.context = None

    def init(self, service, mech, flags, channel_bindings=None, mechs=None):
        bindings = None
        if channel_bindings is not None:
            bindings = ChannelBindings(application_data=octets(channel_bindings))
        name, credentials = gssapi.Name(service, gssapi.NameType.kerberos_principal), None
        if mechs is not None:
            # NTLM does not know names of Kerberos's form.
            name = gssapi.Name(service.replace("/", "@"), gssapi.NameType.hostbased_service)
            offered = [MECHANISMS[mech] for mech in mechs]
            credentials = gssapi.Credentials(usage="initiate", mechs=[*offered, MECHANISMS["spnego"]])
            set_neg_mechs(credentials, offered)
        self.context = gssapi.SecurityContext(
            name=name,
            creds=credentials,
            usage="initiate",
            mech=MECHANISMS[mech],
            # python-gssapi takes no flags for its own choice of flags; MIT offers integrity whether asked or not.
            flags=[FLAGS[flag] for flag in flags or ["integ"]],
            channel_bindings=bindings,
        )
        return self._leg(None)

    def step(self, token):
        return self._leg(octets(token))

    def wrap(self, message, encrypt):
        return {"token": text(self.context.wrap(octets(message), encrypt).message)}

    def unwrap(self, token):
        unwrapped = self.context.unwrap(octets(token))
        return {"message": text(unwrapped.message), "encrypted": unwrapped.encrypted}

    def mic(self, message):
        return {"token": text(self.context.get_signature(octets(message)))}

    def verify_mic(self, message, mic):
        self.context.verify_signature(octets(message), octets(mic))
        return {"ok": True}

    def wrap_size_limit(self, octets, encrypt):
        return {"octets": self.context.get_wrap_size_limit(octets, encrypt)}

    def wrap_iov(self, message, before, behind, encrypt, trailer):
        """`padding` is what goes behind the data, and `trailer` behind that."""
        parts = [IOVBufferType.header, *signed(message, before, behind), IOVBufferType.padding]
        iov = IOV(*parts, *[IOVBufferType.trailer] * trailer, std_layout=False)
        raw.wrap_iov(self.context, iov, encrypt)
        header, _, data, _, *behind_data = [buffer.value or b"" for buffer in iov]
        return {"header": text(header), "data": text(data), "trailer": text(b"".join(behind_data))}

    def unwrap_iov(self, header, before, data, behind, padding):
        parts = [(IOVBufferType.header, False, octets(header)), *signed(data, before, behind)]
        iov = IOV(*parts, (IOVBufferType.padding, False, octets(padding)), std_layout=False)
        unwrapped = raw.unwrap_iov(self.context, iov)
        return {"message": text(iov[2].value or b""), "encrypted": unwrapped.encrypted}

    def mic_iov(self, buffers):
        iov = IOV(*map(octets, buffers), IOVBufferType.mic_token, std_layout=False)
        raw.get_mic_iov(self.context, iov)
        return {"token": text(iov[-1].value)}

    def verify_mic_iov(self, buffers, mic):
        iov = IOV(*map(octets, buffers), (IOVBufferType.mic_token, False, octets(mic)), std_layout=False)
        raw.verify_mic_iov(self.context, iov)
        return {"ok": True}

    def _leg(self, token):
        answer = self.context.step(token)
        complete = self.context.complete
        flags = [name for name, flag in FLAGS.items() if complete and flag in self.context.actual_flags]
        return {"complete": complete, "token": text(answer), "flags": flags}


def signed(data, before, behind):
    """The data between what is signed with it alone."""
    around = [(IOVBufferType.sign_only, octets(buffer)) for buffer in (before, behind)]
    return [around[0], octets(data), around[1]]


COMMANDS = (
    *("init", "step", "wrap", "unwrap", "mic", "verify_mic", "wrap_size_limit", "wrap_winrm", "unwrap_winrm"),
    *("wrap_iov", "unwrap_iov", "mic_iov", "verify_mic_iov"),
)


def refused(major, minor, text):
    return {"error": {"major": major, "minor": minor, "text": text}}


class Conversation:
    """Asks the initiator that the last `init` named."""

    def __init__(self):
        self.initiators = {"mit": Initiator(), "pyspnego": PyspnegoInitiator()}
        self.current = None

    def answer(self, line):
        [(command, arguments)] = json.loads(line).items()
        if command not in COMMANDS:
            raise ValueError(f"no such command: {command}")
        if command == "init":
            self.current = self.initiators[arguments.pop("library", "mit")]
        try:
            return getattr(self.current, command)(**arguments)
        except GSSError as error:
            return refused(error.maj_code, error.min_code, str(error))
        except SpnegoError as error:
            # The status of the library below, where that is what refused.
            cause = error.base_error
            return refused(getattr(cause, "maj_code", 0), getattr(cause, "min_code", 0), str(error))


def main():
    conversation = Conversation()
    for line in sys.stdin:
        print(json.dumps(conversation.answer(line)), flush=True)


if __name__ == "__main__":
    main()
