//! When: the times of ticket and authenticator at their limits (steps D-1 to D-4), and what is older than the acceptor
//! (step R-9). Exactly at a limit is accepted, and one skew holds for all rows.
#![cfg(feature = "testing")]

#[path = "support/site.rs"]
mod site;

use core::time::Duration;
use kerbside::messages::TicketFlags;
use kerbside::testing::{Clock, Login};
use kerbside::{ErrorClass, ErrorKind, GssMajor, KerberosTime, Policy, RestartPolicy, Timestamp};
use site::{PRESETS, Site, refusal, verdict, with};

/// The skew of every preset, in seconds.
const SKEW: i64 = 300;
const TEN_YEARS: i64 = 3_652 * 86_400;
const YEAR_1: KerberosTime = KerberosTime::from_unix_seconds(-62_135_596_800);
const YEAR_1970: KerberosTime = KerberosTime::from_unix_seconds(0);
const YEAR_9999: KerberosTime = KerberosTime::from_unix_seconds(253_402_300_799);

/// So many seconds after the clock's start.
fn at(seconds: i64) -> KerberosTime {
    KerberosTime::from_unix_seconds(Clock::START.second().unix_seconds() + seconds)
}

/// The authenticator's time: so many seconds after the clock's start, and so many microseconds.
fn dated(login: Login, seconds: i64, cusec: i64) -> Login {
    login.with_authenticator(|a| (a.ctime, a.cusec) = (at(seconds), cusec))
}

/// APR-07
#[test]
fn apr_07_times_of_the_ticket_at_their_limits() {
    let site = Site::new();
    for (offset, expected) in [
        (SKEW - 1, "accepted"),
        (SKEW, "accepted"),
        (SKEW + 1, "TicketNotYetValid 33"),
        (TEN_YEARS, "TicketNotYetValid 33"),
        (-TEN_YEARS, "accepted"),
    ] {
        let starttime = site.login().with_ticket(|t| t.starttime = Some(at(offset)));
        assert_eq!(site.verdict_of_all(|_| (), &starttime), expected, "starttime {offset}");
        let authtime = site.login().with_ticket(|t| (t.authtime, t.starttime) = (at(offset), None));
        assert_eq!(site.verdict_of_all(|_| (), &authtime), expected, "authtime {offset}");
    }
    for (offset, expected) in [
        (-SKEW + 1, "accepted"),
        (-SKEW, "accepted"),
        (-SKEW - 1, "TicketExpired 32"),
        (-TEN_YEARS, "TicketExpired 32"),
        (TEN_YEARS, "accepted"),
    ] {
        let login = site.login().with_ticket(|t| t.endtime = at(offset));
        assert_eq!(site.verdict_of_all(|_| (), &login), expected, "endtime {offset}");
    }
}

#[test]
fn a_start_time_counts_before_the_time_of_authentication() {
    let site = Site::new();
    let future_authtime = site.login().with_ticket(|t| (t.authtime, t.starttime) = (at(TEN_YEARS), Some(at(0))));
    assert_eq!(site.verdict_of_all(|_| (), &future_authtime), "accepted");
    let future_start = site.login().with_ticket(|t| (t.authtime, t.starttime) = (at(0), Some(at(TEN_YEARS))));
    assert_eq!(site.verdict_of_all(|_| (), &future_start), "TicketNotYetValid 33");
}

#[test]
fn the_limits_are_those_of_the_acceptor_to_the_microsecond() {
    let site = Site::new();
    let instant = |seconds, micros| Timestamp::from_unix_micros(at(seconds).unix_seconds() * 1_000_000 + micros);
    let acceptor = site.acceptor(Policy::default());
    let verdict_at = |login: Login, now: Timestamp| {
        let login = login.with_authenticator(|a| a.set_time(now));
        verdict(&acceptor.accept(&login.token(), now))
    };
    let starting = || site.login().with_ticket(|t| t.starttime = Some(at(SKEW)));
    assert_eq!(verdict_at(starting(), instant(0, 0)), "accepted");
    assert_eq!(verdict_at(starting(), instant(0, -1)), "TicketNotYetValid 33");
    let ending = || site.login().with_ticket(|t| t.endtime = at(-SKEW));
    assert_eq!(verdict_at(ending(), instant(0, 0)), "accepted");
    assert_eq!(verdict_at(ending(), instant(0, 1)), "TicketExpired 32");
}

