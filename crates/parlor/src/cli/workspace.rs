//! `parlor workspace`.

use anyhow::{Context, bail};
use clap::{Args, Subcommand, ValueEnum};
use parlor_core::limits;

use super::store::Place;
use crate::ambient::{Ambient, Machine};
use crate::service::origin::Origin;
use crate::service::setup::new_secret;
use crate::store::{Secret, SecretKind};

/// Show or change what a workspace is made of. A running server follows within a few seconds.
#[derive(Debug, Args)]
pub struct Workspace {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print name, public key, allowed origins and the ids of the live secrets.
    Show {
        /// Print the secrets too. Whoever has one can sign tokens.
        #[arg(long)]
        secrets: bool,
    },
    /// Make a new secret and print it. Two of a kind are live; the older one goes on until the next rotation.
    Rotate {
        /// Which kind: `identity` signs visitors only, `api` signs any role.
        #[arg(long)]
        kind: Kind,
    },
    /// Set the origins whose pages may ask for anonymous visitors' tokens, like https://shop.example.com.
    Origins {
        /// All of them; none allows no page but the console's own.
        origins: Vec<String>,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    Identity,
    Api,
}

impl From<Kind> for SecretKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Identity => SecretKind::Identity,
            Kind::Api => SecretKind::Api,
        }
    }
}

impl Workspace {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let (store, _lock) = self.place.open_to_change()?;
        let workspace = self.place.workspace(&*store).await?;
        match self.action {
            Action::Show { secrets } => {
                println!("name        {}", workspace.name);
                println!("public key  {}", workspace.public_key);
                println!("origins     {}", workspace.origins.join(" "));
                workspace.secrets.iter().for_each(|secret| print_secret(secret, secrets));
            }
            Action::Rotate { kind } => {
                let secret = new_secret(&Machine, kind.into(), Machine.now());
                store.add_secret(workspace.key, secret.clone()).await?;
                print_secret(&secret, true);
            }
            Action::Origins { origins } => {
                if origins.len() > limits::ORIGINS {
                    bail!("a workspace has at most {} origins", limits::ORIGINS);
                }
                let parse = |text: &String| {
                    let origin = Origin::parse(text).map(|origin| origin.as_str().to_owned());
                    origin.with_context(|| {
                        format!("{text:?} is no origin; write it like https://shop.example.com")
                    })
                };
                let origins = origins.iter().map(parse).collect::<anyhow::Result<Vec<_>>>()?;
                println!("origins     {}", origins.join(" "));
                store.set_origins(workspace.key, origins).await?;
            }
        }
        Ok(())
    }
}

/// The text is the key itself: what a JWT library is given as the secret.
fn print_secret(secret: &Secret, whole: bool) {
    let kind = match secret.kind {
        SecretKind::Identity => "identity",
        SecretKind::Api => "api",
    };
    let text = if whole { format!("  {}", String::from_utf8_lossy(&secret.bytes)) } else { String::new() };
    println!("{kind:<10}  kid {}  since {}{text}", secret.kid, secret.created_at);
}
