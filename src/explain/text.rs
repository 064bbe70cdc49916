//! The report as people read it.

use super::tree::{Node, Palette, Tone, unbroken};
use super::{Audience, Candidate, Check, KeyFate, Report, Setting, Step, Verdict, needs_more};
use crate::acceptor::KeyMatch;
use crate::gss::TokenKind;
use crate::numbers::Enctype;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

/// The report in colours, for a terminal: see [`Report::colored`].
#[derive(Debug, Clone, Copy)]
pub struct Colored<'a> {
    report: &'a Report,
}

impl<'a> Colored<'a> {
    pub(super) fn new(report: &'a Report) -> Self {
        Self { report }
    }
}

impl fmt::Display for Colored<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        tree(self.report).write(f, Palette::Ansi)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        tree(self).write(f, Palette::None)
    }
}

fn tree(report: &Report) -> Node {
    let parts = [answer(report), remedies(report), token(report), claims(report), keys(report), checks(report)];
    let parts = parts.into_iter().chain([lenience(report), policy(report)]);
    headline(report).with(parts.filter(|part| !part.is_leaf()))
}

fn headline(report: &Report) -> Node {
    match report.answer() {
        Ok(()) => Node::new(Tone::Good, "Nothing but a replay would refuse this token"),
        Err(error) if needs_more(error.kind()) => {
            Node::new(Tone::Lenient, format!("Not decided by this token alone: {}", error.kind().name()))
        }
        Err(error) => Node::new(Tone::Bad, format!("Refused: {}", error.kind().name())),
    }
}

/// What an accept says, and every other reason beside the one that it says.
fn answer(report: &Report) -> Node {
    let mut node = Node::new(Tone::Heading, "Answer");
    node.push(plain(format!("acceptor's time {}", report.now())));
    let Err(error) = report.answer() else { return node };
    let decides = report.first_refusal().map(|check| check.step);
    let at = decides.map_or_else(String::new, |step| format!("{step}: "));
    node.push(Node::new(Tone::Bad, format!("{at}{error}")));
    node.push(plain(format!("{}, {}", error.krb_error_code(), error.gss_major().name())));
    for check in report.refusals().skip(1) {
        if let Verdict::Refused(error) = &check.verdict {
            node.push(Node::new(Tone::Bad, format!("and {}: {} ({error})", check.step, error.kind().name())));
        }
    }
    node
}

fn token(report: &Report) -> Node {
    let facts = report.token();
    let mut node = Node::new(Tone::Heading, "Token");
    let hash = facts.sha256_prefix.map_or_else(String::new, |prefix| {
        let digits: String = prefix.iter().map(|octet| format!("{octet:02x}")).collect();
        format!(", SHA-256 {digits}…")
    });
    node.push(plain(format!("{}; {} octets{hash}", facts.kind, facts.octets)));
    if !facts.mechanisms.is_empty() {
        let mut offers = plain("offers, the favourite first");
        for (mech, position) in facts.mechanisms.iter().zip(1_usize..) {
            let name = mech.name.map_or_else(String::new, |name| format!("{name}, "));
            let chosen = if mech.chosen { "  <- chosen" } else { "" };
            let tone = if mech.chosen { Tone::Good } else { Tone::Plain };
            offers.push(Node::new(tone, format!("{position}. {name}{}{chosen}", mech.oid)));
        }
        if facts.more_mechanisms > 0 {
            offers.push(plain(format!("and {} more", facts.more_mechanisms)));
        }
        node.push(offers);
    }
    match facts.inner {
        Some(inner) => node.push(plain(format!("inside: {inner}"))),
        None if facts.kind == TokenKind::Spnego && !facts.mechanisms.is_empty() => node.push(plain("nothing inside")),
        None => {}
    }
    if let Some(frame) = facts.frame {
        node.push(plain(format!("AP-REQ in {frame}")));
    }
    node
}

