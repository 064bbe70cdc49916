//! One of several processes that accept the same tokens with one replay store on Redis.
//!
//! ```text
//! replay_process URL THREADS together|shared FIRST TOKENS VERDICTS
//! ```
//!
//! Of the threads, `together` each presents all tokens, `shared` each its part, from the token at FIRST thousandths of them on, and
//! then those before it.
//! Says `ready`, waits for a line, presents the tokens, and writes two octets for each: how often it was accepted, and how
//! often it was a replay. Anything else is a failure of the process.

use std::env::args;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use kerbside::replay::redis::RedisReplayStore;
use kerbside::testing::{Clock, Realm};
use kerbside::{Acceptor, ReplayPolicy};
use kerbside_interop::redis::read_tokens;

fn main() {
    let arguments: Vec<_> = args().collect();
    let [_, url, threads, way, first, tokens, verdicts] = &arguments[..] else { panic!("six arguments") };
    let threads: usize = threads.parse().expect("a number of threads");
    let tokens = read_tokens(Path::new(tokens));
    let first = tokens.len() * first.parse::<usize>().expect("a number of thousandths") / 1_000;
    let keytab = Realm::new("EXAMPLE.COM").keytab("HTTP/web.example.com").expect("a keytab");
    let store = RedisReplayStore::builder(url).build().expect("a good URL");
    let acceptor =
        Acceptor::builder(keytab).replay(ReplayPolicy::Store(Arc::new(store))).build().expect("the keytab has keys");
    let counts: Vec<_> = tokens.iter().map(|_| (AtomicU8::new(0), AtomicU8::new(0))).collect();

    println!("ready");
    let mut word = String::new();
    std::io::stdin().read_line(&mut word).expect("the word is given");

    let is_mine = |thread: usize, token: usize| way == "together" || token % threads == thread;
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (acceptor, tokens, counts) = (&acceptor, &tokens, &counts);
            scope.spawn(move || {
                let from_first = tokens.iter().enumerate().cycle().skip(first).take(tokens.len());
                for (number, token) in from_first.filter(|(number, _)| is_mine(thread, *number)) {
                    let (accepted, replays) = &counts[number];
                    match acceptor.accept(token, Clock::START) {
                        Ok(_) => accepted.fetch_add(1, Ordering::Relaxed),
                        Err(error) if error.kind().name() == "Replay" => replays.fetch_add(1, Ordering::Relaxed),
                        Err(error) => panic!("token {number}: {error}"),
                    };
                }
            });
        }
    });
    let octets = counts.into_iter().flat_map(|(accepted, replays)| [accepted.into_inner(), replays.into_inner()]);
    std::fs::write(verdicts, octets.collect::<Vec<_>>()).expect("a directory of the test's own");
}
