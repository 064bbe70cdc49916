//! What the caller decides: what becomes of a request that is refused, and what the response says.

use super::refusal::Refusal;
use ::http::Response;
use ::http::request::Parts;

/// What becomes of a request that is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_enums, reason = "there is nothing else to do with a request")]
pub enum Fallback {
    /// Answer it as the [table](crate::http#which-status) says.
    #[default]
    Refuse,
    /// Answer it without a challenge, and with 403 where that was 401 or 407: a client that has no ticket would be asked in vain.
    WithoutChallenge,
    /// Send it on, without an identity: to a login form, for example. The handler finds the [`Refusal`] in its extensions.
    FallThrough,
}

/// Makes the response of a refusal.
///
/// [`EmptyBody`] does, and every function from the request's head, the refusal and the response without a body to the whole
/// response. It may change anything: the status of a redirect, a header, the body.
pub trait RefusalResponse<B> {
    /// The response; status and challenge are there already.
    fn respond(&self, request: &Parts, refusal: &Refusal, response: Response<()>) -> Response<B>;
}

/// Responses with the empty body of their type.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to say")]
pub struct EmptyBody;

impl<B: Default> RefusalResponse<B> for EmptyBody {
    fn respond(&self, _: &Parts, _: &Refusal, response: Response<()>) -> Response<B> {
        response.map(|()| B::default())
    }
}

impl<B, F> RefusalResponse<B> for F
where
    F: Fn(&Parts, &Refusal, Response<()>) -> Response<B>,
{
    fn respond(&self, request: &Parts, refusal: &Refusal, response: Response<()>) -> Response<B> {
        self(request, refusal, response)
    }
}
