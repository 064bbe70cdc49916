//! Checks of single constructs, and of what names what.

use super::source::Source;

/// What `check` finds in each source, with the file's name and the line before it.
pub(crate) fn findings(sources: &[Source], check: fn(&str) -> Vec<usize>) -> Vec<String> {
    let mut all = Vec::new();
    for source in sources {
        for at in check(source.code()) {
            let line = source.code()[..at].lines().count().max(1);
            all.push(format!(
                "{}:{line}: {}",
                source.name,
                source.text().lines().nth(line - 1).unwrap_or_default().trim()
            ));
        }
    }
    all
}

/// Where an `if` or `while` has both a `let` and an `&&` outside of any bracket.
pub(crate) fn let_chains(code: &str) -> Vec<usize> {
    ["if", "while"]
        .iter()
        .flat_map(|keyword| words(code, keyword))
        .filter(|(_, header)| {
            let outside = outside_of_brackets(header);
            words(&outside, "let").next().is_some() && outside.contains("&&")
        })
        .map(|(at, _)| at)
        .collect()
}

/// Each place where the word stands alone, and what follows it.
fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = (usize, &'a str)> {
    let in_a_word = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word)
        .map(move |(at, _)| (at, &code[at + word.len()..]))
        .filter(move |(at, after)| !code[..*at].ends_with(in_a_word) && !after.starts_with(in_a_word))
}

/// The condition before the block, without what stands in brackets. A pattern's `{…}` is one, the block is not.
fn outside_of_brackets(header: &str) -> String {
    let mut outside = String::new();
    let mut depth = 0_usize;
    let mut in_pattern = header.trim_start().starts_with("let ");
    for c in header.chars() {
        match c {
            '{' if depth == 0 && !in_pattern => break,
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ';' if depth == 0 => break,
            _ if depth > 0 => {}
            _ => {
                outside.push(c);
                in_pattern = match c {
                    '=' => false,
                    _ if outside.ends_with("&& let ") => true,
                    _ => in_pattern,
                };
            }
        }
    }
    outside
}

/// Where MAC octets are compared by `==`, `!=`, or a method that stops at the first difference.
pub(crate) fn early_exit_comparisons(code: &str) -> Vec<usize> {
    let mut found = Vec::new();
    for operator in ["==", "!="] {
        for (at, _) in code.match_indices(operator) {
            let (left, right) = (operand_before(&code[..at]), operand_after(&code[at + operator.len()..]));
            if (is_mac(left) || is_mac(right)) && !is_number(left) && !is_number(right) {
                found.push(at);
            }
        }
    }
    for method in [".eq(", ".ne(", ".cmp(", ".starts_with(", ".ends_with("] {
        for (at, _) in code.match_indices(method) {
            if is_mac(operand_before(&code[..at])) || is_mac(operand_after(&code[at + method.len()..])) {
                found.push(at);
            }
        }
    }
    found
}

/// The path, call or index expression that ends where `code` ends.
fn operand_before(code: &str) -> &str {
    let code = code.trim_end();
    let start = code.len() - length_of_operand(code.chars().rev(), [')', ']'], ['(', '[']);
    &code[start..]
}

/// The same, where it begins.
fn operand_after(code: &str) -> &str {
    let code = code.trim_start_matches([' ', '\n', '&', '*']);
    &code[..length_of_operand(code.chars(), ['(', '['], [')', ']'])]
}

/// How many octets belong together: names, `.`, `:` and whatever stands in brackets.
fn length_of_operand(chars: impl Iterator<Item = char>, enter: [char; 2], leave: [char; 2]) -> usize {
    let mut depth = 0_usize;
    let mut length = 0;
    for c in chars {
        if enter.contains(&c) {
            depth += 1;
        } else if leave.contains(&c) {
            let Some(outer) = depth.checked_sub(1) else { break };
            depth = outer;
        } else if depth == 0 && !(c.is_alphanumeric() || "_.:".contains(c)) {
            break;
        }
        length += c.len_utf8();
    }
    length
}

/// Literals, constants and paths to types: a number, a length or an ASN.1 tag, but no octets.
fn is_number(operand: &str) -> bool {
    operand.starts_with(|c: char| c.is_ascii_digit() || c.is_ascii_uppercase())
}

/// Whether the value that the operand ends in is called after a MAC.
fn is_mac(operand: &str) -> bool {
    const MACS: [&str; 10] = ["mac", "hmac", "cmac", "checksum", "cksum", "digest", "signature", "mic", "icv", "tag"];
    const VIEWS: [&str; 8] =
        ["as_slice", "as_ref", "as_octets", "as_bytes", "to_vec", "into_bytes", "finalize", "iter"];
    let mut path = operand;
    loop {
        path = without_brackets_at_the_end(path);
        let name = path.rsplit(['.', ':']).next().unwrap_or(path);
        if VIEWS.contains(&name) {
            path = path[..path.len() - name.len()].trim_end_matches(['.', ':']);
            continue;
        }
        let words: Vec<_> = name.split('_').collect();
        return words.last().is_some_and(|word| MACS.contains(word)) || matches!(words[0], "hmac" | "cmac");
    }
}

