//! Patterns with `*` and `?`, which fit a whole text or not at all.

use alloc::string::String;

/// A pattern: `*` stands for any letters or none, `?` for one; all else for itself, without regard to the case of ASCII letters.
///
/// It is anchored at both ends: `10.112.205.1?` does not fit `10.112.205.100`, and `mozilla` fits no browser; `*mozilla*` does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern(String);

impl Pattern {
    pub(super) fn new(text: &str) -> Self {
        Self(String::from(text))
    }

    /// Whether it fits. Takes at most pattern length times text length steps.
    pub(super) fn fits(&self, text: &str) -> bool {
        let (mut pattern, mut text) = (self.0.as_str(), text);
        // Where to go on if what follows the last star does not fit: behind the star, one letter further in the text.
        let mut retry: Option<(&str, &str)> = None;
        loop {
            let wanted = pattern.chars().next();
            let there = text.chars().next();
            if wanted == Some('*') {
                pattern = without_first(pattern);
                retry = Some((pattern, text));
            } else if fits_letter(wanted, there) {
                if wanted.is_none() {
                    return true;
                }
                (pattern, text) = (without_first(pattern), without_first(text));
            } else {
                match retry {
                    Some((behind_star, rest)) if !rest.is_empty() => {
                        let rest = without_first(rest);
                        retry = Some((behind_star, rest));
                        (pattern, text) = (behind_star, rest);
                    }
                    _ => return false,
                }
            }
        }
    }
}

/// Both at their end, or both a letter that is the same.
fn fits_letter(wanted: Option<char>, there: Option<char>) -> bool {
    match (wanted, there) {
        (None, None) => true,
        (Some('?'), Some(_)) => true,
        (Some(wanted), Some(there)) => wanted.eq_ignore_ascii_case(&there),
        _ => false,
    }
}

fn without_first(text: &str) -> &str {
    let mut letters = text.chars();
    letters.next();
    letters.as_str()
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn a_pattern_fits_the_whole_text() {
        for (pattern, text, fits) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "anything", true),
            ("a*c", "abbc", true),
            ("a*c", "abbcd", false),
            ("*Chrome/*", "Mozilla/5.0 Chrome/120", true),
            ("*chrome*", "Mozilla/5.0 Chrome/120", true),
            ("chrome", "Mozilla/5.0 Chrome/120", false),
            ("10.112.205.1?", "10.112.205.19", true),
            ("10.112.205.1?", "10.112.205.100", false),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b*", "xxbxxaxx", false),
            ("?", "ä", true),
            ("**", "x", true),
        ] {
            assert_eq!(Pattern::new(pattern).fits(text), fits, "{pattern} and {text}");
        }
    }

    #[test]
    fn many_stars_end_in_time() {
        let pattern = Pattern::new(&"*a".repeat(50));
        assert!(!pattern.fits(&"a".repeat(49)));
        assert!(!Pattern::new("*a*a*a*a*a*a*a*a*a*a*b").fits(&"a".repeat(20_000)));
    }
}