/// APR-07
#[test]
fn apr_07_invalid_tickets_are_refused_and_those_with_every_other_flag_are_not() {
    let site = Site::new();
    let flags = |flags: u32| site.login().with_ticket(|t| t.flags = TicketFlags(flags).into());
    let refused = flags(TicketFlags::INVALID.0 | TicketFlags::TRANSITED_POLICY_CHECKED.0);
    assert_eq!(site.verdict_of_all(|_| (), &refused), "TicketInvalid 33");
    let all_others = flags(!(TicketFlags::INVALID.0 | TicketFlags::ANONYMOUS.0));
    assert_eq!(site.verdict_of_all(|_| (), &all_others), "accepted");
}

#[test]
fn refusals_say_when_and_by_how_much() {
    let site = Site::new();
    let early = site.login().with_ticket(|t| t.starttime = Some(at(3_600)));
    let error = refusal(site.accept(Policy::default(), &early));
    let ErrorKind::TicketNotYetValid { starts, now, by, client_agrees, .. } = error.kind() else { panic!("{error}") };
    assert_eq!((*starts, *now, *by), (at(3_600), Clock::START, Duration::from_secs(3_600)));
    assert!(!client_agrees);
    assert_eq!(
        error.to_string(),
        "the ticket is valid from 2026-03-01T11:00:00Z, 1 h 0 min after this acceptor's time 2026-03-01T10:00:00Z"
    );
    assert_eq!((error.class(), error.gss_major()), (ErrorClass::Time, GssMajor::FAILURE));

    let late = site.login().with_ticket(|t| t.endtime = at(-SKEW - 1));
    let error = refusal(site.accept(Policy::default(), &late));
    let ErrorKind::TicketExpired { ended, now, by, .. } = error.kind() else { panic!("{error}") };
    assert_eq!((*ended, *now, *by), (at(-SKEW - 1), Clock::START, Duration::from_secs(301)));
    assert_eq!(
        error.to_string(),
        "the ticket ended at 2026-03-01T09:54:59Z, 5 min 1 s before this acceptor's time 2026-03-01T10:00:00Z"
    );
    assert_eq!((error.class(), error.gss_major()), (ErrorClass::Time, GssMajor::CREDENTIALS_EXPIRED));
}

#[test]
fn the_reported_end_is_the_tickets_without_the_skew() {
    let site = Site::new();
    let login = site.login().with_ticket(|t| {
        (t.starttime, t.endtime, t.renew_till) = (None, at(-SKEW), Some(at(86_400)));
    });
    let times = site.accept(Policy::default(), &login).unwrap().ticket_times();
    assert_eq!((times.authtime, times.starttime), (at(0), None));
    assert_eq!((times.endtime, times.renew_till), (at(-SKEW), Some(at(86_400))));
}

/// Where ticket and client agree that it is later, it is this machine's clock that is behind.
#[test]
fn a_client_as_far_ahead_as_its_ticket_points_at_this_clock() {
    let site = Site::new();
    let ahead = |seconds, cusec| {
        let login = site.login().with_ticket(|t| t.starttime = Some(at(SKEW + 1)));
        refusal(site.accept(Policy::default(), &dated(login, seconds, cusec)))
    };
    for (seconds, cusec, agrees) in [(SKEW, 1, true), (TEN_YEARS, 0, true), (SKEW, 0, false), (-TEN_YEARS, 0, false)] {
        let error = ahead(seconds, cusec);
        let ErrorKind::TicketNotYetValid { client_agrees, .. } = error.kind() else { panic!("{error}") };
        assert_eq!(*client_agrees, agrees, "{seconds}");
        assert_eq!(error.hint().contains("this machine's clock is probably behind"), agrees, "{seconds}");
    }
}

