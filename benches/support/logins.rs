//! The tokens.

use kerbside::Timestamp;
use kerbside::numbers::{AuthDataType, Enctype};
use kerbside::testing::{AuthorizationElement, Login, Realm, Ticket};

/// The service of every ticket.
pub(crate) const SERVICE: &str = "HTTP/web.example.com";

/// The ticket that ratios are told of unless they say otherwise: of a client without a PAC, as an MIT KDC issues it.
pub(crate) const TICKET_OCTETS: usize = 350;

/// Tokens in one pass of such tickets.
pub(crate) const TOKENS: usize = 256;

/// Octets of tickets in one pass. They and the buffers fit into a second-level cache, as a token that was just received does.
const PASS_OCTETS: usize = 400_000;

/// A realm, and logins to one service, each with a ticket, a session key and an authenticator of its own.
pub(crate) struct Logins {
    pub(crate) realm: Realm,
    pub(crate) enctype: Enctype,
    pub(crate) logins: Vec<Login>,
    pub(crate) tokens: Vec<Vec<u8>>,
}

impl Logins {
    /// The reference: tickets of [`TICKET_OCTETS`], mutual authentication, SPNEGO.
    pub(crate) fn new(enctype: Enctype) -> Self {
        Self::with_tickets(enctype, TICKET_OCTETS)
    }

    /// Tickets of that many octets, and as many of them as a pass has room for.
    pub(crate) fn with_tickets(enctype: Enctype, ticket_octets: usize) -> Self {
        let tokens = (PASS_OCTETS / ticket_octets).clamp(8, TOKENS);
        Self::in_realm(Realm::new("EXAMPLE.COM"), enctype, ticket_octets, tokens)
    }

    /// So many tokens of the reference's kind.
    pub(crate) fn many(enctype: Enctype, tokens: usize) -> Self {
        Self::in_realm(Realm::new("EXAMPLE.COM"), enctype, TICKET_OCTETS, tokens)
    }

    /// So many tokens of the reference's kind, made at that time: for acceptors that look at the clock themselves.
    pub(crate) fn made_at(now: Timestamp, enctype: Enctype, tokens: usize) -> Self {
        let realm = Realm::new("EXAMPLE.COM");
        realm.clock().set(now);
        Self::in_realm(realm, enctype, TICKET_OCTETS, tokens)
    }

    fn in_realm(realm: Realm, enctype: Enctype, ticket_octets: usize, tokens: usize) -> Self {
        let login = |number: usize| {
            let login = realm.login(&format!("user{number:05}"), SERVICE);
            login.ticket_enctype(enctype).session_enctype(enctype)
        };
        let padding = padding(&login(0), ticket_octets);
        let logins: Vec<_> =
            (0..tokens).map(|number| login(number).with_ticket(|ticket| pad(ticket, padding))).collect();
        let tokens = logins.iter().map(Login::token).collect();
        Self { realm, enctype, logins, tokens }
    }

    /// The same logins, each changed in the same way.
    pub(crate) fn changed(self, change: impl Fn(Login) -> Login) -> Self {
        let logins: Vec<_> = self.logins.into_iter().map(change).collect();
        let tokens = logins.iter().map(Login::token).collect();
        Self { logins, tokens, ..self }
    }

    /// The same tickets with fresh authenticators, made now.
    pub(crate) fn renew(&mut self) {
        for (login, token) in self.logins.iter_mut().zip(&mut self.tokens) {
            *login = login.again();
            *token = login.token();
        }
    }

    pub(crate) fn ticket_octets(&self) -> usize {
        self.logins[0].ticket_octets().len()
    }
}

/// Authorization data of that many octets, of a type that nobody knows: in place of a PAC, which MIT's acceptor would parse
/// and ours would not.
fn pad(ticket: &mut Ticket, octets: usize) {
    let unknown = AuthorizationElement::new(AuthDataType(-1), vec![0x5a; octets]);
    ticket.authorization_data = Some(vec![AuthorizationElement::if_relevant(&[unknown])]);
}

/// How much of it there must be for a ticket of that many octets. Lengths of lengths jump, so a few octets may be missing.
fn padding(login: &Login, ticket_octets: usize) -> usize {
    let octets = |padding| login.clone().with_ticket(|ticket| pad(ticket, padding)).ticket_octets().len();
    let least = octets(0);
    assert!(least <= ticket_octets, "a ticket has at least {least} octets");
    let mut padding = ticket_octets - least;
    while octets(padding) > ticket_octets {
        padding -= 1;
    }
    padding
}