fn without_brackets_at_the_end(path: &str) -> &str {
    let mut path = path;
    while path.ends_with([')', ']']) {
        let mut depth = 0_usize;
        let open = path.char_indices().rev().find(|(_, c)| {
            match c {
                ')' | ']' => depth += 1,
                '(' | '[' => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        path = open.map_or("", |(at, _)| &path[..at]);
    }
    path
}

/// Where a crate is named that opens sockets of its own.
pub(crate) fn clients_of_servers(code: &str) -> Vec<usize> {
    ["redis", "tokio"]
        .iter()
        .flat_map(|client| words(code, client))
        .filter(|(at, after)| {
            let before = code[..*at].trim_end();
            let named_alone = before.ends_with("use") || before.ends_with("use ::");
            named_alone || (after.starts_with("::") && !before.ends_with("::"))
        })
        .map(|(at, _)| at)
        .collect()
}

/// Where a module of the standard library is named that reaches outside the process. The number of this process opens
/// nothing.
pub(crate) fn doors_to_the_system(code: &str) -> Vec<usize> {
    ["fs", "net", "env", "process", "os"]
        .iter()
        .flat_map(|door| words(code, door))
        .filter(|(at, _)| {
            let before = code[..*at].trim_end();
            let own_number = code[*at..].starts_with("process::id()");
            !own_number && (before.ends_with("std::") || in_a_group_of_std(before))
        })
        .map(|(at, _)| at)
        .collect()
}

/// Whether a `use std::{…` is still open at the end.
fn in_a_group_of_std(before: &str) -> bool {
    before.rfind("std::{").is_some_and(|at| !before[at..].contains(['}', ';']))
}

/// The names that stand in no source as a word or as the end of a path.
pub(crate) fn unread(names: &[String], sources: &[Source]) -> Vec<String> {
    names
        .iter()
        .filter(|name| {
            let spellings = [format!("\"{name}\""), format!("/{name}\""), format!("/{name}/")];
            !sources.iter().any(|source| spellings.iter().any(|spelling| source.text().contains(spelling)))
        })
        .cloned()
        .collect()
}

mod tests {
    use super::*;

    #[test]
    fn a_let_chain_is_found_in_every_shape() {
        for chain in [
            "if let Some(x) = a && x > 3 { }",
            "if a && let Some(x) = b { }",
            "while let Some(x) = a.next() && x > 3 { }",
            "if let Point { x, y } = p && x > y { }",
            "if\n    let Some(x) = a\n    && x > 3\n{ }",
            "} else if let Some(x) = a && x { }",
        ] {
            assert_eq!(let_chains(chain).len(), 1, "{chain}");
        }
    }

    #[test]
    fn conditions_that_are_no_chain_pass() {
        for fine in [
            "if let Some(x) = a { x && y }",
            "if a && b { let c = d && e; }",
            "if let Some(x) = f(|a| { a && b }) { }",
            "if let Some(x) = (a && b).then_some(1) { }",
            "let Some(x) = a else { return b && c };",
            "match a { Some(x) if x && y => { let z = 1; } _ => {} }",
            "if let Point { x, y } = p { x && y }",
            "fn verify() { let a = b && c; }",
        ] {
            assert_eq!(let_chains(fine), [0; 0], "{fine}");
        }
    }

    #[test]
    fn an_early_exit_comparison_is_found_in_every_spelling() {
        for bad in [
            "mac == expected",
            "if expected != mac {",
            "self.checksum == other.checksum",
            "&mac[..12] == expected",
            "expected == &hmac[..]",
            "computed == checksum.as_slice()",
            "expected_mac == found",
            "hmac_sha1(key, data) == found",
            "mac.eq(&found)",
            "found.ends_with(mac)",
            "found == self.digest.finalize().into_bytes()",
        ] {
            assert_eq!(early_exit_comparisons(bad).len(), 1, "{bad}");
        }
    }

    #[test]
    fn comparisons_of_lengths_types_and_tags_pass() {
        for fine in [
            "mac.len() == expected.len()",
            "checksum.len() != 12",
            "checksum_type == found_type",
            "row.checksum_octets == 12",
            "tag == Tag::SEQUENCE",
            "tag == 0x60",
            "mac.ct_eq(found)",
            "enctype == other",
            "cksumtype != ChecksumType::GSSAPI",
            "let mac = keyed;",
        ] {
            assert_eq!(early_exit_comparisons(fine), [0; 0], "{fine}");
        }
    }

    #[test]
    fn a_door_to_the_system_is_found_in_every_spelling() {
        for door in [
            "use std::fs;",
            "use std::fs::File;",
            "std::net::TcpStream::connect(a)",
            "use std::{io, env};",
            "use std::{fs::File, io::Read};",
            "std::process::Command::new(a)",
            "use std::process::id;",
            "std::process::id",
        ] {
            assert_eq!(doors_to_the_system(door).len(), 1, "{door}");
        }
        for fine in [
            "use std::time::SystemTime;",
            "let fs = 3;",
            "use std::{io}; use crate::net;",
            "core::fmt::net",
            "std::process::id()",
        ] {
            assert_eq!(doors_to_the_system(fine), [0; 0], "{fine}");
        }
    }

    #[test]
    fn a_client_of_a_server_is_found() {
        for client in ["use redis::Client;", "use tokio::net;", "let x = redis::cmd(y);", "use ::redis;"] {
            assert_eq!(clients_of_servers(client).len(), 1, "{client}");
        }
        for fine in ["pub mod redis;", "use super::redis::Client;", "let redis = 3;", "crate::replay::redis::Pool"] {
            assert_eq!(clients_of_servers(fine), [0; 0], "{fine}");
        }
    }

    #[test]
    fn a_finding_is_shown_with_its_line() {
        let source = Source::new("src/crypto/a.rs", "fn f() {\n    // why\n    mac == found\n}\n");
        assert_eq!(findings(&[source], early_exit_comparisons), ["src/crypto/a.rs:3: mac == found"]);
    }

    #[test]
    fn a_directory_that_no_test_names_is_found() {
        let names = ["read", "deep", "forgotten"].map(str::to_owned);
        let tests = [Source::new("tests/a.rs", "vectors(\"read\"); open(\"tests/vectors/deep/one\"); // forgotten")];
        assert_eq!(unread(&names, &tests), ["forgotten"]);
    }
}
