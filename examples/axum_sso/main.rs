//! Single sign-on as a whole server: axum, Negotiate, a session, a login form for whoever has no ticket, and a page that shows
//! the administrator what the server saw.
//!
//! ```text
//! cargo run --example axum_sso --features axum,rustls,testing
//! ```
//!
//! Without a keytab it plays a realm of its own and says how to log in with curl. With one it serves that realm:
//!
//! ```text
//! axum_sso [--keytab FILE] [--service HTTP[/host[@REALM]]] [--policy strict|default|windows] [--allow-enctype NAME]…
//!          [--listen ADDRESS]                          default: 127.0.0.1:8080
//!          [--tls-cert FILE --tls-key FILE]            PEM; without them nobody outside of this machine is asked for a ticket
//!          [--admin PRINCIPAL]…                        who may see /admin
//!          [--session-key-file FILE]                   so that sessions outlive a restart
//!          [--ask-only NETWORK]…                       whom to ask for a ticket; everybody, if it is not given
//!          [--trusted-proxy NETWORK]…                  whose X-Forwarded-For and X-Forwarded-Proto are believed
//! ```
//!
//! | Path | Who is asked for a ticket | What it is |
//! |---|---|---|
//! | `/` | nobody | where to begin |
//! | `/whoami` | who has no session | who you are: a page for browsers, JSON for the others |
//! | `/login/ticket` | everybody, after a logout too | logs in with a ticket, and goes back to `return_to` |
//! | `/login` | nobody | the form: user `demo`, password `demo`. **Replace it**: it is a demonstration |
//! | `/logout` | nobody | ends the session; the browser is not asked again until it wants to |
//! | `/admin` | everybody, session or not | what the server saw of this request |
//!
//! SIGHUP reads the keytab again. Where a step of a login is decided: `site.rs` whom to ask, `session.rs` the cookie, `serve.rs` what
//! is known of a connection.

#![expect(clippy::disallowed_methods, reason = "a server may read the clock; the library never does")]

mod admin;
mod arguments;
mod demo;
mod handlers;
mod pages;
mod refusals;
mod serve;
mod session;
mod site;

use arguments::Arguments;
use demo::Demo;
use site::Site;
use std::process::ExitCode;
use std::sync::Arc;

type Problem = Box<dyn core::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = match Arguments::parse() {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            println!("{}", arguments::USAGE);
            return ExitCode::SUCCESS;
        }
        Err(problem) => {
            eprintln!("axum_sso: {problem}\n{}", arguments::USAGE);
            return ExitCode::from(2);
        }
    };
    match run(&arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("axum_sso: {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<(), Problem> {
    let demo = arguments.keytab.is_none().then(Demo::new).transpose()?;
    let listener = serve::Listener::bind(arguments).await?;
    let site = Arc::new(Site::new(arguments, demo, listener.url())?);
    println!("listening on {}", listener.url());
    match &site.demo {
        Some(demo) => demo.say_how_to_log_in(listener.url()),
        None => println!("point a browser at {}/ under the host name of the keytab", listener.url()),
    }
    #[cfg(unix)]
    tokio::spawn(serve::reload_at_hangup(Arc::clone(&site))?);
    listener.serve(site).await
}