#[test]
fn the_tickets_times_are_judged_before_the_authenticators() {
    let site = Site::new();
    let skewed = || dated(site.login(), TEN_YEARS, 0);
    for (login, expected) in [
        (skewed().with_ticket(|t| t.starttime = Some(at(SKEW + 1))), "TicketNotYetValid 33"),
        (skewed().with_ticket(|t| t.flags = TicketFlags::INVALID.into()), "TicketInvalid 33"),
        (skewed().with_ticket(|t| t.endtime = at(-SKEW - 1)), "TicketExpired 32"),
        (skewed(), "ClockSkew 37"),
    ] {
        assert_eq!(site.verdict_of_all(|_| (), &login), expected);
    }
}

/// APR-23
#[test]
fn apr_23_skew_has_its_sign_and_size() {
    let site = Site::new();
    for (seconds, cusec, size) in [
        (SKEW, 0, None),
        (SKEW, 1, Some("5 min 1 s ahead")),
        (SKEW - 1, 999_999, None),
        (SKEW, 999_999, Some("5 min 1 s ahead")),
        (SKEW + 1, 0, Some("5 min 1 s ahead")),
        (SKEW + 1, 999_999, Some("5 min 2 s ahead")),
        (TEN_YEARS, 0, Some("3652 d 0 h ahead")),
        (TEN_YEARS, 999_999, Some("3652 d 0 h ahead")),
        (-SKEW, 0, None),
        (-SKEW, 999_999, None),
        (-SKEW - 1, 999_999, Some("5 min 1 s behind")),
        (-SKEW - 1, 0, Some("5 min 1 s behind")),
        (-TEN_YEARS, 0, Some("3652 d 0 h behind")),
        (-TEN_YEARS, 999_999, Some("3652 d 0 h behind")),
    ] {
        let login = dated(site.login(), seconds, cusec);
        let expected = if size.is_some() { "ClockSkew 37" } else { "accepted" };
        assert_eq!(site.verdict_of_all(|_| (), &login), expected, "{seconds} s {cusec} µs");
        let Some(size) = size else { continue };
        let error = refusal(site.accept(Policy::default(), &login));
        assert!(
            error.to_string().starts_with(&format!("the client's clock is {size}, and 5 min 0 s is allowed")),
            "{error}"
        );
        let ErrorKind::ClockSkew { client, server, allowed, .. } = error.kind() else { panic!("{error}") };
        assert_eq!(client.unix_micros(), at(seconds).unix_seconds() * 1_000_000 + cusec);
        assert_eq!((*server, *allowed), (Clock::START, Duration::from_secs(300)));
    }
}

/// APR-23: the answer has the acceptor's time and the data that a Windows client waits for, whether it asked for mutual
/// authentication or not, and a client that takes the time from it is let in.
#[test]
fn apr_23_a_client_that_retries_with_the_acceptors_time_is_accepted() {
    let site = Site::new();
    for (name, preset) in PRESETS {
        for login in [site.login(), site.login().without_mutual(), site.login().raw_krb5()] {
            let acceptor = site.acceptor(preset());
            let skewed = dated(login, -TEN_YEARS, 7);
            let error = refusal(acceptor.accept(&skewed.token(), site.realm.now()));
            let reply = skewed.verify_reply(error.reply().unwrap()).unwrap();
            let answer = reply.krb_error.unwrap();
            assert_eq!(answer.error_code.0, 37, "{name}");
            assert_eq!(answer.e_data.as_deref(), Some(b"\x30\x05\xa1\x03\x02\x01\x02".as_slice()));
            let retry = skewed.again().with_authenticator(|a| a.set_time(answer.stime));
            assert!(acceptor.accept(&retry.token(), site.realm.now()).is_ok(), "{name}");
        }
    }
}

