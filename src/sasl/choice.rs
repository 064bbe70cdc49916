//! What the server offers and what the client chooses: the plaintexts of the last two messages (RFC 4752 §3.1, §3.2).

use super::{BufferLimit, Layer, Layers};
use core::str;

/// The server's offer: which layers, and how long a buffer may be that the client sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LayerOffer {
    layers: Layers,
    receive: BufferLimit,
}

impl LayerOffer {
    /// An offer of these layers.
    #[must_use]
    pub fn new(layers: Layers, receive: BufferLimit) -> Self {
        Self { layers, receive }
    }

    /// The layers offered.
    #[must_use]
    pub fn layers(&self) -> Layers {
        self.layers
    }

    /// The longest buffer that the client may send, if it chooses a layer.
    #[must_use]
    pub fn receive(&self) -> BufferLimit {
        self.receive
    }

    /// The bit-mask, then the size; the size is 0 where no layer protects anything (RFC 4752 §3.2).
    #[must_use]
    pub fn to_octets(&self) -> [u8; 4] {
        let [a, b, c] = if self.layers.protect() { self.receive.to_wire() } else { [0; 3] };
        [self.layers.mask(), a, b, c]
    }

    /// What the client chose of it.
    ///
    /// # Errors
    /// Every [`ChoiceError`] but [`NoRoom`](ChoiceError::NoRoom), which hangs on the context.
    pub fn read_choice<'a>(&self, plaintext: &'a [u8]) -> Result<LayerChoice<'a>, ChoiceError> {
        let (&[mask, a, b, c], authorization_id) =
            plaintext.split_first_chunk::<4>().ok_or(ChoiceError::TooShort { octets: plaintext.len() })?;
        let layers = Layers::from_mask(mask).ok_or(ChoiceError::ReservedBits { mask })?;
        let layer = layers.only().ok_or(ChoiceError::NotOneLayer { layers })?;
        if !self.layers.contains(layer) {
            return Err(ChoiceError::NotOffered { layer, offered: self.layers });
        }
        let send = BufferLimit::from_wire([a, b, c]);
        match (layer, send) {
            (Layer::None, Some(send)) => return Err(ChoiceError::SizeWithoutLayer { octets: send.octets() }),
            (Layer::Integrity | Layer::Confidentiality, None) => return Err(ChoiceError::NoRoom { octets: 0 }),
            _ => {}
        }
        Ok(LayerChoice { layer, send, authorization_id: read_authorization_id(authorization_id)? })
    }
}

/// The client's choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LayerChoice<'a> {
    /// The one layer, which was offered.
    pub layer: Layer,
    /// The longest buffer that the client takes; `None` without a layer, and only then.
    pub send: Option<BufferLimit>,
    /// Whom the client asks to act as, if it says so. Nobody has checked whether it may.
    pub authorization_id: Option<&'a str>,
}

/// Nothing is no identity (RFC 4422 §3.4.1); else it is UTF-8 without NUL at its end or anywhere (RFC 4752 §3.1).
fn read_authorization_id(octets: &[u8]) -> Result<Option<&str>, ChoiceError> {
    let id = str::from_utf8(octets).map_err(|error| ChoiceError::NotUtf8 { offset: error.valid_up_to() })?;
    if let Some(offset) = id.find('\0') {
        return Err(ChoiceError::Nul { offset });
    }
    Ok((!id.is_empty()).then_some(id))
}

/// Why a client's choice was refused. Its wrapping was good, so the client itself says it so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChoiceError {
    /// There are not even the four octets of layer and size.
    #[error("the choice of a security layer has {octets} octets and needs at least 4")]
    TooShort {
        /// How many there are.
        octets: usize,
    },
    /// Bits that stand for nothing must be off (RFC 4752 §3.3).
    #[error("the choice of a security layer has reserved bits: {mask:#04x}")]
    ReservedBits {
        /// The whole mask.
        mask: u8,
    },
    /// Exactly one layer is to be chosen.
    #[error("exactly one security layer is to be chosen, and the choice is {layers}")]
    NotOneLayer {
        /// Those that were chosen.
        layers: Layers,
    },
    /// The chosen layer was not offered: the client would be less protected, or more, than was agreed.
    #[error("the security layer {layer} was chosen, and offered was {offered}")]
    NotOffered {
        /// The one chosen.
        layer: Layer,
        /// Those that were offered.
        offered: Layers,
    },
    /// Without a layer the size must be 0 (RFC 4752 §3.2).
    #[error("no security layer was chosen, and yet a size of {octets} octets")]
    SizeWithoutLayer {
        /// The size.
        octets: usize,
    },
    /// The client takes no buffer that is long enough for a message of one octet, so that nothing could ever be sent.
    #[error("a security layer was chosen, and no message fits into the {octets} octets that the client takes")]
    NoRoom {
        /// The size.
        octets: usize,
    },
    /// The authorization identity holds NUL.
    #[error("the authorization identity holds NUL at octet {offset}")]
    Nul {
        /// Where.
        offset: usize,
    },
    /// The authorization identity is not UTF-8.
    #[error("the authorization identity is not UTF-8 at octet {offset}")]
    NotUtf8 {
        /// Where it ceases to be.
        offset: usize,
    },
}
