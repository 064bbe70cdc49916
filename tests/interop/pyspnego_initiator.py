"""The initiator of pyspnego: its own SPNEGO around MIT's Kerberos, with NTLM offered beside it.

It is used as `Initiator` of initiator.py is, and takes and gives the same.
"""

import os

import spnego
from spnego._negotiate import NegotiateProxy
from spnego.channel_bindings import GssChannelBindings

from encoding import octets, text

FLAGS = {
    "deleg": spnego.ContextReq.delegate,
    "mutual": spnego.ContextReq.mutual_auth,
    "replay": spnego.ContextReq.replay_detect,
    "sequence": spnego.ContextReq.sequence_detect,
    "conf": spnego.ContextReq.confidentiality,
    "integ": spnego.ContextReq.integrity,
    "dce": spnego.ContextReq.dce_style,
}
MECHANISMS = {"krb5": "kerberos", "ntlm": "ntlm"}


class InOrder(NegotiateProxy):
    """Offers mechanisms in an order of the test's choosing; pyspnego has no option but Kerberos first."""

    order = ()

    def _preferred_mech_list(self):
        preferred = {mech.name: mech for mech in super()._preferred_mech_list()}
        return [preferred[MECHANISMS[name]] for name in self.order]


class PyspnegoInitiator:
    def __init__(self):
        self.context = None

    def init(self, service, mech, flags, channel_bindings=None, mechs=None, hints=None):
        service, host = service.split("/")
        request = spnego.ContextReq.none
        # As in initiator.py: no flags would be python-gssapi's own choice.
        for flag in flags or ["integ"]:
            request |= FLAGS[flag]
        bindings = None
        if channel_bindings is not None:
            bindings = GssChannelBindings(application_data=octets(channel_bindings))
        # The password is never checked: no acceptor here has NTLM.
        credentials = [spnego.KerberosCCache(os.environ["KRB5CCNAME"]), spnego.Password("TEST\\alice", "unused")]
        arguments = {"hostname": host, "service": service, "context_req": request, "channel_bindings": bindings}
        if mech == "krb5":
            self.context = spnego.client(credentials, protocol="kerberos", **arguments)
        else:
            self.context = InOrder(credentials, options=spnego.NegotiateOptions.use_negotiate, **arguments)
            self.context.order = mechs
        return self._leg(None if hints is None else octets(hints))

    def step(self, token):
        return self._leg(octets(token))

    def wrap(self, message, encrypt):
        return {"token": text(self.context.wrap(octets(message), encrypt).data)}

    def unwrap(self, token):
        unwrapped = self.context.unwrap(octets(token))
        return {"message": text(unwrapped.data), "encrypted": unwrapped.encrypted}

    def mic(self, message):
        return {"token": text(self.context.sign(octets(message)))}

    def verify_mic(self, message, mic):
        self.context.verify(octets(message), octets(mic))
        return {"ok": True}

    def wrap_winrm(self, message):
        split = self.context.wrap_winrm(octets(message))
        return {"header": text(split.header), "data": text(split.data), "padding": split.padding_length}

    def unwrap_winrm(self, header, data):
        return {"message": text(self.context.unwrap_winrm(octets(header), octets(data)))}

    def _leg(self, token):
        answer = self.context.step(token)
        complete = self.context.complete
        flags = [name for name, flag in FLAGS.items() if complete and flag & self.context.context_attr]
        return {"complete": complete, "token": text(answer), "flags": flags}
