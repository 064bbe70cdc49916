//! The salt, as it stands on the command line.

use core::str::FromStr;
use kerbside::crypto::Salt;

/// `default`, `ad-user:ACCOUNT`, `ad-computer:ACCOUNT`, `text:SALT` or `hex:SALT`.
#[derive(Clone)]
pub(super) struct SaltRule(pub(super) Salt);

impl FromStr for SaltRule {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const RULES: &str = "not one of default, ad-user:ACCOUNT, ad-computer:ACCOUNT, text:SALT, hex:SALT";
        if text == "default" {
            return Ok(Self(Salt::Default));
        }
        let (rule, value) = text.split_once(':').ok_or(RULES)?;
        Ok(Self(match rule {
            "ad-user" | "ad-computer" if value.is_empty() => return Err("the account's name is missing"),
            "ad-user" => Salt::ActiveDirectoryUser { account: value.into() },
            "ad-computer" => Salt::ActiveDirectoryComputer { account: value.into() },
            "text" => Salt::Exact(value.into()),
            "hex" => Salt::Exact(hexadecimal(value).ok_or("not pairs of hexadecimal digits")?),
            _ => return Err(RULES),
        }))
    }
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text.chars().map(|digit| digit.to_digit(16)?.try_into().ok()).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks(2).map(|pair| pair.iter().fold(0, |octet, digit| octet << 4 | digit)).collect())
}
