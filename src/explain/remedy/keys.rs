//! When no key opens the ticket.

use super::{Audience, Platform, Remedies};
use crate::acceptor::{ErrorKind, KvnoDirection, NamedBy, NoKey, WantedName};
use alloc::format;

const USER: Audience = Audience::User;
const SERVER: Audience = Audience::Server;
const DIRECTORY: Audience = Audience::Directory;

impl Remedies {
    pub(super) fn no_key(&mut self, error: &NoKey) {
        match error {
            NoKey::Kvno { direction: KvnoDirection::TicketOutOfDate, .. } => self.ticket_out_of_date(),
            NoKey::Kvno { direction: KvnoDirection::KeytabOutOfDate, .. } => self.keytab_out_of_date(),
            NoKey::Enctype { wanted, .. } => self.key_of_enctype(*wanted),
            NoKey::Principal { differs_only_in_case: Some(name), .. } => {
                let advice = format!(
                    "clients write the name in another case than the keytab, which has {name}: make the keytab with the \
                     spelling of the clients, HTTP and the realm in capitals, the host in lower case"
                );
                self.run((SERVER, Platform::Unix), advice, self.names.ktadd());
                self.say(
                    SERVER,
                    "with Active Directory, the policy windows_compatible ignores the case of service and host",
                );
            }
            NoKey::Principal { wanted, .. } => match &**wanted {
                WantedName::Policy(policy) => {
                    let advice =
                        format!("the acceptor takes {policy} and the keytab has other names: correct one of them");
                    self.run((SERVER, Platform::Unix), advice, "klist -kte <FILE>");
                }
                WantedName::Principal(_) => self.name_missing(),
            },
            NoKey::UserToUser | NoKey::File(_) | NoKey::Members { .. } => {}
        }
    }

    fn ticket_out_of_date(&mut self) {
        self.new_ticket("the ticket is for an older key: drop it and log on again");
        let shows = format!("kvno {}", self.names.principal);
        self.run((USER, Platform::Unix), "see which version the KDC issues now", shows);
        self.say(SERVER, "keep the previous keys in the keytab until the tickets for them have ended");
    }

    fn keytab_out_of_date(&mut self) {
        self.run((SERVER, Platform::Unix), "see which versions the keytab has", "klist -kte <FILE>");
        self.run(
            (SERVER, Platform::Unix),
            "MIT: add the current keys; ktadd makes new ones, unless it is kadmin.local with -norandkey",
            self.names.ktadd(),
        );
        self.run(
            (DIRECTORY, Platform::Windows),
            "the account's password was changed or ktpass ran again, and each time raises the kvno: make the keytab once more \
             and deploy it",
            self.names.ktpass(),
        );
    }

    fn key_of_enctype(&mut self, wanted: crate::numbers::Enctype) {
        let name = wanted.name().unwrap_or("this enctype");
        self.run((SERVER, Platform::Unix), "see which enctypes the keytab has", "klist -kte <FILE>");
        let ktadd = format!("kadmin -q \"ktadd -k <FILE> -e {name}:normal {}\"", self.names.principal);
        self.run((SERVER, Platform::Unix), "MIT: add a key of the ticket's enctype", ktadd);
        self.run(
            (DIRECTORY, Platform::Windows),
            "make the keytab with keys of all enctypes that the KDC may choose",
            self.names.ktpass(),
        );
        self.run((USER, Platform::Unix), "see which enctype the ticket has", "klist -e");
    }

    fn name_missing(&mut self) {
        let setspn = format!("setspn -Q {}", self.names.spn);
        self.run((DIRECTORY, Platform::Windows), "see which account holds the name that clients ask for", setspn);
        let setspn = format!("setspn -S {} <ACCOUNT>", self.names.spn);
        self.run((DIRECTORY, Platform::Windows), "give the name to this service's account, if it is meant", setspn);
        self.run((DIRECTORY, Platform::Windows), "then make a keytab with it", self.names.ktpass());
        self.run((SERVER, Platform::Unix), "MIT: add the name's keys to the keytab", self.names.ktadd());
        self.say(USER, "if the address has another host name than the service is known by, use that one");
    }

    pub(super) fn wrong_key(&mut self) {
        let setspn = format!("setspn -Q {}", self.names.spn);
        self.run((DIRECTORY, Platform::Windows), "look for the name at two accounts", "setspn -X");
        self.run((DIRECTORY, Platform::Windows), "see which account holds it now", setspn);
        self.run(
            (DIRECTORY, Platform::Windows),
            "the account was made anew or renamed, which changes password or salt: make the keytab once more",
            self.names.ktpass(),
        );
        self.run((SERVER, Platform::Unix), "MIT: replace the keys in the keytab", self.names.ktadd());
        self.new_ticket("once the keytab is right, fetch a new ticket");
    }

    pub(super) fn not_for_us(&mut self, kind: &ErrorKind) {
        if matches!(kind, ErrorKind::NotForUs { named_by: NamedBy::Ticket, .. }) {
            self.say(SERVER, "the keytab has the ticket's name and the acceptor's service policy does not: widen it if the name is meant");
            self.say(USER, "use the host name that this service is known by");
        } else {
            self.say(SERVER, kind.hint());
        }
    }
}
