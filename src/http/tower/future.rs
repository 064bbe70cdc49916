//! The response to come: of the service inside, after the replay store has answered, or of the refusal.

use super::hooks::RefusalResponse;
use super::judge::Asked;
use super::parting::Parting;
use super::service::{Fate, Shared};
use super::settings::StoreAnswer;
use ::http::request::Parts;
use ::http::{Request, Response};
use alloc::boxed::Box;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use pin_project_lite::pin_project;
use tower_service::Service;

pin_project! {
    /// The future of [`Negotiate`](super::Negotiate). Dropping it leaves nothing behind but what the replay store has recorded.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<S, R, ReqBody, ResBody>
    where
        S: Service<Request<ReqBody>>,
    {
        #[pin]
        state: State<S, R, ReqBody, ResBody>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, R, ReqBody, ResBody>
    where
        S: Service<Request<ReqBody>>,
    {
        Asked { answer: StoreAnswer, waiting: Option<Box<Waiting<S, R, ReqBody>>> },
        Inner { #[pin] future: S::Future, parting: Option<Parting> },
        Refused { response: Option<Response<ResBody>> },
    }
}

/// All that is needed once the store has answered.
struct Waiting<S, R, ReqBody> {
    asked: Box<Asked>,
    request: (Parts, ReqBody),
    /// The service that was polled ready.
    service: S,
    shared: Shared<R>,
}

impl<S, R, ReqBody, ResBody> ResponseFuture<S, R, ReqBody, ResBody>
where
    S: Service<Request<ReqBody>>,
{
    pub(super) fn inner(future: S::Future, parting: Parting) -> Self {
        Self { state: State::Inner { future, parting: Some(parting) } }
    }

    pub(super) fn refused(response: Response<ResBody>) -> Self {
        Self { state: State::Refused { response: Some(response) } }
    }

    pub(super) fn asked(
        answer: StoreAnswer,
        asked: Box<Asked>,
        request: (Parts, ReqBody),
        service: S,
        shared: Shared<R>,
    ) -> Self {
        Self { state: State::Asked { answer, waiting: Some(Box::new(Waiting { asked, request, service, shared })) } }
    }
}

impl<S, R, ReqBody, ResBody> Future for ResponseFuture<S, R, ReqBody, ResBody>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    R: RefusalResponse<ResBody>,
{
    type Output = Result<Response<ResBody>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let next = match state.as_mut().project() {
                StateProjection::Asked { answer, waiting } => {
                    // Nothing waits only if it was polled after its end.
                    let answered = ready!(answer.as_mut().poll(cx));
                    let Some(waiting) = waiting.take() else { return Poll::Pending };
                    let Waiting { asked, request: (head, body), mut service, shared } = *waiting;
                    match shared.settle(head, body, asked.resume(answered)) {
                        Fate::Inner(request, parting) => {
                            State::Inner { future: service.call(request), parting: Some(parting) }
                        }
                        Fate::Refused(response) => State::Refused { response: Some(response) },
                    }
                }
                StateProjection::Inner { future, parting } => {
                    let mut response = ready!(future.poll(cx))?;
                    if let Some(parting) = parting.take() {
                        parting.add_to(&mut response);
                    }
                    return Poll::Ready(Ok(response));
                }
                StateProjection::Refused { response } => {
                    return response.take().map_or(Poll::Pending, |response| Poll::Ready(Ok(response)));
                }
            };
            state.set(next);
        }
    }
}

impl<S, R, ReqBody, ResBody> fmt::Debug for ResponseFuture<S, R, ReqBody, ResBody>
where
    S: Service<Request<ReqBody>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.state {
            State::Asked { .. } => "ResponseFuture(waits for the replay store)",
            State::Inner { .. } => "ResponseFuture(waits for the service inside)",
            State::Refused { .. } => "ResponseFuture(refused)",
        })
    }
}
