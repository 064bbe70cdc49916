//! The end of a login: who it is, whom it asks to act as, and the layer.

use super::{BufferLimit, ChoiceError, Layer, LayerChoice, SecurityLayer};
use crate::acceptor::{Accepted, RandomSource};
use crate::gss::Confidentiality;
use crate::principal::Principal;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;

/// A client that was authenticated, and what it chose.
///
/// Whether it may act as its [`authorization_id`](Self::authorization_id) is for the caller to decide.
pub struct Authenticated {
    accepted: Box<Accepted>,
    authorization_id: Option<String>,
    agreed: Option<Agreed>,
}

/// What a layer is made of besides the context.
pub(super) struct Agreed {
    pub(super) confidentiality: Confidentiality,
    pub(super) send: BufferLimit,
    pub(super) receive: BufferLimit,
    pub(super) random: Arc<dyn RandomSource>,
}

impl Authenticated {
    /// Of a choice that the offer has.
    pub(super) fn new(
        mut accepted: Box<Accepted>,
        choice: &LayerChoice<'_>,
        receive: BufferLimit,
        random: Arc<dyn RandomSource>,
    ) -> Result<Self, ChoiceError> {
        let confidentiality = match choice.layer {
            Layer::None => None,
            Layer::Integrity => Some(Confidentiality::SignedOnly),
            Layer::Confidentiality => Some(Confidentiality::Sealed),
        };
        let agreed = confidentiality.zip(choice.send).map(|(confidentiality, send)| Agreed {
            confidentiality,
            send,
            receive,
            random,
        });
        if let Some(Agreed { confidentiality, send, .. }) = &agreed {
            if accepted.session_mut().wrap_size_limit(*confidentiality, send.octets()) == 0 {
                return Err(ChoiceError::NoRoom { octets: send.octets() });
            }
        }
        Ok(Self { accepted, authorization_id: choice.authorization_id.map(String::from), agreed })
    }

    /// The client, as Kerberos has proven it.
    #[must_use]
    pub fn client(&self) -> &Principal {
        self.accepted.client()
    }

    /// Whom the client asks to act as, if it says so: UTF-8 without NUL, and nothing else is known of it. It is not
    /// prepared, folded or mapped in any way (RFC 4752 §3.1 has no preparation), so compare it as the protocol says.
    ///
    /// `None` is the client's own identity, as the protocol derives it (RFC 4422 §3.4.1).
    #[must_use]
    pub fn authorization_id(&self) -> Option<&str> {
        self.authorization_id.as_deref()
    }

    /// The layer that was agreed on. Unless it is [`Layer::None`], everything that follows the protocol's success goes
    /// through [`into_layer`](Self::into_layer), from the first octet on.
    #[must_use]
    pub fn layer(&self) -> Layer {
        match self.agreed.as_ref().map(|agreed| agreed.confidentiality) {
            None => Layer::None,
            Some(Confidentiality::SignedOnly) => Layer::Integrity,
            Some(Confidentiality::Sealed) => Layer::Confidentiality,
        }
    }

    /// Everything else that the accepted token says. Its reply has been sent.
    #[must_use]
    pub fn accepted(&self) -> &Accepted {
        &self.accepted
    }

    /// The same, for whoever takes delegated credentials or the evidence off it.
    #[must_use]
    pub fn accepted_mut(&mut self) -> &mut Accepted {
        &mut self.accepted
    }

    /// The layer, if one was agreed on. Take everything else off the result first.
    #[must_use]
    pub fn into_layer(self) -> Option<SecurityLayer> {
        let session = self.accepted.into_session();
        self.agreed.map(|agreed| SecurityLayer::new(session, agreed))
    }
}

impl fmt::Debug for Authenticated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticated")
            .field("accepted", &self.accepted)
            .field("authorization_id", &self.authorization_id)
            .field("layer", &self.layer())
            .finish_non_exhaustive()
    }
}
