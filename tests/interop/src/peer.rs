//! The initiators, each somebody else's work.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Realm, unpacked, variable};

/// Whose initiator it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// MIT's library, through python-gssapi.
    Mit,
    /// The same, with gss-ntlmssp beside Kerberos.
    MitWithNtlm,
    /// Heimdal's library, through a program of our own in C.
    Heimdal,
    /// The JGSS of the JDK.
    Java,
    /// The same, with `sun.security.spnego.msinterop` off: it minds MICs over the list of mechanisms.
    JavaByTheBook,
    /// The JDK's client for SASL.
    JavaSasl,
    /// Cyrus's client for SASL over MIT's library, through a program of our own in C.
    Cyrus,
    /// impacket, which makes its tokens itself.
    Impacket,
    /// gokrb5, which does too.
    Gokrb5,
}

impl Peer {
    pub(crate) fn command(self, realm: &Realm) -> Command {
        match self {
            Self::Mit => script("initiator.py"),
            Self::MitWithNtlm => with_ntlm(script("initiator.py")),
            Self::Heimdal => Command::new(program("heimdal")),
            Self::Java => java(realm, &[], "Initiator"),
            Self::JavaByTheBook => java(realm, &["-Dsun.security.spnego.msinterop=false".to_owned()], "Initiator"),
            Self::JavaSasl => java(realm, &[], "SaslInitiator"),
            Self::Cyrus => Command::new(program("cyrus")),
            Self::Impacket => script("peers/impacket_initiator.py"),
            Self::Gokrb5 => Command::new(program("gokrb5")),
        }
    }
}

fn program(name: &str) -> PathBuf {
    Path::new(&variable("KERBSIDE_PEERS")).join(name)
}

pub(crate) fn script(name: &str) -> Command {
    let mut command = Command::new(variable("KERBSIDE_PYTHON"));
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(name));
    command
}

fn with_ntlm(mut command: Command) -> Command {
    command.env("GSS_MECH_CONFIG", unpacked("gss.mechanisms")).env("NTLM_USER_FILE", unpacked("ntlm.users"));
    command
}

/// A class of `peers/`, with options of the JVM's. `sun.security.spnego.msinterop` is on unless one says otherwise, and means
/// no MICs over the list of mechanisms.
pub(crate) fn java(realm: &Realm, options: &[String], class: &str) -> Command {
    let mut command = bare_java(realm);
    command
        .args(options)
        // Tickets come from KRB5CCNAME, without a login of the application's.
        .arg("-Djavax.security.auth.useSubjectCredsOnly=false")
        .args(["--add-exports", "java.security.jgss/sun.security.jgss.krb5.internal=ALL-UNNAMED"])
        .arg(class);
    command
}

/// Java, with the classes of `peers/` and the realm's configuration.
fn bare_java(realm: &Realm) -> Command {
    let mut configuration = OsString::from("-Djava.security.krb5.conf=");
    configuration.push(realm.configuration());
    let mut command = Command::new("java");
    command.arg("-XX:TieredStopAtLevel=1").arg(configuration).arg("-cp").arg(program("java"));
    command
}

/// The keys of a principal that Java finds in a keytab, each with its kvno and the number of its enctype.
pub fn keys_in_java(realm: &Realm, keytab: &Path, principal: &str) -> Vec<(u32, i32, String)> {
    let output = bare_java(realm).arg("Keys").arg(keytab).arg(principal).output().expect("Java runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("Java prints text");
    let line = |line: &str| {
        let [kvno, enctype, octets] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        (kvno.parse().expect("a number"), enctype.parse().expect("a number"), octets.to_owned())
    };
    text.lines().map(line).collect()
}
