//! The guide: from an account in the directory to a login, and what to do when there is none.
//!
//! Pages to read, with no code in them but that of their examples:
//!
//! - [`ten_minutes`]: an account, a keytab, a server, a browser.
//! - [`troubleshooting`]: by what you see, and by the error's name.
//! - [`migration`]: for servers that used a binding of GSS-API until now.

#[doc = include_str!("ten_minutes.md")]
pub mod ten_minutes {}

#[doc = include_str!("troubleshooting.md")]
pub mod troubleshooting {}

#[doc = include_str!("migration.md")]
pub mod migration {}
