//! The session: one established context, and what can be done with it.

use super::order::SequenceWindow;
use super::parameters::SessionParameters;
use super::tokens::{AnyTokens, Opened, Outgoing};
use super::{
    AssociatedData, Confidentiality, Rc4Messages, Received, Role, SessionError, SplitOctets, SplitToken, Unwrapped,
};
use crate::crypto::{Key, RandomSource, TokenForm};
use crate::gss::ContextFlags;
use crate::time::Timestamp;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

/// An established security context: it protects messages to the peer and verifies the peer's.
///
/// One value is one direction of sending and one of receiving, so calls take `&mut self`; it is `Send` and `Sync`. All keys are
/// zeroized on drop.
///
/// Q1: do calls fail once the ticket has ended? RFC 2743 §2.3 has `GSS_S_CONTEXT_EXPIRED` for it, RFC 4121 says nothing.
/// A: they do not, because a session has no clock and connections outlive tickets with every other implementation. A
/// caller who wants it asks [`check_current`](Self::check_current) first.
///
/// Q2: may a message be sealed where `CONF` was not agreed? A: yes. The flag says what was asked for, and a
/// service that seals more than that harms nobody; refusing, or sending in the clear as RFC 2743 §2.3.3 allows, would.
pub struct Session {
    pub(super) parameters: SessionParameters,
    pub(super) window: SequenceWindow,
    /// Made when the first message comes or goes: most contexts never see one.
    tokens: Option<Box<AnyTokens>>,
}

impl Session {
    /// The context of these parameters. Nothing is derived before it is needed.
    #[inline]
    #[must_use]
    pub fn new(mut parameters: SessionParameters) -> Self {
        parameters.send_sequence &= parameters.last_sequence_number();
        let window = SequenceWindow::new(&parameters);
        Self { parameters, window, tokens: None }
    }

    /// `GSS_GetMIC`: a token that proves that this side has seen the message (RFC 2743 §2.3.1).
    ///
    /// # Errors
    /// [`SessionError::Rc4NotAllowed`].
    pub fn get_mic(&mut self, message: &[u8]) -> Result<Vec<u8>, SessionError> {
        self.check_form()?;
        let sequence_number = self.parameters.send_sequence;
        let (tokens, key) = self.tokens();
        let token = tokens.mic(key, sequence_number, message);
        self.advance();
        Ok(token)
    }

    /// `GSS_VerifyMIC`: whether the token is the peer's for this message (RFC 2743 §2.3.2).
    ///
    /// # Errors
    /// [`SessionError::Malformed`], [`Reflected`](SessionError::Reflected), [`WrongKey`](SessionError::WrongKey),
    /// [`Integrity`](SessionError::Integrity), [`Rc4NotAllowed`](SessionError::Rc4NotAllowed).
    pub fn verify_mic(&mut self, message: &[u8], token: &[u8]) -> Result<Received, SessionError> {
        self.check_form()?;
        let (tokens, key) = self.tokens();
        let sequence_number = tokens.verify_mic(key, message, token)?;
        Ok(self.receive(sequence_number))
    }

    /// `GSS_Wrap`: the message inside a token (RFC 2743 §2.3.3).
    ///
    /// # Errors
    /// [`SessionError::Random`], [`Rc4NotAllowed`](SessionError::Rc4NotAllowed). No sequence number is then used up.
    pub fn wrap(
        &mut self,
        message: &[u8],
        confidentiality: Confidentiality,
        random: &dyn RandomSource,
    ) -> Result<Vec<u8>, SessionError> {
        self.check_form()?;
        let outgoing = self.outgoing(AssociatedData::default(), confidentiality, random);
        let (tokens, key) = self.tokens();
        let token = tokens.wrap(key, outgoing, message)?;
        self.advance();
        Ok(token)
    }

    /// `GSS_Unwrap`: the message inside the peer's token (RFC 2743 §2.3.4).
    ///
    /// # Errors
    /// As [`verify_mic`](Self::verify_mic).
    pub fn unwrap(&mut self, token: &[u8]) -> Result<Unwrapped<Vec<u8>>, SessionError> {
        self.check_form()?;
        let mut buffer = token.to_vec();
        let (tokens, key) = self.tokens();
        let opened = tokens.open(key, &mut buffer, AssociatedData::default())?;
        buffer.truncate(opened.place.end);
        buffer.drain(..opened.place.start.min(buffer.len()));
        Ok(self.unwrapped(&opened, buffer))
    }

