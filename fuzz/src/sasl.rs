//! What a SASL client chose, once it is unwrapped: the first octet says what was offered, the others are the choice.
//!
//! What must hold: a choice that is read is the octets that it was read from, and a second opinion, which knows the rules of
//! RFC 4752 §3.2 and nothing else, agrees.

use kerbside::sasl::{BufferLimit, Layer, LayerChoice, LayerOffer, Layers};

const LAYERS: [(Layer, u8); 3] = [(Layer::None, 1), (Layer::Integrity, 2), (Layer::Confidentiality, 4)];

/// Checks everything that must hold for the octets.
pub fn run(octets: &[u8]) {
    let Some((&offered, plaintext)) = octets.split_first() else { return };
    let layers = LAYERS.into_iter().filter(|(_, bit)| offered & bit != 0).map(|(layer, _)| layer);
    let offer = LayerOffer::new(Layers::new(layers), BufferLimit::default());
    assert_eq!(offer.to_octets()[0], offered & 7);
    match offer.read_choice(plaintext) {
        Ok(choice) => {
            assert!(is_a_choice(offered, plaintext));
            assert_eq!(written(&choice), plaintext);
        }
        Err(error) => {
            assert!(!is_a_choice(offered, plaintext), "{error}");
            assert!(!error.to_string().is_empty());
        }
    }
}

fn written(choice: &LayerChoice<'_>) -> Vec<u8> {
    let bit = LAYERS.into_iter().find(|(layer, _)| *layer == choice.layer).expect("it is one of the three").1;
    let size = choice.send.map_or(0, BufferLimit::octets);
    let [.., a, b, c] = size.to_be_bytes();
    let id = choice.authorization_id.unwrap_or_default();
    [&[bit, a, b, c], id.as_bytes()].concat()
}

fn is_a_choice(offered: u8, plaintext: &[u8]) -> bool {
    let [mask, size @ ..] = plaintext else { return false };
    let Some((size, id)) = size.split_at_checked(3) else { return false };
    let is_one = mask.count_ones() == 1 && *mask < 8;
    let has_size = size.iter().any(|octet| *octet != 0);
    is_one
        && mask & offered != 0
        && has_size == (*mask != 1)
        && !id.contains(&0)
        && String::from_utf8(id.to_vec()).is_ok()
}
