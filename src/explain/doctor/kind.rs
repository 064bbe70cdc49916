//! The kinds of findings: stable names, and how bad each usually is.

use super::finding::Severity;
use core::fmt;

macro_rules! finding_kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal, $severity:ident;)*) => {
        /// What kind of finding it is.
        ///
        /// `Display` and [`name`](Self::name) give the stable name that machines may rely on: the area, and the case.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum FindingKind { $($(#[$doc])* $kind,)* }

        impl FindingKind {
            /// Every kind, by area.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// The stable name: `Enctype.OnlyRc4`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }

            /// How bad it is, unless the policy makes it better or worse.
            #[must_use]
            pub fn usual_severity(self) -> Severity {
                match self { $(Self::$kind => Severity::$severity,)* }
            }
        }
    };
}

finding_kinds! {
    /// The keytab has no entries.
    KeytabEmpty = "Keytab.Empty", Error;
    /// Others than its owner can read the file (ICE-21).
    FileReadableByOthers = "File.ReadableByOthers", Warning;
    /// The file is named after a principal that is not in it (ICE-07).
    FileNamedOtherwise = "File.NamedOtherwise", Warning;
    /// Octets behind the end of the entries were not read.
    FileOctetsAfterEnd = "File.OctetsAfterEnd", Warning;
    /// The text that names the accepted service names none.
    ServiceText = "Service.Text", Error;
    /// The accepted service fits no entry.
    ServiceNotInKeytab = "Service.NotInKeytab", Error;
    /// The accepted service does not fit this principal.
    ServiceExcluded = "Service.Excluded", Note;
    /// No key of the principal can be used.
    EnctypeNoneUsable = "Enctype.NoneUsable", Error;
    /// The policy permits no enctype that the principal has keys of.
    EnctypeNonePermitted = "Enctype.NonePermitted", Error;
    /// The principal has keys of RC4 alone; a warning if the policy permits RC4.
    EnctypeOnlyRc4 = "Enctype.OnlyRc4", Error;
    /// The principal has keys, and none of AES.
    EnctypeNoAes = "Enctype.NoAes", Warning;
    /// The principal has a key of AES-128 and none of AES-256.
    EnctypeNoAes256 = "Enctype.NoAes256", Warning;
    /// The principal has keys of RFC 8009 alone.
    EnctypeOnlyAesSha2 = "Enctype.OnlyAesSha2", Warning;
    /// The principal has keys that the policy refuses, beside others.
    EnctypeNotPermitted = "Enctype.NotPermitted", Note;
    /// The principal has keys of DES or its like.
    EnctypeWeak = "Enctype.Weak", Warning;
    /// The principal has keys of an enctype that is not in this build.
    EnctypeNotBuiltIn = "Enctype.NotBuiltIn", Note;
    /// The principal has keys of a number that is not registered.
    EnctypeUnknown = "Enctype.Unknown", Warning;
    /// A key's length does not fit its enctype.
    KeyLength = "Key.Length", Error;
    /// Two entries are equal in all but the key (KTB-11).
    DuplicateOtherKey = "Duplicate.OtherKey", Warning;
    /// Two entries are equal.
    DuplicateSameKey = "Duplicate.SameKey", Note;
    /// A key has version 0, which fits any (CAS-08).
    KvnoZero = "Kvno.Zero", Note;
    /// The counter of versions has wrapped at 255 (KTB-10).
    KvnoWrap = "Kvno.Wrap", Warning;
    /// A version was cut to 8 bits, or soon will be.
    KvnoEightBits = "Kvno.EightBits", Warning;
    /// A key is dated later than now.
    TimeFuture = "Time.Future", Warning;
    /// The newest key is older than two years.
    TimeOld = "Time.Old", Note;
    /// It is a key of the KDC.
    NameOfKdc = "Name.Kdc", Error;
    /// It is a key of a user (KTB-18).
    NameOfUser = "Name.User", Warning;
    /// It is a key of the machine, among those of services.
    NameOfHost = "Name.Host", Warning;
    /// The service is written in another case than clients write it; a note if the policy ignores that.
    NameServiceCase = "Name.ServiceCase", Warning;
    /// The host has capitals; a note if the policy ignores that.
    NameHostCase = "Name.HostCase", Warning;
    /// The realm is not in capitals (F5-08).
    NameRealmCase = "Name.RealmCase", Warning;
    /// Two names differ in case alone.
    NameDiffersInCase = "Name.DiffersInCase", Warning;
    /// The host has no entry of any like (ICE-10).
    HostNotCovered = "Host.NotCovered", Error;
    /// The host has an entry in its short or long form alone.
    HostOtherForm = "Host.OtherForm", Error;
    /// The host has an entry in another case alone.
    HostOtherCase = "Host.OtherCase", Error;
    /// The host has an entry in another realm alone.
    HostOtherRealm = "Host.OtherRealm", Error;
    /// The host has an entry that the accepted service excludes.
    HostExcluded = "Host.Excluded", Error;
    /// The host is an alias, and what it stands for has no entry (ASK-11).
    HostCanonical = "Host.Canonical", Warning;
    /// The host is used with a port.
    HostPort = "Host.Port", Note;
    /// The host is a short name.
    HostShort = "Host.Short", Note;
    /// The host is an IP address.
    HostIsAddress = "Host.Address", Error;
    /// The text is no host.
    HostNotAName = "Host.NotAName", Error;
    /// A realm that was expected has no entry.
    RealmNotCovered = "Realm.NotCovered", Error;
    /// An entry is of a realm that was not expected.
    RealmUnexpected = "Realm.Unexpected", Warning;
    /// There are several realms, and none was expected.
    RealmSeveral = "Realm.Several", Note;
    /// The policy permits no enctype at all.
    PolicyNoEnctype = "Policy.NoEnctype", Error;
    /// The policy permits RC4 tickets (CAS-07).
    PolicyRc4 = "Policy.Rc4", Warning;
    /// The policy requires channel bindings.
    PolicyBindings = "Policy.Bindings", Note;
    /// The policy refuses connections without channel bindings.
    PolicyUnbound = "Policy.Unbound", Note;
    /// The policy requires addresses in tickets.
    PolicyAddresses = "Policy.Addresses", Warning;
    /// The policy requires that clients name their target.
    PolicyTarget = "Policy.Target", Warning;
    /// The policy leaves clocks no room.
    PolicySkewSmall = "Policy.SkewSmall", Error;
    /// The policy leaves clocks more than an hour.
    PolicySkewLarge = "Policy.SkewLarge", Warning;
    /// The policy accepts no clients of the service's own realm; an error if it accepts none at all.
    PolicyClientRealms = "Policy.ClientRealms", Warning;
    /// The acceptor refuses large tokens.
    LimitsToken = "Limits.Token", Warning;
    /// A server or proxy refuses the header of a large token (CAS-04).
    LimitsHeader = "Limits.Header", Warning;
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
