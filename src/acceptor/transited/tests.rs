use super::*;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;

const BOUNDS: Bounds = Bounds { realms: 64, octets: 4_096 };

/// One line of `tests/vectors/transited.txt`.
struct Vector {
    line: &'static str,
    action: &'static str,
    client: &'static [u8],
    service: &'static [u8],
    field: Vec<u8>,
    expected: &'static str,
}

fn vectors(action: &str) -> impl Iterator<Item = Vector> {
    let text = include_str!("../../../tests/vectors/transited.txt");
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(vector).filter(move |vector| vector.action == action)
}

fn vector(line: &'static str) -> Vector {
    let columns: Vec<&str> = line.split('|').map(str::trim).collect();
    let [action, ends, quoted, expected] = columns[..] else { panic!("four columns: {line}") };
    assert!(matches!(action, "expand" | "hierarchy" | "check"), "{line}");
    let (client, service) = ends.split_once(" > ").unwrap();
    let (field, nul) = quoted.strip_suffix("\\0").map_or((quoted, &b""[..]), |field| (field, b"\0"));
    let field = field.strip_prefix('"').unwrap().strip_suffix('"').unwrap();
    let field = [field.as_bytes(), nul].concat();
    Vector { line, action, client: client.as_bytes(), service: service.as_bytes(), field, expected }
}

fn shown_list<R: AsRef<[u8]>>(realms: &[R]) -> String {
    let texts: Vec<&str> = realms.iter().map(|realm| core::str::from_utf8(realm.as_ref()).unwrap()).collect();
    if texts.is_empty() { "none".to_string() } else { texts.join(" ") }
}

fn check(field: &[u8], client: &str, service: &str, paths: &RealmPaths) -> Result<PathRule, TransitedProblem> {
    check_path(field, client.as_bytes(), service.as_bytes(), paths, BOUNDS).map(|accepted| accepted.rule())
}

fn unknown(realm: &str) -> Result<PathRule, TransitedProblem> {
    Err(TransitedProblem::UnknownRealm { realm: realm.as_bytes().into() })
}

#[test]
fn fields_expand_as_the_reference_list_says() {
    let mut count = 0;
    for vector in vectors("expand") {
        let found = match expand(&vector.field, vector.client, vector.service, BOUNDS) {
            Ok(realms) => shown_list(&realms),
            Err(problem) => {
                assert_eq!(problem, TransitedProblem::Malformed, "{}", vector.line);
                "malformed".to_string()
            }
        };
        assert_eq!(found, vector.expected, "{}", vector.line);
        count += 1;
    }
    assert!(count > 50);
}

#[test]
fn hierarchies_go_over_the_nearest_common_ancestor() {
    let mut count = 0;
    for vector in vectors("hierarchy") {
        let forth = hierarchy(vector.client, vector.service);
        assert_eq!(shown_list(&forth), vector.expected, "{}", vector.line);
        let mut back = hierarchy(vector.service, vector.client);
        back.reverse();
        assert_eq!(back, forth, "{}, the other way", vector.line);
        count += 1;
    }
    assert!(count > 10);
}

#[test]
fn paths_are_judged_by_the_hierarchy_if_none_is_configured() {
    let mut count = 0;
    for vector in vectors("check") {
        let found = match check_path(&vector.field, vector.client, vector.service, &RealmPaths::new(), BOUNDS) {
            Ok(accepted) => format!("{:?}", accepted.rule()).to_lowercase(),
            Err(TransitedProblem::UnknownRealm { realm }) => format!("! {}", shown_list(&[realm])),
            Err(other) => format!("{other:?}"),
        };
        assert_eq!(found, vector.expected, "{}", vector.line);
        count += 1;
    }
    assert!(count > 10);
}