#[test]
fn one_skew_holds_for_all_rows() {
    let site = Site::new();
    for (skew, seconds) in [(Duration::from_secs(10), 10), (Duration::ZERO, 0)] {
        let verdict = |login: Login| site.verdict_of_all(|policy| policy.skew = skew, &login);
        for (beyond, [start, end, clock]) in
            [(0, ["accepted"; 3]), (1, ["TicketNotYetValid 33", "TicketExpired 32", "ClockSkew 37"])]
        {
            let limit = seconds + beyond;
            assert_eq!(verdict(site.login().with_ticket(|t| t.starttime = Some(at(limit)))), start, "{limit}");
            assert_eq!(verdict(site.login().with_ticket(|t| t.endtime = at(-limit))), end, "{limit}");
            assert_eq!(verdict(dated(site.login(), limit, 0)), clock, "{limit}");
            assert_eq!(verdict(dated(site.login(), -limit, 0)), clock, "{limit}");
        }
    }
}

#[test]
fn the_builder_sets_the_skew() {
    let site = Site::new();
    let acceptor = site.builder(Policy::default()).skew(Duration::from_secs(7)).build().unwrap();
    for (seconds, expected) in [(7, "accepted"), (8, "ClockSkew 37")] {
        let token = dated(site.login(), seconds, 0).token();
        assert_eq!(verdict(&acceptor.accept(&token, site.realm.now())), expected);
    }
}

#[test]
fn the_ends_of_the_calendar_are_times_like_others() {
    let site = Site::new();
    let ticket = |start, end| site.login().with_ticket(|t| (t.starttime, t.endtime) = (Some(start), end));
    let clock = |ctime| site.login().with_authenticator(|a| a.ctime = ctime);
    for (login, expected) in [
        (ticket(YEAR_1, YEAR_9999), "accepted"),
        (ticket(YEAR_1970, YEAR_9999), "accepted"),
        (ticket(YEAR_9999, YEAR_9999), "TicketNotYetValid 33"),
        (ticket(YEAR_1, YEAR_1), "TicketExpired 32"),
        (ticket(YEAR_1, YEAR_1970), "TicketExpired 32"),
        (clock(YEAR_1), "ClockSkew 37"),
        (clock(YEAR_1970), "ClockSkew 37"),
        (clock(YEAR_9999), "ClockSkew 37"),
    ] {
        assert_eq!(site.verdict_of_all(|_| (), &login), expected);
        let boundless = site
            .verdict_of_all(|policy| (policy.skew, policy.restart) = (Duration::MAX, RestartPolicy::Accept), &login);
        assert_eq!(boundless, "accepted", "under a skew without bound");
    }
}

#[test]
fn no_time_of_the_acceptor_wraps() {
    let site = Site::new();
    let acceptor = site.acceptor(Policy::default());
    for (now, expected) in [
        (Timestamp::from_unix_micros(i64::MAX), "TicketExpired 32"),
        (Timestamp::from_unix_micros(i64::MIN), "TicketNotYetValid 33"),
        (YEAR_9999.to_timestamp(), "TicketExpired 32"),
        (YEAR_1.to_timestamp(), "TicketNotYetValid 33"),
        (Clock::START, "accepted"),
    ] {
        assert_eq!(verdict(&acceptor.accept(&site.login().token(), now)), expected, "{}", now.unix_micros());
    }
    let distant = |now| {
        let login = site.login().with_ticket(|t| (t.starttime, t.endtime) = (Some(YEAR_1), YEAR_9999));
        verdict(&acceptor.accept(&login.with_authenticator(|a| a.ctime = now).token(), now))
    };
    assert_eq!([distant(YEAR_1), distant(YEAR_1970), distant(YEAR_9999)], ["accepted"; 3]);
}

/// Replaces the text of a time that stands in the octets.
fn rewrite(octets: &mut [u8], from: &[u8], to: &[u8]) {
    let place = octets.windows(from.len()).position(|window| window == from).expect("the time is there");
    octets[place..place + to.len()].copy_from_slice(to);
}

