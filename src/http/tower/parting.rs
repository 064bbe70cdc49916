//! What goes with a response besides what the service or the refusal put there.

use crate::http::Party;
use ::http::header::SET_COOKIE;
use ::http::{HeaderName, HeaderValue, Response};
use alloc::string::String;
use alloc::vec::Vec;

/// The last token, and cookies.
pub(super) struct Parting {
    party: Party,
    token: Option<HeaderValue>,
    cookies: Vec<HeaderValue>,
}

impl Parting {
    pub(super) fn new(party: Party) -> Self {
        Self { party, token: None, cookies: Vec::new() }
    }

    pub(super) fn token(&mut self, token: Option<&HeaderValue>) {
        self.token = token.cloned();
    }

    pub(super) fn cookie(&mut self, cookie: HeaderValue) {
        self.cookies.push(cookie);
    }

    /// A cookie whose text is made here.
    pub(super) fn marker(&mut self, cookie: String) {
        self.cookies.extend(HeaderValue::try_from(cookie));
    }

    /// Beside what is there; the token once, however often the request came through the layer.
    pub(super) fn add_to<B>(self, response: &mut Response<B>) {
        let headers = response.headers_mut();
        if let Some(token) = self.token {
            let field = HeaderName::from_static(self.party.response_field());
            if !headers.get_all(&field).iter().any(|value| *value == token) {
                headers.append(field, token);
            }
        }
        for cookie in self.cookies {
            headers.append(SET_COOKIE, cookie);
        }
    }
}
