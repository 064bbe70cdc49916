//! A source file, and what of it is code.

/// A file by its name below the root, with forward slashes.
pub(crate) struct Source {
    pub(crate) name: String,
    text: String,
    code: String,
}

impl Source {
    pub(crate) fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let code = without_unit_tests(&blank_comments_and_strings(&text)).to_owned();
        Self { name: name.into(), text, code }
    }

    /// The whole text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The text up to the unit tests; comments, strings and characters are blanks, line breaks stay.
    pub(crate) fn code(&self) -> &str {
        &self.code
    }

    pub(crate) fn code_lines(&self) -> usize {
        self.code.lines().filter(|line| !line.trim().is_empty()).count()
    }

    /// Whether the file is a module of unit tests.
    pub(crate) fn is_unit_tests(&self) -> bool {
        self.name.ends_with("/tests.rs") || self.name.contains("/tests/")
    }

    /// The module of the crate that the file belongs to; none for `lib.rs`.
    pub(crate) fn module(&self) -> Option<String> {
        self.module_path().first().cloned()
    }

    /// The path of the file's own module: `src/asn1/reader.rs` is `["asn1", "reader"]`.
    pub(crate) fn module_path(&self) -> Vec<String> {
        let below = self.name.strip_prefix("src/").unwrap_or(&self.name);
        let below = below.strip_suffix(".rs").unwrap_or(below);
        below.split('/').filter(|part| !matches!(*part, "mod" | "lib")).map(str::to_owned).collect()
    }
}

/// Everything before the first `#[cfg(test)]` that stands before a module with a body.
fn without_unit_tests(code: &str) -> &str {
    let attribute = "#[cfg(test)]";
    code.match_indices(attribute)
        .find(|(at, _)| {
            let after = code[at + attribute.len()..].trim_start();
            after.starts_with("mod ") && after.find(['{', ';']).is_some_and(|end| after[end..].starts_with('{'))
        })
        .map_or(code, |(at, _)| &code[..at])
}

fn blank_comments_and_strings(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let blanked = blank_at_the_start(rest, out.chars().next_back()).min(rest.len());
        if blanked == 0 {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            out.extend(rest[..blanked].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
            rest = &rest[blanked..];
        }
    }
    out
}

/// How many octets at the start of `rest` are a comment, a string or a character.
fn blank_at_the_start(rest: &str, before: Option<char>) -> usize {
    let in_a_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return block_comment(rest);
    }
    if let Some(hashes) = raw_string(rest).filter(|_| !in_a_word) {
        let open = rest.find('"').unwrap_or(0) + 1;
        let close = format!("\"{}", "#".repeat(hashes));
        return rest[open..].find(&close).map_or(rest.len(), |at| open + at + close.len());
    }
    if rest.starts_with('"') {
        return quoted(rest, '"');
    }
    if rest.starts_with('\'') && is_char_literal(rest) {
        return quoted(rest, '\'');
    }
    0
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                break;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

/// The number of `#` if a raw string begins here.
fn raw_string(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let quoted = after.trim_start_matches('#');
    quoted.starts_with('"').then(|| after.len() - quoted.len())
}

fn is_char_literal(rest: &str) -> bool {
    let mut chars = rest.chars().skip(1);
    match (chars.next(), chars.next()) {
        (Some('\\'), _) => true,
        (Some(_), Some(second)) => second == '\'',
        _ => false,
    }
}

/// How many octets a literal takes, both quotes counted.
fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

mod tests {
    use super::*;

    #[test]
    fn comments_and_strings_are_not_code() {
        let source = Source::new(
            "src/a.rs",
            "// crate::one\nlet x = \"crate::two\"; /* crate::three\n/* nested */ crate::four */ let c = '\"'; \
             let r = r#\"crate::five \" \"#; let l: &'static str = \"\\\"crate::six\"; crate::seven();\n",
        );
        assert!(!["one", "two", "three", "four", "five", "six"].iter().any(|word| source.code().contains(word)));
        assert!(source.code().contains("crate::seven"));
        assert!(source.code().contains("&'static str"));
        assert_eq!(source.code().lines().count(), source.text().lines().count());
    }

    #[test]
    fn unit_tests_blank_lines_and_comments_are_not_counted() {
        let source =
            Source::new("src/a.rs", "fn a() {}\n\n// why\nfn b() {}\n#[cfg(test)]\nmod tests {\n fn c() {}\n}\n");
        assert_eq!(source.code_lines(), 2);
        assert_eq!(Source::new("src/a.rs", "#[cfg(test)]\nmod tests;\nfn b() {}\n").code_lines(), 3);
        assert_eq!(Source::new("src/a.rs", "#[cfg(test)]\nuse x::{y};\nfn b() {}\n").code_lines(), 3);
    }

    #[test]
    fn a_file_knows_its_module() {
        assert_eq!(Source::new("src/lib.rs", "").module(), None);
        assert_eq!(Source::new("src/time.rs", "").module().as_deref(), Some("time"));
        assert_eq!(Source::new("src/asn1/mod.rs", "").module_path(), ["asn1"]);
        assert_eq!(Source::new("src/asn1/reader.rs", "").module_path(), ["asn1", "reader"]);
        assert!(Source::new("src/asn1/tests.rs", "").is_unit_tests());
        assert!(!Source::new("src/testing/mod.rs", "").is_unit_tests());
    }
}
