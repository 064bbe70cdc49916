//! When the client does not speak Kerberos, and everything that is nobody's key, enctype or clock.

use super::names::brief;
use super::{Audience, Platform, Remedies, SameMachine};
use crate::acceptor::{BindingProblem, ErrorKind, TokenError, TransitedProblem};
use crate::gss::TokenKind;
use alloc::format;
use alloc::string::String;

const USER: Audience = Audience::User;
const SERVER: Audience = Audience::Server;
const DIRECTORY: Audience = Audience::Directory;

impl Remedies {
    /// The causes for which a client falls back to NTLM. The token does not tell which it is, so each is named with the way to
    /// see it; that of one machine comes first where the connection shows that it is one.
    pub(super) fn no_kerberos(&mut self, same_machine: SameMachine) {
        const SAME: &str = "on the server's own machine Windows answers with NTLM: log in from another machine";
        if same_machine == SameMachine::Yes {
            self.say(
                USER,
                "the client is on this machine, and there Windows answers with NTLM: log in from another machine",
            );
        }
        let by_name =
            format!("address the server by its name, {}: there are no tickets for IP addresses", self.names.host);
        self.say(USER, by_name);
        let zone = format!(
            "put {} into the zone Local Intranet, or on the browser's list: AuthServerAllowlist (Chrome, Edge), \
             network.negotiate-auth.trusted-uris (Firefox)",
            self.names.host
        );
        self.say(USER, zone);
        self.run(
            (USER, Platform::Windows),
            "log on with a domain account: a local account has no tickets; without a krbtgt ticket in the list it is one",
            "klist",
        );
        self.run((USER, Platform::Unix), "fetch a ticket first: without one the client has only NTLM", "kinit");
        if same_machine == SameMachine::NotKnown {
            self.say(USER, SAME);
        }
        let nltest = format!("nltest /dsgetdc:{}", self.names.realm);
        self.run(
            (USER, Platform::Windows),
            "be inside the network or its VPN: the client itself must reach a domain controller",
            nltest,
        );
        let setspn = format!("setspn -Q {}", self.names.spn);
        self.run((DIRECTORY, Platform::Windows), "the service's name must be registered", setspn);
        self.run((DIRECTORY, Platform::Windows), "and at one account only", "setspn -X");
        let kvno = format!("kvno {}", self.names.principal);
        self.run((USER, Platform::Unix), "see whether the KDC has a ticket for the service", kvno);
    }

    pub(super) fn token(&mut self, error: &TokenError) {
        match error {
            TokenError::TooLarge { .. } => {
                self.say(SERVER, "raise Limits::token_octets, and the header limits of every proxy before it: users in many groups have large tickets");
                self.say(DIRECTORY, "fewer groups make smaller tickets");
            }
            TokenError::Malformed(_) => {
                self.say(SERVER, "see that the whole token arrives, decoded from base64 once: proxies and servers cut long headers (LimitRequestFieldSize, large_client_header_buffers, maxHttpHeaderSize)");
            }
            TokenError::NotKerberos { kind: TokenKind::KrbError { code: Some(code) } } => {
                let advice =
                    format!("the client itself gave up, with {code}: its own log says why (KRB5_TRACE=/dev/stderr)");
                self.say(USER, advice);
            }
            _ => {}
        }
    }

    pub(super) fn other(&mut self, kind: &ErrorKind) {
        match kind {
            ErrorKind::Transited { client_realm, problem } => {
                let realm = brief(client_realm);
                let through = match problem {
                    TransitedProblem::UnknownRealm { realm } => {
                        format!(" through {}", brief(realm))
                    }
                    _ => String::new(),
                };
                let advice = format!(
                    "if clients of {realm} may come{through}, say so in Policy::realm_paths, as [capaths] does in krb5.conf"
                );
                self.say(SERVER, advice);
                self.say(DIRECTORY, "let the KDC check the path, so that the ticket carries TRANSITED-POLICY-CHECKED");
            }
            ErrorKind::Address { peer: Some(_), .. } => {
                self.run((USER, Platform::Unix), "ask for a ticket without addresses", "kinit -A");
                self.say(SERVER, "behind a proxy or NAT give the client's own address");
            }
            ErrorKind::ChannelBinding(BindingProblem::Different) => {
                self.say(SERVER, "where a proxy ends TLS, give the proxy's bindings; otherwise somebody relays the token from another channel");
            }
            ErrorKind::ChannelBinding(BindingProblem::Missing | BindingProblem::Stripped) => {
                self.say(USER, "use a client that sends channel bindings");
                self.say(SERVER, "BindingPolicy::AcceptIfAbsent takes clients that announce none");
            }
            ErrorKind::Delegation(_) => {
                self.run(
                    (USER, Platform::Any),
                    "log in without delegation",
                    format!("curl --negotiate -u : --delegation none https://{}/", self.names.host),
                );
            }
            ErrorKind::BeforeStart { .. } => self.say(USER, "try again: a new token is newer than the start"),
            _ => {}
        }
    }
}
