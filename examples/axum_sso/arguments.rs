//! The command line.

use crate::Problem;
use core::net::SocketAddr;
use kerbside::Policy;
use kerbside::http::gate::Network;
use kerbside::numbers::Enctype;
use lexopt::prelude::{Long, Short, ValueExt as _};
use std::path::PathBuf;

pub(crate) const USAGE: &str =
    "usage: axum_sso [--keytab FILE] [--service HTTP[/host[@REALM]]] [--policy strict|default|windows]
    [--allow-enctype NAME]... [--listen ADDRESS] [--tls-cert FILE --tls-key FILE] [--admin PRINCIPAL]...
    [--session-key-file FILE] [--ask-only NETWORK]... [--trusted-proxy NETWORK]...
Without a keytab it plays a realm of its own, and says how to log in.";

pub(crate) struct Arguments {
    pub(crate) keytab: Option<PathBuf>,
    pub(crate) service: String,
    pub(crate) policy: Policy,
    pub(crate) listen: SocketAddr,
    pub(crate) tls: Option<TlsFiles>,
    pub(crate) admins: Vec<String>,
    pub(crate) session_key: Option<PathBuf>,
    pub(crate) ask_only: Vec<Network>,
    pub(crate) proxies: Vec<Network>,
}

pub(crate) struct TlsFiles {
    pub(crate) certificates: PathBuf,
    pub(crate) key: PathBuf,
}

impl Arguments {
    /// Reads the command line; `None` if help was asked for.
    pub(crate) fn parse() -> Result<Option<Self>, Problem> {
        let mut arguments = Self {
            keytab: None,
            service: "HTTP".to_owned(),
            policy: Policy::default(),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            tls: None,
            admins: Vec::new(),
            session_key: None,
            ask_only: Vec::new(),
            proxies: Vec::new(),
        };
        let (mut certificates, mut key) = (None, None);
        let mut enctypes: Vec<Enctype> = Vec::new();
        let mut parser = lexopt::Parser::from_env();
        while let Some(argument) = parser.next()? {
            match argument {
                Long("keytab") => arguments.keytab = Some(parser.value()?.into()),
                Long("service") => arguments.service = parser.value()?.string()?,
                Long("policy") => arguments.policy = preset(&parser.value()?.string()?)?,
                Long("allow-enctype") => enctypes.push(parser.value()?.parse()?),
                Long("listen") => arguments.listen = parser.value()?.parse()?,
                Long("tls-cert") => certificates = Some(parser.value()?.into()),
                Long("tls-key") => key = Some(parser.value()?.into()),
                Long("admin") => arguments.admins.push(parser.value()?.string()?),
                Long("session-key-file") => arguments.session_key = Some(parser.value()?.into()),
                Long("ask-only") => arguments.ask_only.push(parser.value()?.parse()?),
                Long("trusted-proxy") => arguments.proxies.push(parser.value()?.parse()?),
                Short('h') | Long("help") => return Ok(None),
                other => return Err(other.unexpected().into()),
            }
        }
        enctypes.into_iter().for_each(|enctype| arguments.policy.enctypes.allow_everywhere(enctype));
        arguments.tls = match (certificates, key) {
            (Some(certificates), Some(key)) => Some(TlsFiles { certificates, key }),
            (None, None) => None,
            _ => return Err("--tls-cert and --tls-key go together".into()),
        };
        if arguments.keytab.is_none() && !arguments.listen.ip().is_loopback() {
            return Err("without --keytab anybody may log in as anybody: that is for loopback addresses".into());
        }
        Ok(Some(arguments))
    }
}

fn preset(name: &str) -> Result<Policy, Problem> {
    match name {
        "strict" => Ok(Policy::strict()),
        "default" => Ok(Policy::default()),
        "windows" => Ok(Policy::windows_compatible()),
        other => Err(format!("no such policy: {other}").into()),
    }
}
