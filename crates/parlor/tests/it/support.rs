//! What the tests share.

pub mod ambient;
