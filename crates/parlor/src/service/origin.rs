//! Browser origins (RFC 6454): what an `Origin` header says, compared with what is configured.

/// `scheme://host[:port]`, lower case, without a default port.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    /// Reads an origin or the origin of an address; `None` for anything but http and https, and for `null`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.trim().split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        let default_port = match scheme.as_str() {
            "http" => ":80",
            "https" => ":443",
            _ => return None,
        };
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        let clean = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
        if host.is_empty() || !host.chars().all(clean) {
            return None;
        }
        let host = host.strip_suffix(default_port).unwrap_or(&host);
        Some(Self(format!("{scheme}://{host}")))
    }

    /// Whether pages of it are served over TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.0.starts_with("https:")
    }

    /// As browsers write it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_the_origin_its_pages_send() {
        let same = [
            ("https://Chat.Example.com/path?q#f", "https://chat.example.com"),
            ("https://chat.example.com:443", "https://chat.example.com"),
            ("http://127.0.0.1:7070/", "http://127.0.0.1:7070"),
            ("http://[::1]:7070", "http://[::1]:7070"),
            ("http://localhost:80", "http://localhost"),
        ];
        for (address, origin) in same {
            assert_eq!(Origin::parse(address).expect(address).as_str(), origin);
        }
    }

    #[test]
    fn what_is_no_web_origin_is_none() {
        for text in
            ["null", "", "https://", "file:///etc", "https://a@b", "javascript://x", "https://a b", "*"]
        {
            assert_eq!(Origin::parse(text), None, "{text}");
        }
    }
}
