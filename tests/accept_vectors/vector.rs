//! One vector as text: `name: value` lines, then `token:` and its octets in hexadecimal.

/// One case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Vector {
    /// `accepted`, or `refused/` and the name of the refusal.
    pub(crate) expect: String,
    /// The acceptor's time.
    pub(crate) at: String,
    /// The rule that it is about, and where it comes from.
    pub(crate) source: String,
    /// `strict` or `windows`; the default policy without it.
    pub(crate) policy: Option<String>,
    /// The application data of the acceptor's channel bindings.
    pub(crate) bindings: Option<String>,
    /// Who was accepted.
    pub(crate) client: Option<String>,
    /// The file with the keys.
    pub(crate) keytab: String,
    pub(crate) token: Vec<u8>,
}

impl Vector {
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let (fields, token) = text.split_once("token:\n").ok_or("there is no token")?;
        let mut vector = Self { token: octets(token)?, ..Self::default() };
        let mut seen = Vec::new();
        for line in fields.lines() {
            let (name, value) = line.split_once(": ").ok_or_else(|| format!("no field: {line}"))?;
            if seen.contains(&name) {
                return Err(format!("{name} stands there twice"));
            }
            seen.push(name);
            let value = value.to_owned();
            match name {
                "expect" => vector.expect = value,
                "at" => vector.at = value,
                "source" => vector.source = value,
                "policy" => vector.policy = Some(value),
                "bindings" => vector.bindings = Some(value),
                "client" => vector.client = Some(value),
                "keytab" => vector.keytab = value,
                other => return Err(format!("{other} is no field")),
            }
        }
        let required = ["expect", "at", "source", "keytab"];
        match required.iter().find(|name| !seen.contains(name)) {
            Some(missing) => Err(format!("there is no {missing}")),
            None => Ok(vector),
        }
    }

    #[cfg(feature = "testing")]
    pub(crate) fn to_text(&self) -> String {
        let fields = [
            ("expect", Some(&self.expect)),
            ("at", Some(&self.at)),
            ("source", Some(&self.source)),
            ("policy", self.policy.as_ref()),
            ("bindings", self.bindings.as_ref()),
            ("client", self.client.as_ref()),
            ("keytab", Some(&self.keytab)),
        ];
        let stated = fields.iter().filter_map(|(name, value)| Some(format!("{name}: {}\n", (*value)?)));
        let hex: String = self.token.iter().map(|octet| format!("{octet:02x}")).collect();
        let lines = hex.as_bytes().chunks(64).map(|line| format!("{}\n", String::from_utf8_lossy(line)));
        stated.chain(["token:\n".to_owned()]).chain(lines).collect()
    }
}

fn octets(text: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<u8> = text.bytes().filter(|octet| *octet != b'\n').collect();
    if digits.len() % 2 != 0 {
        return Err("half an octet".into());
    }
    let octet = |pair: &[u8]| {
        let pair = core::str::from_utf8(pair).map_err(|error| error.to_string())?;
        u8::from_str_radix(pair, 16).map_err(|error| format!("{pair}: {error}"))
    };
    digits.chunks(2).map(octet).collect()
}