#[test]
fn a_configured_path_replaces_the_hierarchy_in_its_direction_only() {
    let paths = RealmPaths::new().allow("A.X", "B.X", ["HUB"]);
    assert_eq!(check(b"HUB", "A.X", "B.X", &paths), Ok(PathRule::Configured));
    assert_eq!(check(b"X", "A.X", "B.X", &paths), unknown("X"));
    assert_eq!(check(b"HUB,X", "A.X", "B.X", &paths), unknown("X"));
    assert_eq!(check(b"X", "B.X", "A.X", &paths), Ok(PathRule::Hierarchy));
    assert_eq!(check(b"HUB", "B.X", "A.X", &paths), unknown("HUB"));
    assert_eq!(check(b"HUB", "A.X", "C.X", &paths), unknown("HUB"));
}

#[test]
fn a_direct_path_allows_the_direct_way_and_no_other() {
    for paths in [RealmPaths::new().allow_direct("A.X", "B.X"), RealmPaths::new().allow("A.X", "B.X", ["."])] {
        assert_eq!(check(b"", "A.X", "B.X", &paths), Ok(PathRule::Configured));
        assert_eq!(check(b"X", "A.X", "B.X", &paths), unknown("X"));
        assert_eq!(check(b".", "A.X", "B.X", &paths), Err(TransitedProblem::Malformed));
        assert_eq!(check(b"\\.", "A.X", "B.X", &paths), unknown("."));
    }
}

#[test]
fn paths_of_one_pair_add_up() {
    let paths = RealmPaths::new().allow("A", "B", ["P"]).allow("A", "B", ["Q"]).allow("A", "C", ["R"]);
    assert_eq!(check(b"Q,P", "A", "B", &paths), Ok(PathRule::Configured));
    assert_eq!(check(b"Q,P,R", "A", "B", &paths), unknown("R"));
    assert!(!paths.is_empty() && RealmPaths::new().is_empty());
}

#[test]
fn accepted_paths_carry_their_realms_in_the_order_of_the_field() {
    let accepted = check_path(b"X,B.", b"A.B.X", b"C.X", &RealmPaths::new(), BOUNDS).unwrap();
    assert_eq!(accepted.realms, [b"X".to_vec(), b"B.X".to_vec()]);
}

#[test]
fn only_the_known_encoding_is_accepted_or_none_with_nothing_in_it() {
    for (tr_type, contents) in [(1, "X"), (1, ""), (0, "")] {
        assert_eq!(check_encoding(tr_type, contents.as_bytes()), Ok(()));
    }
    for (tr_type, contents) in [(0, "X"), (0, "\0"), (2, ""), (-1, ""), (2, "X")] {
        let problem = check_encoding(tr_type, contents.as_bytes()).unwrap_err();
        assert_eq!(problem, TransitedProblem::UnknownType { tr_type });
        assert_eq!(problem.krb_error_code(), KrbErrorCode::KDC_ERR_TRTYPE_NOSUPP);
    }
}

#[test]
fn refuses_a_nul_inside_and_more_than_one_behind() {
    for field in [&b"\0\0"[..], b"A\0,B", b"\0A", b"A\0\0", b"A\\\0B"] {
        assert_eq!(expand(field, b"C", b"S", BOUNDS), Err(TransitedProblem::Malformed), "{field:?}");
    }
    assert_eq!(expand(b"A\0", b"C", b"S", BOUNDS), Ok(vec![b"A".to_vec()]));
}

#[test]
fn bounds_hold_exactly() {
    let too_many = Err(TransitedProblem::TooManyRealms { limit: 3 });
    let too_long = Err(TransitedProblem::TooLong { limit: 6 });
    let three = Bounds { realms: 3, octets: 4_096 };
    let six = Bounds { realms: 64, octets: 6 };
    for (field, bounds, expected) in [
        ("A,B,C", three, Ok(3)),
        ("A,B,C,D", three, too_many.clone()),
        ("E,,A.B.C.E", three, too_many),
        ("E,,B.C.E", three, Ok(3)),
        ("A,BB,CCC", six, Ok(3)),
        ("A,BB,CCCC", six, too_long.clone()),
        ("A,B.,C", six, Ok(3)),
        ("A,B.,C.", six, too_long.clone()),
        ("/A,/B", six, Ok(2)),
        ("/A,/B,C", six, too_long.clone()),
        ("AAAAAAA", six, too_long.clone()),
        ("E,,A.B.C.E", six, too_long),
    ] {
        let found = expand(field.as_bytes(), b"Q", b"R", bounds).map(|realms| realms.len());
        assert_eq!(found, expected, "{field}");
    }
}

