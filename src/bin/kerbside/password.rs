//! Where a password comes from: a prompt, standard input or a descriptor. Never the command line or the environment, where others
//! can read it.

use crate::failure::Failure;
use clap::Args;
use std::fs::File;
use std::io::{self, Read};
use zeroize::Zeroizing;

pub(crate) type Password = Zeroizing<Vec<u8>>;

/// Where the password comes from; without any of these it is asked for.
#[derive(Args)]
pub(crate) struct PasswordSource {
    /// Read the password from standard input, one line
    #[arg(long)]
    password_stdin: bool,
    /// Read the password from an open file descriptor, one line (Unix)
    #[arg(long, value_name = "N", conflicts_with = "password_stdin")]
    password_fd: Option<u32>,
}

/// No password is as long.
const MOST_OCTETS: usize = 4096;

impl PasswordSource {
    pub(crate) fn read(&self) -> Result<Password, Failure> {
        let password = match self.password_fd {
            Some(number) => one_line(open_descriptor(number)?, &format!("descriptor {number}"))?,
            None if self.password_stdin => one_line(io::stdin(), "standard input")?,
            None => asked_twice()?,
        };
        if password.is_empty() {
            return Err(Failure::new("the password is empty"));
        }
        Ok(password)
    }
}

#[cfg(unix)]
fn open_descriptor(number: u32) -> Result<File, Failure> {
    File::open(format!("/dev/fd/{number}")).map_err(|error| {
        Failure::new(format!("descriptor {number} cannot be read: {error}"))
            .hint("open it for this command, as in `--password-fd 3 3< FILE`")
    })
}

#[cfg(not(unix))]
fn open_descriptor(_: u32) -> Result<File, Failure> {
    Err(Failure::new("descriptors are for Unix").hint("use --password-stdin"))
}

/// One line, without what ends it. More than one is refused: half a password would make a key that nobody can explain.
fn one_line(mut source: impl Read, name: &str) -> Result<Password, Failure> {
    // Of this size from the beginning, so that no copy stays where it was before.
    let mut octets = Zeroizing::new(vec![0; MOST_OCTETS]);
    let mut length = 0;
    while length < MOST_OCTETS {
        match source.read(octets.get_mut(length..).unwrap_or_default()) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Failure::new(format!("{name} cannot be read: {error}"))),
        }
    }
    if length == MOST_OCTETS {
        return Err(Failure::new(format!("{name} holds more than a password")));
    }
    octets.truncate(length);
    for ending in [b'\n', b'\r'] {
        if octets.last() == Some(&ending) {
            octets.pop();
        }
    }
    if octets.contains(&b'\n') {
        return Err(Failure::new(format!("{name} holds more than one line")).hint("give the password alone"));
    }
    Ok(octets)
}

fn asked_twice() -> Result<Password, Failure> {
    let password = ask("Password: ")?;
    if ask("Again: ")? != password {
        return Err(Failure::new("the passwords differ; nothing was written"));
    }
    Ok(password)
}

fn ask(prompt: &str) -> Result<Password, Failure> {
    let asked = rpassword::prompt_password(prompt);
    asked.map(|password| Zeroizing::new(password.into_bytes())).map_err(|error| {
        Failure::new(format!("the password cannot be asked for: {error}"))
            .hint("without a terminal, use --password-stdin or --password-fd")
    })
}
