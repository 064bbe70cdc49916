//! Tokens of RFC 4121 that are put together by hand, and may say what no session says.

use kerbside::crypto::Key;
use kerbside::gss::Role;
use kerbside::numbers::KeyUsage;

/// A sealed Wrap token of RFC 4121 §4.2.4, put together here and not by the library.
pub(crate) struct SealedByHand {
    pub(crate) sender: Role,
    pub(crate) flags: u8,
    pub(crate) filler: u8,
    pub(crate) extra_count: u16,
    /// What the encrypted copy of the header says EC is.
    pub(crate) inner_extra_count: u16,
    pub(crate) rotation: u16,
    pub(crate) number: u64,
}

impl SealedByHand {
    /// What an initiator without subkeys sends.
    pub(crate) fn by_initiator(number: u64) -> Self {
        Self {
            sender: Role::Initiator,
            flags: 2,
            filler: 0xff,
            extra_count: 0,
            inner_extra_count: 0,
            rotation: 0,
            number,
        }
    }

    fn header(&self, extra_count: u16, rotation: u16) -> Vec<u8> {
        let mut header = vec![5, 4, self.flags, self.filler];
        header.extend(extra_count.to_be_bytes());
        header.extend(rotation.to_be_bytes());
        header.extend(self.number.to_be_bytes());
        header
    }

    pub(crate) fn around(&self, key: &Key, message: &[u8]) -> Vec<u8> {
        let usage = if self.sender == Role::Acceptor { KeyUsage(22) } else { KeyUsage(24) };
        let mut plaintext = message.to_vec();
        plaintext.extend(vec![0x55; usize::from(self.inner_extra_count)]);
        plaintext.extend(self.header(self.inner_extra_count, 0));
        let confounder = vec![0x77; key.info().confounder_octets];
        let mut body = Vec::new();
        key.encrypt(usage, &confounder, &plaintext, &mut body).unwrap();
        let octets = body.len();
        body.rotate_right(usize::from(self.rotation) % octets);
        [self.header(self.extra_count, self.rotation), body].concat()
    }
}
