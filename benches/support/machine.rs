//! Where the figures come from.

/// The processor, how many of it there are, and which instructions for crypto it is found to have.
pub(crate) fn machine() -> String {
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(std::env::consts::ARCH);
    let count = std::thread::available_parallelism().map_or(1, core::num::NonZero::get);
    let instructions = instructions();
    let instructions = if instructions.is_empty() { "none for crypto".to_owned() } else { instructions.join(" ") };
    format!("{}, {count} CPUs, instructions: {instructions}", model.trim_start_matches([' ', '\t', ':']))
}

/// What the crates of the hashes and ciphers ask for too, in the same words (`cpufeatures` reads the same `cpuid`).
#[cfg(target_arch = "x86_64")]
fn instructions() -> Vec<&'static str> {
    use std::arch::is_x86_feature_detected as detected;
    [
        ("aes", detected!("aes")),
        ("vaes", detected!("vaes")),
        ("sha", detected!("sha")),
        ("ssse3", detected!("ssse3")),
        ("sse4.1", detected!("sse4.1")),
        ("avx2", detected!("avx2")),
        ("avx512f", detected!("avx512f")),
    ]
    .into_iter()
    .filter_map(|(name, there)| there.then_some(name))
    .collect()
}

#[cfg(target_arch = "aarch64")]
fn instructions() -> Vec<&'static str> {
    use std::arch::is_aarch64_feature_detected as detected;
    [("aes", detected!("aes")), ("sha2", detected!("sha2")), ("sha3", detected!("sha3"))]
        .into_iter()
        .filter_map(|(name, there)| there.then_some(name))
        .collect()
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn instructions() -> Vec<&'static str> {
    Vec::new()
}