fn claims(report: &Report) -> Node {
    let mut node = Node::new(Tone::Heading, "Said in the clear, and proven by nobody");
    let Some(ticket) = report.ticket() else { return node };
    let kvno = ticket.kvno.map_or_else(|| String::from("not stated"), |kvno| kvno.to_string());
    node.push(plain(format!("service {}, {}", shortened(&ticket.service), ticket.name_type)));
    node.push(plain(format!("ticket under {}, kvno {kvno}, {} octets", ticket.etype, ticket.cipher_octets)));
    let octets = ticket.authenticator_octets;
    node.push(plain(format!("authenticator under {}, {octets} octets", ticket.authenticator_etype)));
    let options = if ticket.ap_options.is_empty() { String::from("none") } else { ticket.ap_options.join(", ") };
    node.push(plain(format!("ap-options: {options}")));
    node
}

/// No name in use is as long as what a token has room for.
pub(super) fn shortened(name: &impl fmt::Display) -> String {
    let text = name.to_string();
    match text.char_indices().nth(600).and_then(|(end, _)| text.get(..end)) {
        Some(cut) => format!("{cut}…"),
        None => text,
    }
}

fn keys(report: &Report) -> Node {
    let mut node = Node::new(Tone::Heading, "Keys, in the order in which they would be tried");
    for candidate in report.candidates() {
        node.push(key(candidate));
    }
    if report.more_candidates() > 0 {
        node.push(plain(format!("and {} more keys", report.more_candidates())));
    }
    node
}

fn key(candidate: &Candidate) -> Node {
    let relation = match candidate.key_match {
        Some(KeyMatch::LowBits) => ", low bits agree",
        Some(KeyMatch::Wildcard) => ", fits any version",
        Some(KeyMatch::OtherKvno) => ", another version",
        Some(KeyMatch::Alias) => ", another name",
        Some(KeyMatch::Exact) | None => "",
    };
    let retires = candidate.retires.map_or_else(String::new, |until| format!(", retires at {until}"));
    let behind = match (candidate.fate, candidate.opens) {
        (KeyFate::Opened | KeyFate::DidNotOpen, _) | (_, None) => "",
        (_, Some(true)) => "; it would open the ticket",
        (_, Some(false)) => "; it would not open the ticket",
    };
    let tone = match (candidate.fate, candidate.opens) {
        (KeyFate::Opened, _) => Tone::Good,
        (_, Some(true)) => Tone::Lenient,
        (KeyFate::DidNotOpen, _) => Tone::Bad,
        _ => Tone::Faint,
    };
    let Candidate { service, kvno, enctype, fate, .. } = candidate;
    Node::new(tone, format!("{service} kvno {kvno}, {}{relation}{retires}: {fate}{behind}", name(*enctype)))
}

/// An enctype's name alone, where it has one.
fn name(enctype: Enctype) -> String {
    enctype.name().map_or_else(|| enctype.to_string(), ToString::to_string)
}

/// The groups of steps, by where their ids begin.
const GROUPS: [(&str, Step); 8] = [
    ("around the message", Step::L1),
    ("message", Step::A1),
    ("key", Step::K3),
    ("ticket and authenticator", Step::T2),
    ("client, address, path", Step::N1),
    ("times", Step::D1),
    ("enctypes, checksum, bindings, delegation", Step::E2),
    ("policy, answer, replay", Step::Ad),
];

fn checks(report: &Report) -> Node {
    let mut node = Node::new(Tone::Heading, "Steps");
    let next = |at: usize| GROUPS.get(at.saturating_add(1)).map(|(_, begins)| *begins);
    for ((title, begins), at) in GROUPS.into_iter().zip(0_usize..) {
        let inside = |check: &&Check| check.step >= begins && next(at).is_none_or(|next| check.step < next);
        let group: Vec<_> = report.checks().iter().filter(inside).collect();
        let mut lines = Node::new(Tone::Plain, title);
        group.iter().filter_map(|check| step(check)).for_each(|line| lines.push(line));
        let among = |wanted: fn(&Check) -> bool| {
            let steps: Vec<_> = group.iter().filter(|check| wanted(check)).map(|check| check.step.id()).collect();
            steps.join(" ")
        };
        let passed = among(|check| matches!(check.verdict, Verdict::Passed) && check.found.is_none());
        for (label, steps) in [
            ("passed      ", passed),
            ("not reached ", among(|check| matches!(check.verdict, Verdict::NotReached) && check.found.is_none())),
            ("not at issue", among(|check| matches!(check.verdict, Verdict::NotApplicable) && check.found.is_none())),
        ] {
            if !steps.is_empty() {
                lines.push(Node::new(Tone::Faint, format!("{label}  {steps}")).hanging(14));
            }
        }
        node.push(lines.alone_in_one_line());
    }
    node
}

