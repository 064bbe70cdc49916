//! The syntax: sections of relations, which are values or subsections of relations.
//!
//! ```text
//! [section]
//!     tag = value
//!     tag = "quoted \"value\""
//!     tag = {
//!         tag = value
//!     }
//! include /path
//! includedir /path
//! ```
//!
//! Lines that begin with `#` or `;` are comments. A section or tag that comes again adds to the one before; of several values the
//! first counts where one is wanted.

use super::error::{Krb5ConfError, Krb5ConfErrorKind as Kind};
use alloc::string::String;
use alloc::vec::Vec;
use core::str::Lines;

/// How deep subsections, and how deep included texts may be. Real files have two levels of either.
const MAX_DEPTH: usize = 16;

/// What a text includes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Inclusion<'a> {
    /// `include`: this file.
    File(&'a str),
    /// `includedir`: the files in this directory whose names are letters, digits, `-` and `_` alone, or end in `.conf`.
    Directory(&'a str),
}

/// A text that was included, and what to call it in errors.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the caller makes it")]
pub struct IncludedText {
    /// Its path, or whatever names it.
    pub name: String,
    /// What is in it.
    pub text: String,
}

pub(super) type Include<'i> = &'i mut dyn FnMut(Inclusion<'_>) -> Result<Vec<IncludedText>, String>;

/// A whole text, included ones in their places.
#[derive(Default)]
pub(super) struct Profile {
    sections: Vec<Relation>,
}

/// A tag with what it stands for. A section is one too: its name, with a subsection.
pub(super) struct Relation {
    pub(super) tag: String,
    pub(super) line: usize,
    file: Option<String>,
    content: Content,
}

enum Content {
    Value(Value),
    Subsection(Vec<Relation>),
}

/// A value, where it stands, and its tag.
pub(super) struct Value {
    pub(super) tag: String,
    pub(super) text: String,
    pub(super) line: usize,
    file: Option<String>,
}

/// All relations of one name's sections.
pub(super) struct Section<'p> {
    parts: Vec<&'p [Relation]>,
}

impl Profile {
    pub(super) fn parse(text: &str, include: Include<'_>) -> Result<Self, Krb5ConfError> {
        let mut profile = Self::default();
        profile.read(Source { name: None, depth: 0 }, text, include)?;
        Ok(profile)
    }

    /// The relations of all sections of that name.
    pub(super) fn section(&self, name: &str) -> Section<'_> {
        let named = self.sections.iter().filter(|section| section.tag == name);
        Section { parts: named.filter_map(Relation::relations).collect() }
    }

    fn read(&mut self, source: Source<'_>, text: &str, include: Include<'_>) -> Result<(), Krb5ConfError> {
        let mut lines = NumberedLines { lines: text.lines(), number: 0, source };
        let mut section: Option<Relation> = None;
        while let Some(line) = lines.next_line() {
            if let Some(inclusion) = inclusion(line) {
                let goes_on = section.as_ref().map(|section| section.tag.clone());
                self.sections.extend(section.take());
                self.include(inclusion, &lines, include)?;
                section = goes_on.map(|name| lines.named(&name, Content::Subsection(Vec::new())));
            } else if line.split_ascii_whitespace().next() == Some("module") {
                return Err(lines.error(Kind::Module));
            } else if let Some(header) = line.strip_prefix('[') {
                self.sections.extend(section.take());
                section = Some(lines.section(header)?);
            } else {
                let relation = lines.relation(line, 1)?;
                let section = section.as_mut().ok_or_else(|| lines.error(Kind::OutsideOfSections))?;
                section.add(relation);
            }
        }
        self.sections.extend(section);
        Ok(())
    }

    /// Reads what is included where the line stands.
    fn include(
        &mut self,
        inclusion: Inclusion<'_>,
        lines: &NumberedLines<'_, '_>,
        include: Include<'_>,
    ) -> Result<(), Krb5ConfError> {
        for included in include(inclusion).map_err(|cause| lines.cannot_include(inclusion, cause))? {
            let source = lines.source.within(&included.name);
            let source = source.ok_or_else(|| lines.cannot_include(inclusion, String::from("nested too deep")))?;
            self.read(source, &included.text, include)?;
        }
        Ok(())
    }
}

impl Relation {
    /// The subsection that it must be.
    pub(super) fn subsection(&self) -> Result<Section<'_>, Krb5ConfError> {
        let not_one = || Krb5ConfError::new(Kind::NotASubsection, self.line, self.file.as_deref());
        self.relations().map(|relations| Section { parts: alloc::vec![relations] }).ok_or_else(not_one)
    }

    fn relations(&self) -> Option<&[Self]> {
        match &self.content {
            Content::Subsection(relations) => Some(relations),
            Content::Value(_) => None,
        }
    }

    fn add(&mut self, relation: Self) {
        if let Content::Subsection(relations) = &mut self.content {
            relations.push(relation);
        }
    }
}

impl<'p> Section<'p> {
    pub(super) fn relations(&self) -> impl Iterator<Item = &'p Relation> {
        self.parts.clone().into_iter().flatten()
    }

    /// The relations that are values.
    pub(super) fn values(&self) -> impl Iterator<Item = &'p Value> {
        self.relations().filter_map(|relation| match &relation.content {
            Content::Value(value) => Some(value),
            Content::Subsection(_) => None,
        })
    }

    /// The value of a tag: the first, if there are several.
    pub(super) fn value(&self, tag: &str) -> Option<&'p Value> {
        self.values().find(|value| value.tag == tag)
    }
}

