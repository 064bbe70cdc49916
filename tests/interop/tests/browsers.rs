//! Chromium and Firefox, headless, over http and https.

use kerbside_interop::{Client, Realm, visits};

#[test]
fn log_in_with_tickets_of_mit() {
    visits::log_in(&Client::BROWSERS, &Realm::started());
}

#[test]
fn log_in_with_tickets_of_heimdal() {
    visits::log_in(&Client::BROWSERS, &Realm::heimdal());
}

#[test]
fn log_in_with_tickets_of_samba() {
    visits::log_in(&Client::BROWSERS, &Realm::samba());
}

#[test]
fn chromium_logs_in_where_http2_is_offered() {
    visits::log_in_where_http2_is_offered(Client::Chromium);
}

#[test]
fn firefox_logs_in_where_http2_is_offered() {
    visits::log_in_where_http2_is_offered(Client::Firefox);
}

#[test]
fn show_the_page_with_other_ways_to_log_in_without_a_ticket() {
    visits::fall_back_without_a_ticket(&Client::BROWSERS);
}

#[test]
fn show_the_page_with_other_ways_to_log_in_where_the_ticket_is_refused() {
    visits::fall_through_when_refused(&Client::BROWSERS);
}

#[test]
fn give_up_when_refused() {
    visits::give_up_when_refused(&Client::BROWSERS);
}

/// On Linux neither binds its tokens (tried with Chromium 156 and Firefox 153).
#[test]
fn are_refused_where_tokens_have_to_be_bound() {
    visits::bind_or_are_refused(&Client::BROWSERS, &Realm::started());
}

#[test]
fn send_the_token_of_a_user_in_302_groups_who_delegates() {
    visits::send_a_large_token(&Client::BROWSERS);
}
