//! What the server does by itself, beside its requests.

pub mod cleanup;
pub mod clock;
pub mod lifecycle;
