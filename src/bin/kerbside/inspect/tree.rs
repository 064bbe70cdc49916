//! Named values in their order: a tree for people, an object for machines.

use serde_json::json;

/// Named values, in the order in which they were found.
#[derive(Default)]
pub(super) struct Fields(Vec<(&'static str, Value)>);

pub(super) enum Value {
    Text(String),
    Number(i64),
    Fields(Fields),
    List(Vec<Self>),
    /// What could not be read, and why.
    Problem(String),
}

impl Fields {
    pub(super) fn put(&mut self, name: &'static str, value: impl Into<Value>) {
        self.0.push((name, value.into()));
    }

    /// What could not be read.
    pub(super) fn problem(&mut self, problem: impl core::fmt::Display) {
        self.put("problem", Value::Problem(problem.to_string()));
    }

    pub(super) fn has_problem(&self) -> bool {
        self.0.iter().any(|(_, value)| value.has_problem())
    }

    pub(super) fn json(&self) -> serde_json::Value {
        self.0.iter().map(|(name, value)| ((*name).to_owned(), value.json())).collect()
    }

    pub(super) fn text(&self) -> String {
        let mut lines = Vec::new();
        for (name, value) in &self.0 {
            value.lines(name, "", &mut lines);
        }
        lines.join("\n")
    }
}

impl Value {
    fn has_problem(&self) -> bool {
        match self {
            Self::Problem(_) => true,
            Self::Fields(fields) => fields.has_problem(),
            Self::List(values) => values.iter().any(Self::has_problem),
            Self::Text(_) | Self::Number(_) => false,
        }
    }

    fn json(&self) -> serde_json::Value {
        match self {
            Self::Text(text) | Self::Problem(text) => json!(text),
            Self::Number(number) => json!(number),
            Self::Fields(fields) => fields.json(),
            Self::List(values) => values.iter().map(Self::json).collect(),
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            _ => "",
        }
    }

    /// The value behind its name, and what belongs to it below, indented.
    fn lines(&self, name: &str, indent: &str, lines: &mut Vec<String>) {
        match self {
            Self::Text(text) | Self::Problem(text) => lines.push(format!("{name}: {text}")),
            Self::Number(number) => lines.push(format!("{name}: {number}")),
            Self::Fields(fields) => {
                lines.push(name.to_owned());
                let named = fields.0.iter().map(|(name, value)| ((*name).to_owned(), value));
                branches(named.collect(), indent, lines);
            }
            Self::List(values) if values.iter().all(|value| matches!(value, Self::Text(_))) => {
                let texts: Vec<_> = values.iter().map(Self::text).collect();
                lines.push(format!("{name}: {}", if texts.is_empty() { "none".into() } else { texts.join(", ") }));
            }
            Self::List(values) => {
                lines.push(name.to_owned());
                let numbered = values.iter().enumerate().map(|(position, value)| ((position + 1).to_string(), value));
                branches(numbered.collect(), indent, lines);
            }
        }
    }
}

fn branches(values: Vec<(String, &Value)>, indent: &str, lines: &mut Vec<String>) {
    let count = values.len();
    for (position, (name, value)) in values.into_iter().enumerate() {
        let (branch, below) = if position + 1 == count { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        // The name stands behind the branch, what is below it behind the line that leads past it.
        value.lines(&format!("{indent}{branch}{name}"), &format!("{indent}{below}"), lines);
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Number(number.try_into().unwrap_or(i64::MAX))
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Self::Number(number.into())
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<Fields> for Value {
    fn from(fields: Fields) -> Self {
        Self::Fields(fields)
    }
}

impl FromIterator<Self> for Value {
    fn from_iter<I: IntoIterator<Item = Self>>(values: I) -> Self {
        Self::List(values.into_iter().collect())
    }
}
