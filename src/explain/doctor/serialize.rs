//! Findings for machines, behind the feature `serde`: stable names for kinds and severities, text for names.

use super::{AskedName, Diagnosis, EntryName, Finding, FindingKind, Severity, Subject};
use serde::ser::{Serialize, SerializeStruct, Serializer};

impl Serialize for Diagnosis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Diagnosis", 3)?;
        fields.serialize_field("findings", self.findings())?;
        fields.serialize_field("names_asked_for", self.names_asked_for())?;
        fields.serialize_field("commands_for_the_kdc", self.commands_for_the_kdc())?;
        fields.end()
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Finding", 5)?;
        fields.serialize_field("kind", &self.kind())?;
        fields.serialize_field("severity", &self.severity())?;
        fields.serialize_field("subject", self.subject())?;
        fields.serialize_field("message", self.message())?;
        fields.serialize_field("remedy", self.remedy())?;
        fields.end()
    }
}

impl Serialize for FindingKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl Serialize for Severity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// `{"type":"host","name":"www.example.com"}`; an entry has its parts as well.
impl Serialize for Subject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Subject", 2)?;
        fields.serialize_field("type", self.name())?;
        match self {
            Self::Keytab | Self::Policy | Self::Limits => {}
            Self::File(text) | Self::Host(text) | Self::Realm(text) | Self::Service(text) => {
                fields.serialize_field("name", &**text)?;
            }
            Self::Principal(principal) => fields.serialize_field("name", &format_args!("{principal}"))?,
            Self::Entry(entry) => fields.serialize_field("entry", entry)?,
        }
        fields.end()
    }
}

impl Serialize for EntryName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("EntryName", 5)?;
        fields.serialize_field("principal", &format_args!("{}", self.principal))?;
        fields.serialize_field("kvno", &self.kvno)?;
        fields.serialize_field("enctype", &self.enctype.0)?;
        fields.serialize_field("number", &self.number)?;
        fields.serialize_field("path", &self.path.as_deref())?;
        fields.end()
    }
}

impl Serialize for AskedName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("AskedName", 3)?;
        fields.serialize_field("name", self.name())?;
        fields.serialize_field("by", self.by())?;
        fields.serialize_field("covered", &self.is_covered())?;
        fields.end()
    }
}
