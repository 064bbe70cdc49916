//! The effective policy: every setting in force, and how it differs from the nearest preset.

use crate::acceptor::{EnctypePolicy, EnctypeRole, Policy, Spn};
use crate::limits::Limits;
use crate::numbers::Enctype;
use crate::principal::Escaped;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// One setting in force.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Setting {
    /// The field of [`Policy`] or of [`Limits`], or `services`.
    pub name: &'static str,
    /// Its value, as it is written in code where that is short.
    pub value: String,
    /// Whether it is another one than that of the nearest preset.
    pub changed: bool,
}

/// Every setting in force, against the preset that it is nearest to, and that preset's name.
pub(super) fn effective(policy: &Policy, limits: &Limits, services: &Spn) -> (&'static str, Vec<Setting>) {
    let found = of_policy(policy);
    let presets = [
        ("default", Policy::default()),
        ("strict", Policy::strict()),
        ("windows_compatible", Policy::windows_compatible()),
    ];
    let differences = |preset: &Policy| found.iter().zip(of_policy(preset)).filter(|(a, b)| *a != b).count();
    let nearest = presets.iter().min_by_key(|(_, preset)| differences(preset));
    let (name, usual) = nearest.map_or(("default", Vec::new()), |(name, preset)| (*name, of_policy(preset)));
    let usual = usual.into_iter().chain(of_limits(&Limits::default()));
    let in_force = found.into_iter().chain(of_limits(limits));
    let mut settings: Vec<_> = in_force
        .zip(usual)
        .map(|((name, value), (_, usual))| Setting { name, changed: value != usual, value })
        .collect();
    settings
        .insert(0, Setting { name: "services", value: services.to_string(), changed: *services != Spn::AnyInKeytab });
    (name, settings)
}

/// A setting that is added to the policy does not compile until it is here.
fn of_policy(policy: &Policy) -> Vec<(&'static str, String)> {
    let Policy {
        kvno,
        aliases,
        name_case,
        microsoft_oid,
        lengths,
        enctypes,
        missing_checksum,
        plain_checksum,
        channel_bindings,
        unbound_connections,
        dce,
        mech_list_mic,
        copied_mech_list_mic,
        repeated_mechanism,
        rc4_messages,
        delegation,
        evidence,
        critical_authorization_data,
        direct_cross_realm,
        realm_paths,
        client_realms,
        anonymous,
        addresses,
        target,
        restart,
        wire_code,
        skew,
    } = policy;
    let paths = if realm_paths.is_empty() { "the hierarchy of names" } else { "configured" };
    Vec::from([
        ("kvno", format!("{kvno:?}")),
        ("aliases", format!("{aliases:?}")),
        ("name_case", format!("{name_case:?}")),
        ("microsoft_oid", format!("{microsoft_oid:?}")),
        ("lengths", format!("{lengths:?}")),
        ("enctypes.ticket", names(enctypes, EnctypeRole::Ticket)),
        ("enctypes.session_key", names(enctypes, EnctypeRole::SessionKey)),
        ("enctypes.subkey", names(enctypes, EnctypeRole::Subkey)),
        ("missing_checksum", format!("{missing_checksum:?}")),
        ("plain_checksum", format!("{plain_checksum:?}")),
        ("channel_bindings", format!("{channel_bindings:?}")),
        ("unbound_connections", format!("{unbound_connections:?}")),
        ("dce", format!("{dce:?}")),
        ("mech_list_mic", format!("{mech_list_mic:?}")),
        ("copied_mech_list_mic", format!("{copied_mech_list_mic:?}")),
        ("repeated_mechanism", format!("{repeated_mechanism:?}")),
        ("rc4_messages", format!("{rc4_messages:?}")),
        ("delegation", format!("{delegation:?}")),
        ("evidence", format!("{evidence:?}")),
        ("critical_authorization_data", format!("{critical_authorization_data:?}")),
        ("direct_cross_realm", format!("{direct_cross_realm:?}")),
        ("realm_paths", paths.to_string()),
        ("client_realms", realms(client_realms.as_deref())),
        ("anonymous", format!("{anonymous:?}")),
        ("addresses", format!("{addresses:?}")),
        ("target", format!("{target:?}")),
        ("restart", format!("{restart:?}")),
        ("wire_code", format!("{wire_code:?}")),
        ("skew", format!("{} s", skew.as_secs())),
    ])
}

fn of_limits(limits: &Limits) -> Vec<(&'static str, String)> {
    let Limits {
        token_octets,
        nesting,
        legs,
        trial_keys,
        transited_realms,
        transited_octets,
        delegated_credentials,
        header_octets,
    } = limits;
    Vec::from([
        ("token_octets", token_octets.to_string()),
        ("nesting", nesting.to_string()),
        ("legs", legs.to_string()),
        ("trial_keys", trial_keys.to_string()),
        ("transited_realms", transited_realms.to_string()),
        ("transited_octets", transited_octets.to_string()),
        ("delegated_credentials", delegated_credentials.to_string()),
        ("header_octets", header_octets.to_string()),
    ])
}

fn names(enctypes: &EnctypePolicy, role: EnctypeRole) -> String {
    let name = |enctype: &Enctype| enctype.name().map_or_else(|| enctype.to_string(), ToString::to_string);
    enctypes.allowed(role).iter().map(name).collect::<Vec<_>>().join(" ")
}

fn realms(realms: Option<&[Box<[u8]>]>) -> String {
    let Some(realms) = realms else { return String::from("any") };
    let shown = realms.iter().map(|realm| Escaped { octets: realm, special: &[] }.to_string());
    shown.collect::<Vec<_>>().join(" ")
}