#[test]
fn refuses_a_thousand_realms_however_they_are_written() {
    let limit = BOUNDS.realms;
    let listed = vec!["R"; 1_000].join(",");
    let traversed = format!("R,,{}R", "A.".repeat(1_000));
    let doubling = format!("R{}", ",A.".repeat(1_000));
    let long = format!("{}R", "A".repeat(1_000_000));
    for (field, expected) in [
        (listed, TransitedProblem::TooManyRealms { limit }),
        (traversed, TransitedProblem::TooManyRealms { limit }),
        (doubling, TransitedProblem::TooManyRealms { limit }),
        (long, TransitedProblem::TooLong { limit: BOUNDS.octets }),
    ] {
        assert_eq!(expand(field.as_bytes(), b"C", b"S", BOUNDS), Err(expected));
    }
    let client = format!("{}R", "A.".repeat(100_000));
    assert_eq!(expand(b",R", client.as_bytes(), b"S", BOUNDS), Err(TransitedProblem::TooLong { limit: BOUNDS.octets }));
    let listed = vec!["R"; limit].join(",");
    assert_eq!(expand(listed.as_bytes(), b"C", b"S", BOUNDS).map(|realms| realms.len()), Ok(limit));
}

/// Every field of up to six octets over the octets that mean something and two that do not.
fn short_fields() -> Vec<Vec<u8>> {
    let mut longest = vec![Vec::new()];
    let mut all = longest.clone();
    for _ in 0..6 {
        let longer = |field: &Vec<u8>| b"AB./\\, \0".map(|octet| [field.as_slice(), &[octet]].concat());
        longest = longest.iter().flat_map(longer).collect();
        all.extend_from_slice(&longest);
    }
    all
}

#[test]
fn any_field_is_refused_or_names_realms_that_survive_quoting() {
    let bounds = Bounds { realms: 3, octets: 8 };
    let mut accepted = 0;
    for field in short_fields() {
        for (client, service) in [(&b"A.B.A"[..], &b"A"[..]), (b"/A/B", b"/A/B/B/A"), (b"", b"")] {
            let Ok(realms) = expand(&field, client, service, bounds) else { continue };
            accepted += 1;
            assert!(realms.len() <= bounds.realms && realms.concat().len() <= bounds.octets, "{field:?}");
            assert!(realms.iter().all(|realm| !realm.is_empty() && !realm.contains(&0)), "{field:?}");
            let quoted: Vec<Vec<u8>> =
                realms.iter().map(|realm| realm.iter().flat_map(|octet| [b'\\', *octet]).collect()).collect();
            assert_eq!(expand(&quoted.join(&b','), client, service, bounds), Ok(realms), "{field:?}");
        }
    }
    assert!(accepted > 10_000);
}

#[test]
fn no_listed_realm_is_lost() {
    for field in short_fields().into_iter().filter(|field| !field.contains(&b'\\')) {
        let listed = field.strip_suffix(b"\0").unwrap_or(&field).split(|octet| *octet == b',');
        let listed = listed.filter(|subfield| !subfield.is_empty()).count();
        if let Ok(realms) = expand(&field, b"A.B.A", b"A", BOUNDS) {
            assert!(realms.len() >= listed, "{field:?}");
        }
    }
}

#[test]
fn messages_name_the_realm_and_escape_it() {
    let problem = TransitedProblem::UnknownRealm { realm: b"EVIL\n\xff".as_slice().into() };
    assert_eq!(problem.to_string(), "the ticket came through the realm EVIL\\n\\xff, which is not on an allowed path");
    assert_eq!(problem.krb_error_code(), KrbErrorCode::KRB_AP_PATH_NOT_ACCEPTED);
}