/// A step that has something to show: its verdict, and what was looked at.
fn step(check: &Check) -> Option<Node> {
    let (verdict, tone) = match &check.verdict {
        Verdict::Passed => ("passed", Tone::Plain),
        Verdict::Tolerated(_) => ("TOLERATED", Tone::Lenient),
        Verdict::Refused(_) => ("REFUSED", Tone::Bad),
        Verdict::NotReached => ("not reached", Tone::Faint),
        Verdict::NotApplicable => ("not at issue", Tone::Faint),
    };
    let shows = matches!(check.verdict, Verdict::Refused(_) | Verdict::Tolerated(_)) || check.found.is_some();
    if !shows {
        return None;
    }
    let mut text = format!("{verdict:<12}  {:<5} {}", check.step.id(), check.step.title());
    if let Some(found) = &check.found {
        text = format!("{text}: {found}");
    }
    if let Some(wanted) = check.wanted.as_ref().filter(|wanted| check.found.as_ref() != Some(wanted)) {
        text = format!("{text} ({wanted})");
    }
    if let Verdict::Tolerated(tolerated) = &check.verdict {
        let tolerated: Vec<_> = tolerated.iter().take(8).map(ToString::to_string).collect();
        text = format!("{text} [{}]", tolerated.join("; "));
    }
    Some(Node::new(tone, text).hanging(20))
}

fn lenience(report: &Report) -> Node {
    let mut node = Node::new(Tone::Heading, "Lenience");
    for lenience in report.tolerated() {
        let (what, setting, otherwise) = (lenience.what, lenience.setting, lenience.otherwise);
        node.push(Node::new(Tone::Lenient, format!("let pass: {what}; {setting} = {otherwise} would refuse it")));
    }
    for lenience in report.would_tolerate() {
        let (setting, otherwise) = (lenience.setting, lenience.otherwise);
        let step = report
            .refusals()
            .find(|check| check.verdict.refusal().is_some_and(|error| error.kind().to_string() == lenience.what));
        let step = step.map_or("", |check| check.step.id());
        node.push(plain(format!("{step} would be let pass by {setting} = {otherwise}")));
    }
    node
}

fn remedies(report: &Report) -> Node {
    let mut node = Node::new(Tone::Heading, "What to do");
    for audience in [Audience::User, Audience::Server, Audience::Directory] {
        let mut group = plain(audience.to_string());
        let ours = || report.remedies().iter().filter(|remedy| remedy.audience == audience);
        for (remedy, at) in ours().zip(0_usize..) {
            if ours().take(at).any(|earlier| earlier.advice == remedy.advice) {
                continue;
            }
            let same = ours().filter(|other| other.advice == remedy.advice);
            let commands = same.filter_map(|remedy| Some((remedy.platform.label(), remedy.command.as_ref()?)));
            let commands =
                commands.map(|(label, command)| Node::new(Tone::Command, format!("{label}{command}")).whole());
            group.push(plain(remedy.advice.clone()).with(commands));
        }
        if !group.is_leaf() {
            node.push(group);
        }
    }
    node
}

fn policy(report: &Report) -> Node {
    let mut node = Node::new(Tone::Heading, format!("Policy in force, nearest to the preset {}", report.preset()));
    let is_list = |setting: &&Setting| setting.name.starts_with("enctypes.");
    for setting in report.settings().iter().filter(|setting| setting.changed) {
        node.push(Node::new(Tone::Lenient, format!("changed: {} = {}", setting.name, shortened(&setting.value))));
    }
    for setting in report.settings().iter().filter(|setting| !setting.changed).filter(is_list) {
        node.push(Node::new(Tone::Faint, format!("{} = {}", setting.name, setting.value)));
    }
    let others = report.settings().iter().filter(|setting| !setting.changed && !is_list(setting));
    let others: Vec<_> = others.map(|setting| unbroken(&format!("{} = {}", setting.name, setting.value))).collect();
    node.push(Node::new(Tone::Faint, others.join(", ")));
    node
}

fn plain(text: impl Into<String>) -> Node {
    Node::new(Tone::Plain, text)
}
