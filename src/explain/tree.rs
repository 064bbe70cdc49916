//! A tree in plain text, in lines of 100 columns where words allow it.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write as _};

/// How wide lines are at most, if a word is not longer.
const COLUMNS: usize = 100;

/// How a line is meant, for whoever shows it in colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Heading,
    Good,
    Bad,
    Lenient,
    Faint,
    Command,
}

impl Tone {
    /// The escape sequence that turns it on (ECMA-48 §8.3.117).
    fn on(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Heading => "\u{1b}[1m",
            Self::Good => "\u{1b}[32m",
            Self::Bad => "\u{1b}[1;31m",
            Self::Lenient => "\u{1b}[33m",
            Self::Faint => "\u{1b}[2m",
            Self::Command => "\u{1b}[36m",
        }
    }
}

/// Whether escape sequences are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Palette {
    None,
    Ansi,
}

/// A line, and what belongs to it.
pub(super) struct Node {
    text: String,
    tone: Tone,
    /// How far the second line of a long text stands behind the first.
    hanging: usize,
    breaking: Breaking,
    children: Vec<Self>,
}

/// Whether a long line is broken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Breaking {
    AtBlanks,
    /// A command is copied as a whole.
    Never,
}

impl Node {
    pub(super) fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { text: text.into(), tone, hanging: 2, breaking: Breaking::AtBlanks, children: Vec::new() }
    }

    pub(super) fn hanging(self, hanging: usize) -> Self {
        Self { hanging, ..self }
    }

    pub(super) fn whole(self) -> Self {
        Self { breaking: Breaking::Never, ..self }
    }

    /// With its only child behind it, if that has none.
    pub(super) fn alone_in_one_line(mut self) -> Self {
        match (self.children.pop(), self.children.as_slice()) {
            (Some(only), []) if only.is_leaf() => {
                let words: Vec<_> = only.text.split_whitespace().collect();
                let text = alloc::format!("{}: {}", self.text, words.join(" "));
                Self { text, hanging: 2, ..only }
            }
            (last, _) => {
                self.children.extend(last);
                self
            }
        }
    }

    pub(super) fn push(&mut self, child: Self) {
        self.children.push(child);
    }

    pub(super) fn with(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children);
        self
    }

    pub(super) fn is_leaf(&self) -> bool {
        self.children.is_empty()
    }

    /// Writes the tree, this node at the left.
    pub(super) fn write(&self, f: &mut fmt::Formatter<'_>, palette: Palette) -> fmt::Result {
        self.write_behind(f, palette, &mut String::new(), "")
    }

    fn write_behind(
        &self,
        f: &mut fmt::Formatter<'_>,
        palette: Palette,
        margin: &mut String,
        branch: &str,
    ) -> fmt::Result {
        let below = match branch {
            "" => "",
            "└─ " => "   ",
            _ => "│  ",
        };
        let kept = margin.len();
        let mut first = true;
        let used = margin.chars().count().saturating_add(branch.chars().count());
        let width = match self.breaking {
            Breaking::AtBlanks => COLUMNS.saturating_sub(used),
            Breaking::Never => usize::MAX,
        };
        for line in wrapped(&self.text, width, self.hanging) {
            f.write_str(margin)?;
            f.write_str(if first { branch } else { below })?;
            if !first && !self.is_leaf() {
                f.write_str("│  ")?;
            }
            match palette {
                Palette::Ansi if self.tone != Tone::Plain => write!(f, "{}{line}\u{1b}[0m", self.tone.on())?,
                _ => f.write_str(&line)?,
            }
            f.write_char('\n')?;
            first = false;
        }
        margin.push_str(below);
        let mut children = self.children.iter().peekable();
        while let Some(child) = children.next() {
            let branch = if children.peek().is_some() { "├─ " } else { "└─ " };
            child.write_behind(f, palette, margin, branch)?;
        }
        margin.truncate(kept);
        Ok(())
    }
}

/// The text with blanks at which no line is broken.
pub(super) fn unbroken(text: &str) -> String {
    text.replace(' ', NO_BREAK)
}

const NO_BREAK: &str = "\u{a0}";

/// The lines of a text; runs of blanks inside the first line are kept, because columns stand there.
fn wrapped(text: &str, width: usize, hanging: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut columns = 0_usize;
    let mut begun = false;
    for word in text.split(' ') {
        let octets = word.chars().count();
        if begun && columns.saturating_add(octets).saturating_add(1) > width && !word.is_empty() {
            lines.push(core::mem::take(&mut line));
            line.extend(core::iter::repeat_n(' ', hanging));
            columns = hanging;
        } else if begun {
            line.push(' ');
            columns = columns.saturating_add(1);
        }
        line.push_str(word);
        columns = columns.saturating_add(octets);
        begun = true;
    }
    lines.push(line);
    lines.iter_mut().for_each(|line| *line = line.replace(NO_BREAK, " "));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    struct Shown(Node, Palette);

    impl fmt::Display for Shown {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.write(f, self.1)
        }
    }

    fn tree() -> Node {
        let long = "word ".repeat(30);
        Node::new(Tone::Heading, "root").with([
            Node::new(Tone::Plain, long.trim_end()),
            Node::new(Tone::Bad, "second").with([Node::new(Tone::Plain, "third")]),
        ])
    }

    #[test]
    fn a_tree_is_drawn_with_its_branches_and_in_lines_that_fit() {
        let text = Shown(tree(), Palette::None).to_string();
        assert!(text.lines().all(|line| line.chars().count() <= COLUMNS), "{text}");
        let lines: Vec<_> = text.lines().map(|line| line.chars().take(9).collect::<String>()).collect();
        assert_eq!(lines, ["root", "├─ word w", "│    word", "└─ second", "   └─ thi"]);
        assert!(!text.contains('\u{1b}'));
    }

    #[test]
    fn colours_stand_around_the_text_and_not_around_the_branches() {
        let text = Shown(tree(), Palette::Ansi).to_string();
        assert!(text.contains("└─ \u{1b}[1;31msecond\u{1b}[0m\n"), "{text}");
        assert_eq!(text.matches("\u{1b}[0m").count(), 2);
    }

    #[test]
    fn a_word_longer_than_a_line_stands_alone() {
        let word = "x".repeat(120);
        assert_eq!(wrapped(&alloc::format!("a {word} b"), 100, 2).len(), 3);
        assert_eq!(wrapped("", 100, 2), [""]);
    }
}
