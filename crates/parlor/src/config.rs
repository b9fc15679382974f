//! Every setting of the server, said once: the struct, its flags, its variables, its file and its documentation.

use std::fmt::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use parlor_core::limits;
use serde::{Deserialize, Serialize};

/// What one setting is, for `parlor config doc`.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// As it stands in the file.
    pub name: &'static str,
    /// Its environment variable.
    pub variable: &'static str,
    /// What it is for.
    pub doc: &'static str,
}

macro_rules! settings {
    ($($variable:literal $(#[doc = $doc:literal])+ $name:ident: $type:ty = $default:expr, [$($arg:tt)*];)*) => {
        /// The settings in force.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        pub struct Config { $($(#[doc = $doc])+ pub $name: $type,)* }

        impl Default for Config {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        /// Settings somebody gave: a file's, or flags and variables.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, clap::Args)]
        #[serde(deny_unknown_fields)]
        pub struct Given {
            $($(#[doc = $doc])+ #[arg(long, env = $variable, $($arg)*)] pub $name: Option<$type>,)*
        }

        impl Config {
            /// These settings with what was given instead.
            #[must_use]
            pub fn with(self, given: Given) -> Self {
                Self { $($name: given.$name.unwrap_or(self.$name),)* }
            }
        }

        /// Every setting, in the order of the struct.
        pub const SETTINGS: &[Setting] = &[
            $(Setting { name: stringify!($name), variable: $variable, doc: concat!($($doc, "\n"),+) },)*
        ];
    };
}

settings! {
    "PARLOR_LISTEN"
    /// The address and port to listen on. Put a proxy with TLS in front of anything but loopback.
    listen: SocketAddr = SocketAddr::from(([127, 0, 0, 1], 7070)), [];

    "PARLOR_DATA"
    /// The directory of the embedded database; it is made when it is not there.
    data: PathBuf = PathBuf::from("./parlor-data"), [];

    "PARLOR_PUBLIC_URLS"
    /// The addresses people reach the console under, like https://chat.example.com; the cookie works from pages of these
    /// origins only. Empty: http:// and the address listened on.
    public_urls: Vec<String> = Vec::new(), [value_delimiter = ','];

    "PARLOR_DEMO"
    /// Serve a workspace `demo` with a visitor's page at /demo and plausible conversations; loopback only.
    demo: bool = false, [num_args = 0..=1, default_missing_value = "true"];

    "PARLOR_BATCH_COMMANDS"
    /// Commands of one transaction at most; 1 commits each alone, which is only good for measuring what batching gives.
    batch_commands: usize = limits::BATCH_COMMANDS, [];

    "PARLOR_LOG"
    /// What is logged: `info`, `warn`, or by module like `info,parlor::ws=debug`. Texts, tokens and codes never are.
    log: String = "info".to_owned(), [];
}

/// Why settings cannot be used. Names the setting and what would be right.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{} cannot be read: {source}", .path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not what it should be; TOML's message names line and setting.
    #[error("{} is not a valid configuration: {message}", .path.display())]
    Malformed {
        /// Which.
        path: PathBuf,
        /// Why.
        message: String,
    },
    /// A value that cannot be used.
    #[error("{0}")]
    Invalid(&'static str),
}

/// The file that is read when it is there and none is named.
pub const DEFAULT_FILE: &str = "parlor.toml";

impl Config {
    /// Defaults, then the file, then flags and variables. A file that is named must be there.
    pub fn load(file: Option<&Path>, given: Given) -> Result<Self, ConfigError> {
        let path = file.unwrap_or(Path::new(DEFAULT_FILE));
        let from_file = match std::fs::read_to_string(path) {
            Ok(text) => toml::from_str(&text)
                .map_err(|e| ConfigError::Malformed { path: path.to_owned(), message: e.to_string() })?,
            Err(error) if file.is_none() && error.kind() == std::io::ErrorKind::NotFound => Given::default(),
            Err(source) => return Err(ConfigError::Unreadable { path: path.to_owned(), source }),
        };
        Config::default().with(from_file).with(given).checked()
    }

    /// These settings at the address that the system gave, which port 0 leaves to it.
    #[must_use]
    pub fn at(mut self, listen: SocketAddr) -> Self {
        if self.public_urls == own_urls(self.listen) {
            self.public_urls = own_urls(listen);
        }
        self.listen = listen;
        self
    }

    fn checked(mut self) -> Result<Self, ConfigError> {
        if self.demo && !self.listen.ip().is_loopback() {
            return Err(ConfigError::Invalid("demo: listens on loopback only; set listen to 127.0.0.1:7070"));
        }
        if !(1..=limits::BATCH_COMMANDS).contains(&self.batch_commands) {
            return Err(ConfigError::Invalid("batch_commands: must be 1 to 256"));
        }
        if self.log.parse::<tracing_subscriber::filter::Targets>().is_err() {
            return Err(ConfigError::Invalid(
                "log: must be a level like info, or a list like info,parlor::ws=debug",
            ));
        }
        if self.public_urls.iter().any(|url| !url.starts_with("http://") && !url.starts_with("https://")) {
            return Err(ConfigError::Invalid("public_urls: each must start with http:// or https://"));
        }
        if self.public_urls.is_empty() {
            self.public_urls = own_urls(self.listen);
        }
        Ok(self)
    }

    /// The settings as a file.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut text = String::new();
        let values = toml::Value::try_from(self).ok();
        for setting in SETTINGS {
            for line in setting.doc.lines() {
                let _ = writeln!(text, "#{line}");
            }
            let value = values.as_ref().and_then(|all| all.get(setting.name));
            let _ =
                writeln!(text, "{} = {}\n", setting.name, value.map(ToString::to_string).unwrap_or_default());
        }
        text
    }
}

/// How a browser on the same machine reaches the server. `localhost` is another origin than 127.0.0.1, and people type it.
fn own_urls(listen: SocketAddr) -> Vec<String> {
    let port = listen.port();
    if listen.ip().is_loopback() || listen.ip().is_unspecified() {
        let host = if listen.is_ipv6() { "[::1]" } else { "127.0.0.1" };
        vec![format!("http://{host}:{port}"), format!("http://localhost:{port}")]
    } else {
        vec![format!("http://{listen}")]
    }
}

/// Every setting as a table of Markdown, for docs/operations.md.
#[must_use]
pub fn documentation() -> String {
    let defaults = toml::Value::try_from(Config::default()).ok();
    let mut text = "| setting | flag | variable | default | |\n|---|---|---|---|---|\n".to_owned();
    for Setting { name, variable, doc } in SETTINGS {
        let default =
            defaults.as_ref().and_then(|all| all.get(name)).map(ToString::to_string).unwrap_or_default();
        let doc = doc.split_whitespace().collect::<Vec<_>>().join(" ");
        let flag = name.replace('_', "-");
        let _ = writeln!(text, "| `{name}` | `--{flag}` | `{variable}` | `{default}` | {doc} |");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().expect("a directory for the test");
        let path = directory.path().join(DEFAULT_FILE);
        std::fs::write(&path, text).expect("a file for the test");
        (directory, path)
    }

    #[test]
    fn the_consoles_addresses_follow_the_port_unless_they_were_given() {
        let at = SocketAddr::from(([127, 0, 0, 1], 4321));
        let given = Given { listen: Some(SocketAddr::from(([127, 0, 0, 1], 0))), ..Given::default() };
        let (_directory, path) = file("");
        let own = Config::load(Some(&path), given.clone()).expect("valid").at(at);
        assert_eq!((own.listen, &*own.public_urls[0]), (at, "http://127.0.0.1:4321"));
        let (_directory, path) = file("public_urls = [\"https://chat.example.com\"]");
        let said = Config::load(Some(&path), given).expect("valid").at(at);
        assert_eq!((said.listen, said.public_urls), (at, vec!["https://chat.example.com".to_owned()]));
    }

    #[test]
    fn flags_win_over_the_file_and_the_file_over_defaults() {
        let (_directory, path) = file("log = \"warn\"\nbatch_commands = 7\n");
        let given = Given { log: Some("debug".into()), ..Given::default() };
        let config = Config::load(Some(&path), given).expect("valid");
        assert_eq!((config.log.as_str(), config.batch_commands), ("debug", 7));
        assert_eq!(config.listen, Config::default().listen);
        assert_eq!(config.public_urls, ["http://127.0.0.1:7070", "http://localhost:7070"]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, named) in [
            ("colour = 1", "colour"),
            ("listen = \"nowhere\"", "listen"),
            ("batch_commands = 0", "batch_commands"),
            ("log = \"parlor=loud\"", "log"),
            ("public_urls = [\"chat.example.com\"]", "public_urls"),
            ("demo = true\nlisten = \"0.0.0.0:7070\"", "demo"),
        ] {
            let (_directory, path) = file(text);
            let error = Config::load(Some(&path), Given::default()).expect_err(text);
            assert!(error.to_string().contains(named), "{text}: {error}");
        }
        assert!(Config::load(Some(Path::new("/nowhere/parlor.toml")), Given::default()).is_err());
    }

    #[test]
    fn the_default_file_says_the_defaults() {
        let text = Config::default().to_toml();
        let read: Given = toml::from_str(&text).expect("our own file");
        assert_eq!(Config { demo: true, ..Config::default() }.with(read), Config::default());
        for setting in SETTINGS {
            assert!(documentation().contains(setting.variable), "{}", setting.name);
        }
    }
}
