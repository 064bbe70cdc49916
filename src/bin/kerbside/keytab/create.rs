//! `kerbside keytab create` and the making of entries, which `add` shares.

use super::salt::SaltRule;
use super::write;
use crate::Outcome;
use crate::failure::Failure;
use crate::output::{Output, warn};
use crate::password::PasswordSource;
use crate::progress::Progress;
use clap::Args;
use kerbside::crypto::supported_enctypes;
use kerbside::keytab::{GuessableKey, KeytabEntry};
use kerbside::numbers::Enctype;
use kerbside::{KerberosTime, Keytab, Principal, Timestamp};
use std::path::PathBuf;
use std::time::SystemTime;

/// Make a new keytab with keys from a password
///
/// The password is asked for twice, or read from standard input or a descriptor; it is never
/// taken from the command line or the environment. No KDC is asked and nothing is changed
/// there: kvno, salt and password must be those that it has.
#[derive(Args)]
#[command(verbatim_doc_comment, after_help = EXAMPLES)]
pub(crate) struct Create {
    /// The keytab, which must not be there yet
    file: PathBuf,
    #[command(flatten)]
    new: NewEntries,
}

const EXAMPLES: &str = "\
Examples:
  MIT or Heimdal, key version 3:
    kerbside keytab create http.keytab --principal HTTP/web.example.com@EXAMPLE.COM --kvno 3
  Active Directory, service name mapped to the user account svcWeb:
    kerbside keytab create http.keytab --principal HTTP/web.example.com@EXAMPLE.COM --kvno 5 --salt ad-user:svcWeb
  Active Directory, computer account WEB$:
    kerbside keytab create http.keytab --principal HTTP/web.example.com@EXAMPLE.COM --kvno 2 --salt ad-computer:WEB
  From a file, without a prompt:
    kerbside keytab create http.keytab --principal HTTP/web@EXAMPLE.COM --kvno 3 --password-fd 3 3< secret

Where to find them:
  kvno   `kvno HTTP/web.example.com` with a ticket of anybody's;
         Windows: `Get-ADUser svcWeb -Properties msDS-KeyVersionNumber`
  salt   `KRB5_TRACE=/dev/stderr kinit HTTP/web.example.com` shows it, for text:SALT;
         Windows: ad-user or ad-computer, with the name that the account had when its
         password was last set";

impl Create {
    pub(crate) fn run(&self, output: &Output) -> Result<Outcome, Failure> {
        if self.file.symlink_metadata().is_ok() {
            return Err(Failure::new(format!("{} is there already", self.file.display()))
                .hint("`kerbside keytab add` adds entries to a keytab; or remove the file first"));
        }
        let mut keytab = Keytab::default();
        self.new.make()?.into_iter().for_each(|entry| keytab.add(entry));
        write(output, &self.file, &keytab, ("added", keytab.entries().len()))?;
        Ok(Outcome::Good)
    }
}

/// What entries are made of.
#[derive(Args)]
pub(super) struct NewEntries {
    /// Whose keys: NAME@REALM; may be repeated for several names of one account
    #[arg(short, long = "principal", value_name = "NAME@REALM", required = true)]
    principals: Vec<Principal>,
    /// The key version number that the KDC has
    #[arg(short, long, value_name = "N")]
    kvno: u32,
    /// An enctype, by name or number; may be repeated [default: aes256-cts and aes128-cts]
    #[arg(short, long = "enctype", value_name = "NAME")]
    enctypes: Vec<Enctype>,
    /// default (MIT, Heimdal), ad-user:ACCOUNT, ad-computer:ACCOUNT, text:SALT or hex:SALT
    #[arg(long, value_name = "RULE", default_value = "default")]
    salt: SaltRule,
    /// When the entries were made [default: now]
    #[arg(long, value_name = "RFC3339-TIME")]
    timestamp: Option<Timestamp>,
    #[command(flatten)]
    password: PasswordSource,
}

const DEFAULT_ENCTYPES: [Enctype; 2] = [Enctype::AES256_CTS_HMAC_SHA1_96, Enctype::AES128_CTS_HMAC_SHA1_96];

impl NewEntries {
    /// Asks for the password and makes the entries; warns of keys that can be guessed.
    pub(super) fn make(&self) -> Result<Vec<KeytabEntry>, Failure> {
        let enctypes = if self.enctypes.is_empty() { &DEFAULT_ENCTYPES[..] } else { &self.enctypes };
        check(enctypes)?;
        self.principals.iter().filter_map(GuessableKey::of_principal).for_each(warn);
        let password = self.password.read()?;
        GuessableKey::of_password(&password).into_iter().for_each(warn);
        let time = self.timestamp.unwrap_or_else(|| SystemTime::now().into()).second();
        let mut progress = Progress::of("keys", self.principals.len().saturating_mul(enctypes.len()));
        let mut made = Vec::new();
        for principal in &self.principals {
            for enctype in enctypes {
                progress.step();
                made.push(self.entry(principal, *enctype, &password, time)?);
            }
        }
        Ok(made)
    }

    fn entry(
        &self,
        principal: &Principal,
        enctype: Enctype,
        password: &[u8],
        time: KerberosTime,
    ) -> Result<KeytabEntry, Failure> {
        Ok(KeytabEntry::from_password(principal.clone(), self.kvno, time, enctype, password, &self.salt.0)?)
    }
}

/// Before anybody types a password.
fn check(enctypes: &[Enctype]) -> Result<(), Failure> {
    for enctype in enctypes {
        if !supported_enctypes().any(|info| info.enctype == *enctype) {
            let known: Vec<_> = supported_enctypes().map(|info| info.name()).collect();
            return Err(Failure::new(format!("keys of the enctype {enctype} cannot be made"))
                .hint(format!("known are {}", known.join(", "))));
        }
        if *enctype == Enctype::RC4_HMAC {
            warn("RC4 keys have no salt and are quickly guessed, and acceptors refuse them unless told otherwise");
        }
    }
    Ok(())
}
