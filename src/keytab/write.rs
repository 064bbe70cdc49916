//! Writing: entries to the octets of a file of format 0x0502.

use super::error::{KeytabError, KeytabErrorKind, KeytabField};
use super::format::MAX_COMPONENTS;
use super::{Keytab, KeytabEntry};
use crate::principal::Principal;
use crate::wipe::SecretOctets;
use alloc::vec::Vec;
use core::fmt;
use zeroize::Zeroizing;

/// The octets of a keytab file. They hold keys, and are zeroized on drop.
pub struct KeytabOctets(Zeroizing<Vec<u8>>);

impl KeytabOctets {
    /// The octets of the file.
    #[must_use]
    pub fn as_octets(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for KeytabOctets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeytabOctets({} octets)", self.0.len())
    }
}

impl Keytab {
    /// The keytab as a file of format 0x0502: all entries in their order, also those whose key is of no use here.
    ///
    /// The kvno is written in an octet and in 32 bits, so that one above 255 survives; whatever a file had behind it (holes,
    /// Heimdal's flags) does not.
    ///
    /// # Errors
    ///
    /// `ComponentCount` and `DoesNotFit`, with the entry's place in this keytab: a name, key, time or enctype for which the
    /// format has no room. What was read from a file always fits.
    pub fn to_bytes(&self) -> Result<KeytabOctets, KeytabError> {
        let mut file = SecretOctets::with_capacity(self.entries.len().saturating_mul(USUAL_RECORD_OCTETS));
        file.put(&[5, 2]);
        for (position, entry) in self.entries.iter().enumerate() {
            let record = record(entry).map_err(|kind| KeytabError::of_entry(kind, position.saturating_add(1)))?;
            file.put(&size(&record)?);
            file.put(&record);
        }
        Ok(KeytabOctets(file.finish()))
    }
}

/// What an entry takes as a rule, so that the buffer seldom grows.
const USUAL_RECORD_OCTETS: usize = 128;

type Written<T> = Result<T, KeytabErrorKind>;

/// A record without its size.
fn record(entry: &KeytabEntry) -> Written<Zeroizing<Vec<u8>>> {
    use KeytabField as Field;
    let principal = entry.principal();
    let mut record = SecretOctets::with_capacity(USUAL_RECORD_OCTETS);
    record.put(&component_count(principal)?.to_be_bytes());
    put_counted(&mut record, principal.realm(), Field::Realm)?;
    principal.components().try_for_each(|component| put_counted(&mut record, component, Field::Component))?;
    record.put(&principal.name_type().0.to_be_bytes());
    let timestamp = u32::try_from(entry.timestamp().unix_seconds());
    record.put(&timestamp.map_err(|_| KeytabErrorKind::DoesNotFit(Field::Timestamp))?.to_be_bytes());
    let kvno = entry.kvno().to_be_bytes();
    let [.., low_octet] = kvno;
    record.put(&[low_octet]);
    let enctype = i16::try_from(entry.enctype().0);
    record.put(&enctype.map_err(|_| KeytabErrorKind::DoesNotFit(Field::Enctype))?.to_be_bytes());
    put_counted(&mut record, entry.key_octets(), Field::Key)?;
    record.put(&kvno);
    Ok(record.finish())
}

fn component_count(principal: &Principal) -> Written<u16> {
    let counted = u16::try_from(principal.components().count()).unwrap_or(u16::MAX);
    match counted {
        1..=MAX_COMPONENTS => Ok(counted),
        _ => Err(KeytabErrorKind::ComponentCount { counted, most: MAX_COMPONENTS }),
    }
}

/// Octets behind their length in two octets.
fn put_counted(record: &mut SecretOctets, octets: &[u8], field: KeytabField) -> Written<()> {
    let length = u16::try_from(octets.len()).map_err(|_| KeytabErrorKind::DoesNotFit(field))?;
    record.put(&length.to_be_bytes());
    record.put(octets);
    Ok(())
}

/// No record of 16 components of 64 KiB comes near the limit.
fn size(record: &[u8]) -> Written<[u8; 4]> {
    i32::try_from(record.len()).map(i32::to_be_bytes).map_err(|_| KeytabErrorKind::DoesNotFit(KeytabField::Component))
}
