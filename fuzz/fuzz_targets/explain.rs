#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|octets: &[u8]| kerbside_fuzz::explain::run(octets));

#[cfg(not(fuzzing))]
fn main() -> std::io::Result<()> {
    kerbside_fuzz::replay::files_of_the_command_line(kerbside_fuzz::explain::run)
}
