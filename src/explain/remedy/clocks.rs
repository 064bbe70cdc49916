//! Clocks and lifetimes.

use super::{Audience, Platform, Remedies};
use crate::acceptor::ErrorKind;

const USER: Audience = Audience::User;
const SERVER: Audience = Audience::Server;

impl Remedies {
    pub(super) fn time(&mut self, kind: &ErrorKind) {
        match kind {
            ErrorKind::ClockSkew { client, server, .. } => {
                let user = if client > server {
                    "the client's clock is ahead of this server's: synchronise it"
                } else {
                    "the client's clock is behind this server's: synchronise it"
                };
                self.run((USER, Platform::Windows), user, "w32tm /resync");
                self.run((USER, Platform::Unix), user, "chronyc makestep");
                self.server_clock("if many clients differ in the same way, it is this server's clock that is wrong");
            }
            ErrorKind::TicketExpired { .. } => {
                self.new_ticket("the ticket has ended: fetch a new one");
                self.server_clock("if the client just fetched it, this server's clock is ahead of the KDC's");
            }
            ErrorKind::TicketNotYetValid { client_agrees, .. } => {
                self.server_clock(if *client_agrees {
                    "the client's clock agrees with the KDC's, so this server's clock is behind"
                } else {
                    "the ticket begins in the future: this server's clock is behind the KDC's, or the ticket is postdated"
                });
            }
            _ => {
                self.run((USER, Platform::Unix), "the ticket is postdated: have the KDC validate it", "kinit -v");
            }
        }
    }

    fn server_clock(&mut self, why: &'static str) {
        self.run((SERVER, Platform::Windows), why, "w32tm /query /status");
        self.run((SERVER, Platform::Unix), why, "timedatectl status");
    }
}
