//! The three security layers, sets of them, and which ones a policy wants.

use crate::gss::ContextFlags;
use core::fmt;

/// What is done for the messages after the login (RFC 4752 §3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "RFC 4752 §3.3 has these three, and no other bit may be chosen")]
pub enum Layer {
    /// Nothing: they go as they are. Bit 1.
    None,
    /// Everybody can read them, nobody can change them. Bit 2.
    Integrity,
    /// Nobody can read them or change them. Bit 4.
    Confidentiality,
}

impl Layer {
    const ALL: [Self; 3] = [Self::None, Self::Integrity, Self::Confidentiality];

    const fn bit(self) -> u8 {
        match self {
            Self::None => 1,
            Self::Integrity => 2,
            Self::Confidentiality => 4,
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Integrity => "integrity",
            Self::Confidentiality => "confidentiality",
        })
    }
}

/// A set of layers: the bit-mask of RFC 4752 §3.2, without the bits that are reserved.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Layers(u8);

impl Layers {
    /// The bits that stand for something.
    const KNOWN: u8 = 7;

    /// These, and no others.
    #[must_use]
    pub fn new(layers: impl IntoIterator<Item = Layer>) -> Self {
        Self(layers.into_iter().fold(0, |mask, layer| mask | layer.bit()))
    }

    /// What a context can do: no layer without `INTEG`, and none with confidentiality without `CONF` (RFC 4752 §3.2).
    ///
    /// Q1: is a layer offered where the context does not watch the sequence of its messages, or without mutual
    /// authentication? RFC 4752 §3.1 has the client ask for both if it wants a layer, and says nothing of a server whose
    /// client did not. A: not without `SEQUENCE`, because somebody could then leave messages out or change their order, and
    /// neither side would know. But without `MUTUAL`: whoever makes a Wrap token holds the context's key, and so is the
    /// service. Java's client wants layers without it, unless it is told otherwise.
    pub(super) fn of_context(flags: ContextFlags) -> Self {
        let has = |wanted: ContextFlags| flags.contains(wanted);
        let ordered = has(ContextFlags::INTEG) && has(ContextFlags::SEQUENCE);
        Self::new(Layer::ALL.into_iter().filter(|layer| match layer {
            Layer::None => true,
            Layer::Integrity => ordered,
            Layer::Confidentiality => ordered && has(ContextFlags::CONF),
        }))
    }

    /// Whether this one is among them.
    #[must_use]
    pub fn contains(self, layer: Layer) -> bool {
        self.0 & layer.bit() != 0
    }

    /// Whether there is none, not even [`Layer::None`].
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those that stand in both.
    pub(super) fn common(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether there is one that protects anything.
    pub(super) fn protect(self) -> bool {
        self.0 & !Layer::None.bit() != 0
    }

    pub(super) fn mask(self) -> u8 {
        self.0
    }

    /// The layers of a mask, if it has no reserved bit.
    pub(super) fn from_mask(mask: u8) -> Option<Self> {
        (mask & !Self::KNOWN == 0).then_some(Self(mask))
    }

    /// The layer, if it is exactly one.
    pub(super) fn only(self) -> Option<Layer> {
        Layer::ALL.into_iter().find(|layer| layer.bit() == self.0)
    }
}

/// `none, integrity`; `no layer at all` for the empty set.
impl fmt::Display for Layers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for layer in Layer::ALL.into_iter().filter(|layer| self.contains(*layer)) {
            write!(f, "{separator}{layer}")?;
            separator = ", ";
        }
        if self.is_empty() { f.write_str("no layer at all") } else { Ok(()) }
    }
}

impl fmt::Debug for Layers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Layers({self})")
    }
}

/// Which security layers may be agreed on.
///
/// Q2: what is safe if nobody says anything? A: [`RequireConfidentiality`](Self::RequireConfidentiality). On a connection
/// that nothing else protects, a login without a layer proves who sent the first octets and nothing of the rest: whoever sits on the
/// line takes the connection over, or reads it. Over TLS it is the other way round: a second layer below the protocol costs
/// time and adds nothing, many clients have none to offer, and [`Refuse`](Self::Refuse) is right. Only the caller knows which
/// it is. TLS proves the server's name to the client; that the login was made for this very TLS connection is proven by
/// [channel bindings](crate::Connection::channel_bindings), from clients that send them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum LayerPolicy {
    /// Nothing less than confidentiality.
    #[default]
    RequireConfidentiality,
    /// Integrity or confidentiality, as the client likes.
    RequireIntegrity,
    /// Either of them or no layer, as the client likes: for ports that are open to both, until nobody comes without.
    Allow,
    /// No layer: the connection is protected already, by TLS.
    Refuse,
}

impl LayerPolicy {
    /// The layers that it lets be agreed on.
    #[must_use]
    pub fn layers(self) -> Layers {
        match self {
            Self::RequireConfidentiality => Layers::new([Layer::Confidentiality]),
            Self::RequireIntegrity => Layers::new([Layer::Integrity, Layer::Confidentiality]),
            Self::Allow => Layers::new(Layer::ALL),
            Self::Refuse => Layers::new([Layer::None]),
        }
    }
}
