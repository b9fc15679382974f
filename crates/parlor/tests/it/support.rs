//! What the tests share.

pub mod ambient;
pub mod app;
pub mod directory;
pub mod live;
pub mod process;
pub mod socket;
pub mod stream;