    /// As [`unwrap`](Self::unwrap), without a copy: the message is a part of `token`.
    ///
    /// # Errors
    /// As [`verify_mic`](Self::verify_mic). What the buffer then holds is neither token nor message.
    pub fn unwrap_in_place<'t>(&mut self, token: &'t mut [u8]) -> Result<Unwrapped<&'t mut [u8]>, SessionError> {
        self.check_form()?;
        let (tokens, key) = self.tokens();
        let opened = tokens.open(key, token, AssociatedData::default())?;
        let message = token.get_mut(opened.place.clone()).ok_or(SessionError::Malformed)?;
        Ok(self.unwrapped(&opened, message))
    }

    /// Wraps `data` where it stands, and gives what belongs before and behind it: for WinRM, and for DCE RPC.
    ///
    /// Tokens of RFC 4121 have it all in the header, rotated as Windows does. A receiver may put header, data and
    /// trailer behind each other and has a Wrap token.
    ///
    /// # Errors
    /// As [`wrap`](Self::wrap); `data` is then as before.
    pub fn wrap_split(
        &mut self,
        data: &mut [u8],
        confidentiality: Confidentiality,
        random: &dyn RandomSource,
    ) -> Result<SplitToken, SessionError> {
        self.wrap_split_with(AssociatedData::default(), data, confidentiality, random)
    }

    /// As [`wrap_split`](Self::wrap_split), and signs what is around the data too: for DCE RPC with header signing.
    ///
    /// # Errors
    /// As [`wrap`](Self::wrap); `data` is then as before.
    pub fn wrap_split_with(
        &mut self,
        associated: AssociatedData<'_>,
        data: &mut [u8],
        confidentiality: Confidentiality,
        random: &dyn RandomSource,
    ) -> Result<SplitToken, SessionError> {
        self.check_form()?;
        let outgoing = self.outgoing(associated, confidentiality, random);
        let (tokens, key) = self.tokens();
        let split = tokens.wrap_split(key, outgoing, data)?;
        self.advance();
        Ok(split)
    }

    /// The lengths of what [`wrap_split`](Self::wrap_split) gives for so much data, whatever is signed with it.
    #[must_use]
    pub fn split_octets(&self, confidentiality: Confidentiality, data_octets: usize) -> SplitOctets {
        AnyTokens::new(&self.parameters).split_octets(confidentiality, data_octets)
    }

    /// The inverse of [`wrap_split`](Self::wrap_split): replaces `data` by the message, which has the same length. An
    /// empty `trailer` is one that the protocol does not have.
    ///
    /// # Errors
    /// As [`verify_mic`](Self::verify_mic); [`SessionError::Malformed`] if the message is longer or shorter than `data`.
    /// `data` is then as before.
    pub fn unwrap_split<'d>(
        &mut self,
        header: &[u8],
        data: &'d mut [u8],
        trailer: &[u8],
    ) -> Result<Unwrapped<&'d mut [u8]>, SessionError> {
        self.unwrap_split_with(AssociatedData::default(), header, data, trailer)
    }

    /// The inverse of [`wrap_split_with`](Self::wrap_split_with). What is around the data must be what the peer signed;
    /// what [`AssociatedData`] says of borders holds here.
    ///
    /// # Errors
    /// As [`unwrap_split`](Self::unwrap_split); [`SessionError::Integrity`] if the peer signed anything else.
    pub fn unwrap_split_with<'d>(
        &mut self,
        associated: AssociatedData<'_>,
        header: &[u8],
        data: &'d mut [u8],
        trailer: &[u8],
    ) -> Result<Unwrapped<&'d mut [u8]>, SessionError> {
        self.check_form()?;
        let mut token = [header, data, trailer].concat();
        let (tokens, key) = self.tokens();
        let opened = tokens.open(key, &mut token, associated)?;
        let message = token.get(opened.place.clone()).filter(|message| message.len() == data.len());
        data.copy_from_slice(message.ok_or(SessionError::Malformed)?);
        Ok(self.unwrapped(&opened, data))
    }

    /// `GSS_Wrap_size_limit`: the longest message whose token has no more than so many octets (RFC 2743 §2.2.7).
    #[must_use]
    pub fn wrap_size_limit(&self, confidentiality: Confidentiality, max_token_octets: usize) -> usize {
        let tokens = AnyTokens::new(&self.parameters);
        let mut limit = max_token_octets.saturating_sub(tokens.wrapped_octets(confidentiality, 0));
        // A longer message may need a longer length in front, of at most nine octets.
        while limit > 0 && tokens.wrapped_octets(confidentiality, limit) > max_token_octets {
            limit = limit.saturating_sub(1);
        }
        limit
    }

    /// Which side this is.
    #[must_use]
    pub fn role(&self) -> Role {
        self.parameters.role
    }

    /// The flags of the context (step M-7).
    #[must_use]
    pub fn flags(&self) -> ContextFlags {
        self.parameters.flags
    }

    /// When the context ends: with the ticket.
    #[must_use]
    pub fn expires(&self) -> Timestamp {
        self.parameters.expires
    }

    /// Whether the context has not ended. At its last moment it has not.
    ///
    /// # Errors
    /// [`SessionError::Expired`].
    pub fn check_current(&self, now: impl Into<Timestamp>) -> Result<(), SessionError> {
        let ended = self.expires();
        if now.into() > ended { Err(SessionError::Expired { ended }) } else { Ok(()) }
    }

    /// The key of the context (step M-1): what SMB calls the session key, and Windows `SECPKG_ATTR_SESSION_KEY`.
    #[must_use]
    pub fn export_session_key(&self) -> &Key {
        self.parameters.context_key()
    }

    /// The ticket's session key, which no message is under if there is a subkey.
    pub(crate) fn session_key(&self) -> &Key {
        &self.parameters.session_key
    }

    /// The subkey of the AP-REP.
    pub(crate) fn acceptor_subkey(&self) -> Option<&Key> {
        self.parameters.acceptor_subkey.as_ref()
    }

    /// Changes whether messages under RC4 are allowed. Other contexts do not mind.
    pub fn set_rc4_messages(&mut self, rc4_messages: Rc4Messages) {
        self.parameters.rc4_messages = rc4_messages;
    }

    /// Messages under RC4 can be forged (RFC 8429): whoever takes them has to say so.
    fn check_form(&self) -> Result<(), SessionError> {
        let form = self.parameters.context_key().row().token_form;
        match (form, self.parameters.rc4_messages) {
            (TokenForm::Rfc4757, Rc4Messages::Refuse) => Err(SessionError::Rc4NotAllowed),
            (TokenForm::Rfc4757 | TokenForm::Rfc4121, _) => Ok(()),
        }
    }

    /// The tokens of this context, and the key that they are under.
    fn tokens(&mut self) -> (&mut AnyTokens, &Key) {
        let Self { parameters, tokens, .. } = self;
        (tokens.get_or_insert_with(|| Box::new(AnyTokens::new(parameters))), parameters.context_key())
    }

    fn outgoing<'a>(
        &self,
        associated: AssociatedData<'a>,
        confidentiality: Confidentiality,
        random: &'a dyn RandomSource,
    ) -> Outgoing<'a> {
        Outgoing { sequence_number: self.parameters.send_sequence, confidentiality, associated, random }
    }

    fn advance(&mut self) {
        let next = self.parameters.send_sequence.wrapping_add(1);
        self.parameters.send_sequence = next & self.parameters.last_sequence_number();
    }

    fn receive(&mut self, sequence_number: u64) -> Received {
        Received { sequence_number, order: self.window.admit(sequence_number) }
    }

    fn unwrapped<M>(&mut self, opened: &Opened, message: M) -> Unwrapped<M> {
        let received = self.receive(opened.sequence_number);
        Unwrapped { message, confidentiality: opened.confidentiality, received }
    }
}

/// Without a key.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("role", &self.role())
            .field("enctype", &self.export_session_key().enctype())
            .field("flags", &self.flags())
            .field("expires", &self.expires())
            .finish_non_exhaustive()
    }
}