#[test]
fn a_leap_second_is_read_as_the_one_before() {
    let site = Site::new();
    let before_midnight: Timestamp = "2026-06-30T23:59:59Z".parse().unwrap();
    site.realm.clock().set(before_midnight);
    let second = |to: &'static [u8]| {
        let in_authenticator = site.login().replace_authenticator(|o| rewrite(o, b"20260630235959Z", to));
        let in_ticket = site.login().replace_enc_ticket_part(|o| rewrite(o, b"20260630235959Z", to));
        [in_authenticator, in_ticket]
    };
    for login in second(b"20260630235960Z") {
        let accepted = site.accept(Policy::strict(), &login).unwrap();
        assert_eq!(accepted.authenticator_time(), before_midnight);
        assert_eq!(accepted.ticket_times().authtime, before_midnight.second());
    }
    let [authenticator, ticket] = second(b"20260630235961Z");
    assert_eq!(site.verdict_of_all(|_| (), &authenticator), "Authenticator.Malformed 31");
    assert_eq!(verdict(&site.accept(Policy::strict(), &ticket)), "Ticket.Malformed 31");
}

/// APR-20
#[test]
fn apr_20_authenticator_older_than_the_start() {
    let site = Site::new();
    let started = Clock::START;
    let judge = |restart, client: Duration, now: Timestamp| {
        let policy = with(Policy::default(), |policy| policy.restart = restart);
        let acceptor = site.builder(policy).started_at(started).build().unwrap();
        let time = started.saturating_sub(Duration::from_secs(300)).saturating_add(client);
        let login = site.login().with_authenticator(|a| a.set_time(time));
        verdict(&acceptor.accept(&login.token(), now))
    };
    let secs = Duration::from_secs;
    let just_before = Duration::from_micros(299_999_999);
    let refused = "Replay.BeforeStart 34";
    for (client, [accept, reject_older]) in [
        (secs(0), ["accepted", refused]),
        (just_before, ["accepted", refused]),
        (secs(300), ["accepted", "accepted"]),
        (secs(600), ["accepted", "accepted"]),
    ] {
        assert_eq!(judge(RestartPolicy::Accept, client, started), accept, "{client:?}");
        assert_eq!(judge(RestartPolicy::RejectOlderThanStart, client, started), reject_older, "{client:?}");
        assert_eq!(judge(RestartPolicy::RejectForSkew, client, started), refused, "{client:?}");
    }
    let until = started.saturating_add(secs(300));
    for client in [secs(300), secs(600)] {
        assert_eq!(judge(RestartPolicy::RejectForSkew, client, until), "accepted");
        let sooner = until.saturating_sub(Duration::from_micros(1));
        assert_eq!(judge(RestartPolicy::RejectForSkew, client, sooner), refused);
    }
}

#[test]
fn a_refusal_after_a_restart_says_what_is_waited_for() {
    let site = Site::new();
    let error = |restart, client| {
        let policy = with(Policy::default(), |policy| policy.restart = restart);
        let acceptor = site.builder(policy).started_at(Clock::START).build().unwrap();
        refusal(acceptor.accept(&dated(site.login(), client, 0).token(), Clock::START))
    };
    let older = error(RestartPolicy::RejectOlderThanStart, -1);
    let ErrorKind::BeforeStart { client, started, .. } = older.kind() else { panic!("{older}") };
    assert_eq!((*client, *started), (at(-1).to_timestamp(), Clock::START));
    assert!(older.to_string().contains("is older than this acceptor"), "{older}");
    let newer = error(RestartPolicy::RejectForSkew, 1);
    assert!(!newer.to_string().contains("is older than this acceptor"), "{newer}");
    assert!(newer.to_string().contains("2026-03-01T10:00:00Z"), "{newer}");
    assert_eq!((newer.class(), newer.gss_major()), (ErrorClass::Replay, GssMajor::FAILURE));
}

#[test]
fn a_restart_policy_needs_the_time_of_the_start() {
    let site = Site::new();
    let build = |restart| {
        let keytab = site.realm.keytab(site::SERVICE).unwrap();
        let policy = with(Policy::default(), |policy| policy.restart = restart);
        kerbside::Acceptor::builder(keytab).policy(policy).build().map_err(|error| error.kind().name())
    };
    assert!(build(RestartPolicy::Accept).is_ok());
    for restart in [RestartPolicy::RejectOlderThanStart, RestartPolicy::RejectForSkew] {
        assert_eq!(build(restart).err(), Some("Setup.StartTime"));
    }
}
