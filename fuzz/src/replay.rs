//! Running a target's body over files instead of under a fuzzer.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The `main` of a target on stable: replays the files that are named as arguments.
///
/// # Errors
/// A file that cannot be read.
pub fn files_of_the_command_line(run: fn(&[u8])) -> io::Result<()> {
    for name in env::args_os().skip(1) {
        let octets = fs::read(&name)?;
        run(&octets);
        println!("{}: {} octets", Path::new(&name).display(), octets.len());
    }
    Ok(())
}

/// The files in the directory of a target's seeds, in order of name.
#[must_use]
pub fn seeds(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
    let entries = fs::read_dir(&directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry of a directory").path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read(&path).expect("a seed can be read"))).collect()
}

/// Runs the body on the octets, on every truncation of them, and with every octet changed in four ways.
pub fn with_mutations(octets: &[u8], run: fn(&[u8])) {
    run(octets);
    for length in 0..octets.len() {
        run(&octets[..length]);
    }
    let mut changed = octets.to_vec();
    for at in 0..octets.len() {
        for value in [octets[at] ^ 0x01, octets[at] ^ 0x80, octets[at].wrapping_add(1), 0xff - octets[at]] {
            changed[at] = value;
            run(&changed);
        }
        changed[at] = octets[at];
    }
}
