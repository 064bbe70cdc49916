//! The report for machines, behind the feature `serde`: [`Report`] implements `serde::Serialize`.
//! Views of it with the names that its documentation promises; whoever renames a field of the report does not rename one here.

use super::text::shortened;
use super::{
    Audience, Candidate, Check, KeyFate, Lenience, Mechanism, Platform, Remedy, Report, Setting, TicketFacts,
    TokenFacts, Verdict, needs_more,
};
use crate::acceptor::{Error, KeyMatch};
use crate::gss::TokenKind;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde::{Serialize, Serializer};

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ReportView::of(self).serialize(serializer)
    }
}

#[derive(Serialize)]
struct ReportView<'a> {
    now: String,
    answer: &'static str,
    error: Option<ErrorView>,
    token: TokenView<'a>,
    unproven_ticket: Option<TicketView<'a>>,
    keys: Vec<KeyView>,
    more_keys: usize,
    checks: Vec<CheckView<'a>>,
    tolerated: Vec<LenienceView>,
    would_tolerate: Vec<LenienceView>,
    policy: PolicyView<'a>,
    remedies: Vec<RemedyView<'a>>,
}

#[derive(Serialize)]
struct ErrorView {
    kind: &'static str,
    step: Option<&'static str>,
    krb_error_code: i32,
    gss_major: &'static str,
    message: String,
    hint: String,
}

#[derive(Serialize)]
struct TokenView<'a> {
    octets: usize,
    sha256_prefix: Option<String>,
    kind: String,
    kerberos_error_code: Option<i32>,
    ntlm_message_type: Option<u32>,
    inner_kind: Option<String>,
    frame: Option<String>,
    mechanisms: Vec<MechanismView<'a>>,
    more_mechanisms: usize,
}

#[derive(Serialize)]
struct MechanismView<'a> {
    oid: &'a str,
    name: Option<&'a str>,
    chosen: bool,
}

#[derive(Serialize)]
struct TicketView<'a> {
    service: String,
    name_type: i32,
    etype: i32,
    etype_name: Option<&'static str>,
    kvno: Option<u32>,
    cipher_octets: usize,
    ap_options: &'a [&'static str],
    authenticator_etype: i32,
    authenticator_octets: usize,
}

#[derive(Serialize)]
struct KeyView {
    service: String,
    kvno: u32,
    etype: i32,
    etype_name: Option<&'static str>,
    key_match: Option<&'static str>,
    fate: &'static str,
    opens: Option<bool>,
    retires: Option<String>,
    explanation: String,
}

#[derive(Serialize)]
struct CheckView<'a> {
    step: &'static str,
    title: &'static str,
    verdict: &'static str,
    found: Option<&'a str>,
    wanted: Option<&'a str>,
    kind: Option<&'static str>,
    message: Option<String>,
    tolerated: Vec<String>,
}

#[derive(Serialize)]
struct LenienceView {
    what: String,
    setting: &'static str,
    otherwise: &'static str,
}

#[derive(Serialize)]
struct PolicyView<'a> {
    preset: &'static str,
    settings: Vec<SettingView<'a>>,
}

#[derive(Serialize)]
struct SettingView<'a> {
    name: &'static str,
    value: &'a str,
    changed: bool,
}

#[derive(Serialize)]
struct RemedyView<'a> {
    audience: &'static str,
    platform: &'static str,
    advice: &'a str,
    command: Option<&'a str>,
}

impl<'a> ReportView<'a> {
    fn of(report: &'a Report) -> Self {
        let error = report.answer().err();
        let answer = match error {
            None => "accepted-but-for-replay",
            Some(error) if needs_more(error.kind()) => "continue",
            Some(_) => "refused",
        };
        let step = report.first_refusal().map(|check| check.step.id());
        Self {
            now: report.now().to_string(),
            answer,
            error: error.map(|error| ErrorView::of(error, step)),
            token: TokenView::of(report.token()),
            unproven_ticket: report.ticket().map(TicketView::of),
            keys: report.candidates().iter().map(KeyView::of).collect(),
            more_keys: report.more_candidates(),
            checks: report.checks().iter().map(CheckView::of).collect(),
            tolerated: report.tolerated().map(LenienceView::of).collect(),
            would_tolerate: report.would_tolerate().map(LenienceView::of).collect(),
            policy: PolicyView {
                preset: report.preset(),
                settings: report.settings().iter().map(SettingView::of).collect(),
            },
            remedies: report.remedies().iter().map(RemedyView::of).collect(),
        }
    }
}

impl ErrorView {
    fn of(error: &Error, step: Option<&'static str>) -> Self {
        Self {
            kind: error.kind().name(),
            step,
            krb_error_code: error.krb_error_code().0,
            gss_major: error.gss_major().name(),
            message: error.to_string(),
            hint: error.hint().into_owned(),
        }
    }
}