impl Value {
    pub(super) fn error(&self, kind: Kind) -> Krb5ConfError {
        Krb5ConfError::new(kind, self.line, self.file.as_deref())
    }
}

/// The text that is being read: `None` for the outermost.
#[derive(Clone, Copy)]
struct Source<'s> {
    name: Option<&'s str>,
    depth: usize,
}

impl Source<'_> {
    fn within(self, name: &str) -> Option<Source<'_>> {
        let depth = self.depth.saturating_add(1);
        (depth <= MAX_DEPTH).then_some(Source { name: Some(name), depth })
    }
}

/// The lines that say something, trimmed.
struct NumberedLines<'t, 's> {
    lines: Lines<'t>,
    number: usize,
    source: Source<'s>,
}

impl<'t> NumberedLines<'t, '_> {
    fn next_line(&mut self) -> Option<&'t str> {
        loop {
            self.number = self.number.saturating_add(1);
            let line = self.lines.next()?.trim();
            if !line.is_empty() && !line.starts_with(['#', ';']) {
                return Some(line);
            }
        }
    }

    fn error(&self, kind: Kind) -> Krb5ConfError {
        Krb5ConfError::new(kind, self.number, self.source.name)
    }

    fn cannot_include(&self, inclusion: Inclusion<'_>, cause: String) -> Krb5ConfError {
        let (Inclusion::File(path) | Inclusion::Directory(path)) = inclusion;
        self.error(Kind::Included { path: String::from(path), cause })
    }

    fn named(&self, tag: &str, content: Content) -> Relation {
        Relation { tag: String::from(tag), line: self.number, file: self.source.name.map(String::from), content }
    }

    /// What stands behind the `[` of a header.
    fn section(&self, header: &str) -> Result<Relation, Krb5ConfError> {
        let name = header.trim_end_matches('*').trim_end().strip_suffix(']').map(str::trim);
        let name = name.filter(|name| !name.is_empty() && !name.contains(['[', ']']));
        let name = name.ok_or_else(|| self.error(Kind::Header))?;
        Ok(self.named(name, Content::Subsection(Vec::new())))
    }

    /// A relation that begins with this line, to the end of its subsection if it has one.
    fn relation(&mut self, line: &str, depth: usize) -> Result<Relation, Krb5ConfError> {
        if line.starts_with('}') {
            return Err(self.error(Kind::StrayBrace));
        }
        let (tag, value) = line.split_once('=').ok_or_else(|| self.error(Kind::Relation))?;
        let (tag, value) = (tag.trim().trim_end_matches('*'), value.trim());
        if tag.is_empty() || tag.contains(char::is_whitespace) {
            return Err(self.error(Kind::Relation));
        }
        let mut relation = self.named(tag, Content::Subsection(Vec::new()));
        let begins = if value.is_empty() { self.next_line() == Some("{") } else { value == "{" };
        if begins {
            let relations = self.subsection(depth).map_err(|error| unclosed_at(error, &relation))?;
            relation.content = Content::Subsection(relations);
        } else if value.is_empty() {
            return Err(Krb5ConfError::new(Kind::Relation, relation.line, self.source.name));
        } else {
            let (text, line, file) = (self.text(value)?, relation.line, relation.file.clone());
            relation.content = Content::Value(Value { tag: String::from(tag), text, line, file });
        }
        Ok(relation)
    }

    /// The relations of a subsection, to its brace.
    fn subsection(&mut self, depth: usize) -> Result<Vec<Relation>, Krb5ConfError> {
        if depth > MAX_DEPTH {
            return Err(self.error(Kind::TooDeep { limit: MAX_DEPTH }));
        }
        let mut relations = Vec::new();
        loop {
            match self.next_line() {
                None => return Err(self.error(Kind::Unclosed)),
                Some(header) if header.starts_with('[') => return Err(self.error(Kind::Unclosed)),
                Some("}" | "}*") => return Ok(relations),
                Some(line) => relations.push(self.relation(line, depth.saturating_add(1))?),
            }
        }
    }

    /// A value without its quotes.
    fn text(&self, value: &str) -> Result<String, Krb5ConfError> {
        let Some(quoted) = value.strip_prefix('"') else { return Ok(String::from(value)) };
        let mut text = String::new();
        let mut letters = quoted.chars();
        while let Some(letter) = letters.next() {
            match letter {
                '"' if letters.as_str().is_empty() => return Ok(text),
                '"' => break,
                '\\' => text.extend(letters.next().map(unescaped)),
                other => text.push(other),
            }
        }
        Err(self.error(Kind::Quote))
    }
}

/// A subsection that does not end is found out where the text ends, and told of where it begins.
fn unclosed_at(error: Krb5ConfError, relation: &Relation) -> Krb5ConfError {
    if *error.kind() == Kind::Unclosed {
        return Krb5ConfError::new(Kind::Unclosed, relation.line, relation.file.as_deref());
    }
    error
}

fn unescaped(letter: char) -> char {
    match letter {
        'n' => '\n',
        't' => '\t',
        'b' => '\u{8}',
        other => other,
    }
}

fn inclusion(line: &str) -> Option<Inclusion<'_>> {
    let (word, path) = line.split_once(char::is_whitespace)?;
    match word {
        "include" => Some(Inclusion::File(path.trim())),
        "includedir" => Some(Inclusion::Directory(path.trim())),
        _ => None,
    }
}
