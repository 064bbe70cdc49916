"""Makes and fills the domain of `samba_realm.sh start DIR`, which wrote DIR/smb.conf.

    samba_realm.py DIR

What `samba-tool` does in one process for each account, this does in one for all, so that it takes seconds.
"""

import logging
import os
import secrets
import sys

import ldb
import samba.dckeytab  # noqa: F401  (it gives Net what exports keytabs)
import samba.provision
from samba.auth import system_session
from samba.dsdb import DS_DOMAIN_FUNCTION_2008_R2, UF_NORMAL_ACCOUNT, UF_TRUSTED_FOR_DELEGATION
from samba.net import Net
from samba.param import LoadParm

DIRECTORY = os.path.abspath(sys.argv[1])

# msDS-SupportedEncryptionTypes, MS-KILE 2.2.7.
RC4, AES128, AES256 = 4, 8, 16
GROUPS = 302


def password():
    # Long, and of as many kinds of characters as a domain wants.
    return secrets.token_urlsafe(24) + "aA1-"


class Domain:
    def __init__(self):
        self.parameters = LoadParm()
        configuration = f"{DIRECTORY}/smb.conf"
        self.parameters.load(configuration)
        provisioned = samba.provision.provision(
            logging.getLogger(),
            system_session(),
            smbconf=configuration,
            realm=self.parameters.get("realm"),
            domain=self.parameters.get("workgroup"),
            hostname="dc",
            hostip="127.0.0.1",
            adminpass=password(),
            serverrole=self.parameters.get("server role"),
            dns_backend="NONE",
            lp=self.parameters,
            # Below 2008 there are no keys of AES.
            dom_for_fun_level=DS_DOMAIN_FUNCTION_2008_R2,
            skip_sysvolacl=True,
        )
        self.directory = provisioned.samdb

    def user(self, name, **attributes):
        self.directory.newuser(name, password())
        if attributes:
            self._replace(name, attributes)

    def service(self, host, encryption_types):
        """An account of its own, with kvno 2: one for the account, one for its password."""
        attributes = {"servicePrincipalName": [f"HTTP/{host}.kerbside.test"]}
        if encryption_types is not None:
            attributes["msDS-SupportedEncryptionTypes"] = [str(encryption_types)]
        # Names of accounts are not as long as those of hosts.
        self.user(f"svc-{host}"[:20], **attributes)

    def trust_for_delegation(self, host):
        """Its tickets say ok-as-delegate, RFC 4120 2.8."""
        control = UF_NORMAL_ACCOUNT | UF_TRUSTED_FOR_DELEGATION
        self._replace(f"svc-{host}", {"userAccountControl": [str(control)]})

    def new_password(self, host):
        self.directory.setpassword(f"(sAMAccountName=svc-{host})", password())

    def delete(self, host):
        self.directory.delete(self._dn(f"svc-{host}"))

    def group(self, name, members):
        self.directory.newgroup(name)
        self.directory.add_remove_group_members(name, members)

    def export_keys(self, keytab, principal):
        Net(None, self.parameters).export_keytab(keytab=f"{DIRECTORY}/keytabs/{keytab}.keytab", principal=principal)

    def export_service(self, keytab, host):
        self.export_keys(keytab, f"HTTP/{host}.kerbside.test")

    def _dn(self, account):
        [entry] = self.directory.search(expression=f"(sAMAccountName={account})", attrs=["dn"])
        return entry.dn

    def _replace(self, account, attributes):
        message = ldb.Message(self._dn(account))
        for attribute, values in attributes.items():
            message[attribute] = ldb.MessageElement(values, ldb.FLAG_MOD_REPLACE, attribute)
        self.directory.modify(message)


# The same scenarios under the same names as in heimdal_realm.sh.
def fill(domain):
    for person in ("alice", "many"):
        domain.user(person)
        domain.export_keys("people", person)
    # The user in 302 groups, one by one.
    domain.directory.transaction_start()
    for number in range(GROUPS):
        domain.group(f"group-{number}", ["many"])
    domain.directory.transaction_commit()

    for host, encryption_types in [
        ("aes128-cts-hmac-sha1-96", AES128),
        ("aes256-cts-hmac-sha1-96", AES256),
        ("rc4-hmac", RC4),
    ]:
        domain.service(host, encryption_types)
        domain.export_service("enctypes", host)

    # As an administrator leaves it who says nothing of enctypes.
    domain.service("unset", None)
    domain.export_service("unset", "unset")

    for host in ("web", "other", "recreated", "rotated"):
        domain.service(host, AES128 | AES256)
    for host in ("web", "other"):
        domain.export_service(host, host)
    domain.trust_for_delegation("web")

    # Deleted and made again: name, kvno and enctype are right, the key is not.
    domain.export_service("recreated-before", "recreated")
    domain.delete("recreated")
    domain.service("recreated", AES128 | AES256)
    domain.export_service("recreated", "recreated")

    # A key changed once.
    domain.export_service("rotated-before", "rotated")
    domain.new_password("rotated")
    domain.export_service("rotated", "rotated")


if __name__ == "__main__":
    fill(Domain())