impl<'a> TokenView<'a> {
    fn of(token: &'a TokenFacts) -> Self {
        let hex = |prefix: [u8; 8]| prefix.iter().map(|octet| format!("{octet:02x}")).collect();
        let ntlm = |kind: TokenKind| match kind {
            TokenKind::Ntlm { message_type } => message_type,
            _ => None,
        };
        Self {
            octets: token.octets,
            sha256_prefix: token.sha256_prefix.map(hex),
            kind: token.kind.to_string(),
            kerberos_error_code: match token.kind {
                TokenKind::KrbError { code } => code.map(|code| code.0),
                _ => None,
            },
            ntlm_message_type: ntlm(token.kind).or_else(|| token.inner.and_then(ntlm)),
            inner_kind: token.inner.map(|kind| kind.to_string()),
            frame: token.frame.map(|frame| frame.to_string()),
            mechanisms: token.mechanisms.iter().map(MechanismView::of).collect(),
            more_mechanisms: token.more_mechanisms,
        }
    }
}

impl<'a> MechanismView<'a> {
    fn of(mechanism: &'a Mechanism) -> Self {
        Self { oid: &mechanism.oid, name: mechanism.name, chosen: mechanism.chosen }
    }
}

impl<'a> TicketView<'a> {
    fn of(ticket: &'a TicketFacts) -> Self {
        Self {
            service: shortened(&ticket.service),
            name_type: ticket.name_type.0,
            etype: ticket.etype.0,
            etype_name: ticket.etype.name(),
            kvno: ticket.kvno,
            cipher_octets: ticket.cipher_octets,
            ap_options: &ticket.ap_options,
            authenticator_etype: ticket.authenticator_etype.0,
            authenticator_octets: ticket.authenticator_octets,
        }
    }
}

impl KeyView {
    fn of(candidate: &Candidate) -> Self {
        Self {
            service: candidate.service.to_string(),
            kvno: candidate.kvno,
            etype: candidate.enctype.0,
            etype_name: candidate.enctype.name(),
            key_match: candidate.key_match.map(|key_match| match key_match {
                KeyMatch::Exact => "exact",
                KeyMatch::LowBits => "low-bits",
                KeyMatch::Wildcard => "wildcard",
                KeyMatch::OtherKvno => "other-kvno",
                KeyMatch::Alias => "alias",
            }),
            fate: match candidate.fate {
                KeyFate::Opened => "opened",
                KeyFate::DidNotOpen => "did-not-open",
                KeyFate::NotNeeded => "not-needed",
                KeyFate::TriedBefore => "tried-before",
                KeyFate::BeyondTrialLimit => "beyond-trial-limit",
                KeyFate::OtherEnctype => "other-enctype",
                KeyFate::EnctypeNotPermitted => "enctype-not-permitted",
                KeyFate::NotAllowedByServicePolicy => "not-allowed-by-service-policy",
                KeyFate::OtherVersion => "other-version",
                KeyFate::OtherName => "other-name",
                KeyFate::NameMustMatch => "name-must-match",
                KeyFate::EnctypeNotSupported => "enctype-not-supported",
                KeyFate::WrongLength { .. } => "wrong-length",
            },
            opens: candidate.opens,
            retires: candidate.retires.map(|until| until.to_string()),
            explanation: candidate.fate.to_string(),
        }
    }
}

impl<'a> CheckView<'a> {
    fn of(check: &'a Check) -> Self {
        let refusal = check.verdict.refusal();
        Self {
            step: check.step.id(),
            title: check.step.title(),
            verdict: match check.verdict {
                Verdict::Passed => "passed",
                Verdict::Tolerated(_) => "tolerated",
                Verdict::Refused(_) => "refused",
                Verdict::NotReached => "not-reached",
                Verdict::NotApplicable => "not-applicable",
            },
            found: check.found.as_deref(),
            wanted: check.wanted.as_deref(),
            kind: refusal.map(|error| error.kind().name()),
            message: refusal.map(ToString::to_string),
            tolerated: match &check.verdict {
                Verdict::Tolerated(tolerated) => tolerated.iter().map(ToString::to_string).collect(),
                _ => Vec::new(),
            },
        }
    }
}

impl LenienceView {
    fn of(lenience: Lenience) -> Self {
        Self { what: lenience.what, setting: lenience.setting, otherwise: lenience.otherwise }
    }
}

impl<'a> SettingView<'a> {
    fn of(setting: &'a Setting) -> Self {
        Self { name: setting.name, value: &setting.value, changed: setting.changed }
    }
}

impl<'a> RemedyView<'a> {
    fn of(remedy: &'a Remedy) -> Self {
        Self {
            audience: match remedy.audience {
                Audience::User => "user",
                Audience::Server => "server",
                Audience::Directory => "directory",
            },
            platform: match remedy.platform {
                Platform::Any => "any",
                Platform::Windows => "windows",
                Platform::Unix => "unix",
            },
            advice: &remedy.advice,
            command: remedy.command.as_deref(),
        }
    }
}
