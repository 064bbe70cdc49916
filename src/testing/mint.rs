//! What a login writes: the token from the outside in, and what the initiator sends after the first answer.

use super::authenticator::Authenticator;
use super::defect::{Defect, Part, flip_bit};
use super::der_write::Productions;
use super::framing::{Framing, MechListMic, MechToken, initial_token};
use super::keys::{EncryptionKey, encrypted_data};
use super::login::Login;
use super::mic::{self, Sender};
use super::reply::{Reply, ReplyError, encode_ap_rep};
use super::ticket::Ticket;
use crate::numbers::KeyUsage;
use alloc::vec::Vec;

impl Login {
    /// The token that the client sends.
    #[must_use]
    pub fn token(&self) -> Vec<u8> {
        let mut token = match self.framing {
            Framing::BareApReq => self.ap_req(),
            Framing::RawKrb5 => self.krb5_token(),
            Framing::Spnego | Framing::SpnegoContinuation => self.spnego_token(),
        };
        for defect in &self.defects {
            if let Defect::Truncated(octets) = defect {
                token.truncate(*octets);
            }
        }
        token
    }

    /// The AP-REQ alone.
    #[must_use]
    pub fn ap_req(&self) -> Vec<u8> {
        let etype = self.ap_req.authenticator_etype.unwrap_or(self.ticket.key.keytype);
        let authenticator = encrypted_data(etype, self.ap_req.authenticator_kvno, &self.authenticator_ciphertext());
        self.ap_req.encode(&self.ticket_octets(), &authenticator, self.productions())
    }

    /// The ticket alone.
    #[must_use]
    pub fn ticket_octets(&self) -> Vec<u8> {
        self.ticket.encode(&self.ticket_ciphertext(), self.productions())
    }

    /// The EncTicketPart before it is sealed.
    #[must_use]
    pub fn enc_ticket_part(&self) -> Vec<u8> {
        self.enc_ticket_part.clone().unwrap_or_else(|| self.ticket.encode_enc_part(self.productions()))
    }

    /// The Authenticator before it is sealed.
    #[must_use]
    pub fn authenticator_octets(&self) -> Vec<u8> {
        let mint = || self.authenticator.encode(&self.ticket.key, self.productions());
        self.enc_authenticator.clone().unwrap_or_else(mint)
    }

    /// The ticket, as it was configured.
    #[must_use]
    pub fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    /// The authenticator, as it was configured.
    #[must_use]
    pub fn authenticator(&self) -> &Authenticator {
        &self.authenticator
    }

    /// Opens what the acceptor answered, and checks what an initiator checks: that the answer is of the same kind as
    /// the token, names a mechanism that was offered, and holds an AP-REP of whoever could open the ticket.
    ///
    /// # Errors
    ///
    /// [`ReplyError`] says which check failed. A KRB-ERROR that is well-formed is a reply and no error.
    pub fn verify_reply(&self, reply: &[u8]) -> Result<Reply, ReplyError> {
        Reply::open(self, reply)
    }

    /// The initiator's last message of a negotiation in which the acceptor sent its MIC: a NegTokenResp with the MIC
    /// of this side (RFC 4178 §5). Without a MIC where the enctype has none of RFC 4121 §4.2.6.1.
    #[must_use]
    pub fn mic_leg(&self, reply: &Reply) -> Vec<u8> {
        let acceptor_subkey = reply.ap_rep.as_ref().and_then(|ap_rep| ap_rep.subkey.as_ref());
        let (key, sender) = match acceptor_subkey {
            Some(key) => (key, Sender::InitiatorWithAcceptorSubkey),
            None => (self.initiator_key(), Sender::Initiator),
        };
        let mic = mic::over(key, sender, self.sequence_number(), &self.mech_types());
        self.negotiation.encode_resp(None, mic.as_deref(), self.productions())
    }

    /// The third leg of DCE style: a bare AP-REP that repeats the times and the acceptor's sequence number (MS-KILE
    /// §3.4.5.1). Without a sequence number if the reply had none.
    #[must_use]
    pub fn dce_leg(&self, reply: &Reply) -> Vec<u8> {
        let seq_number = reply.ap_rep.as_ref().and_then(|ap_rep| ap_rep.seq_number);
        encode_ap_rep(&self.ticket.key, &self.authenticator, seq_number, &self.authenticator_noise)
    }

    /// The MechTypeList as it was sent, for the MICs over it.
    pub(super) fn mech_types(&self) -> Vec<u8> {
        self.negotiation.encode_mech_types(self.productions()).unwrap_or_default()
    }

    /// The key of the context while there is no acceptor's subkey.
    pub(super) fn initiator_key(&self) -> &EncryptionKey {
        self.authenticator.subkey.as_ref().unwrap_or(&self.ticket.key)
    }

    pub(super) fn sequence_number(&self) -> u32 {
        mic::low_32_bits(self.authenticator.seq_number.unwrap_or_default())
    }

    fn productions(&self) -> Productions<'_> {
        Productions { defects: &self.defects }
    }

    fn krb5_token(&self) -> Vec<u8> {
        let inner = [self.token_id.as_slice(), &self.ap_req()].concat();
        initial_token(Part::GssToken, &self.mechanism, &inner, self.productions())
    }

    fn spnego_token(&self) -> Vec<u8> {
        let token = match &self.negotiation.mech_token {
            MechToken::Krb5 => Some(self.krb5_token()),
            MechToken::BareApReq => Some(self.ap_req()),
            MechToken::Absent => None,
            MechToken::Octets(octets) => Some(octets.clone()),
        };
        let mic = match &self.negotiation.mech_list_mic {
            MechListMic::Absent => None,
            MechListMic::Octets(octets) => Some(octets.clone()),
            MechListMic::Valid => {
                mic::over(self.initiator_key(), Sender::Initiator, self.sequence_number(), &self.mech_types())
            }
        };
        match self.framing {
            Framing::SpnegoContinuation => {
                self.negotiation.encode_resp(token.as_deref(), mic.as_deref(), self.productions())
            }
            _ => self.negotiation.encode_init(token.as_deref(), mic.as_deref(), self.productions()),
        }
    }

    fn ticket_ciphertext(&self) -> Vec<u8> {
        let key = self.key_or_wrong_one(&self.ticket.sealing_key, Defect::WrongServiceKey);
        let mut ciphertext = key.seal(KeyUsage::TICKET, &self.enc_ticket_part(), &self.ticket_noise);
        for defect in &self.defects {
            match defect {
                Defect::TicketBit(bit) => flip_bit(&mut ciphertext, *bit),
                Defect::TicketCiphertextCut(octets) => ciphertext.truncate(*octets),
                _ => {}
            }
        }
        ciphertext
    }

    fn authenticator_ciphertext(&self) -> Vec<u8> {
        let key = self.key_or_wrong_one(&self.ticket.key, Defect::WrongSessionKey);
        let plaintext = self.authenticator_octets();
        let mut ciphertext = key.seal(KeyUsage::AP_REQ_AUTHENTICATOR, &plaintext, &self.authenticator_noise);
        for defect in &self.defects {
            match defect {
                Defect::AuthenticatorBit(bit) => flip_bit(&mut ciphertext, *bit),
                Defect::AuthenticatorCiphertextCut(octets) => ciphertext.truncate(*octets),
                _ => {}
            }
        }
        ciphertext
    }

    fn key_or_wrong_one(&self, key: &EncryptionKey, defect: Defect) -> EncryptionKey {
        match self.defects.contains(&defect) {
            true => EncryptionKey::draw(&self.ticket_noise, "wrong key", key.keytype),
            false => key.clone(),
        }
    }
}
