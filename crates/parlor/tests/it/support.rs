//! What the tests share.

pub mod ambient;
pub mod live;
pub mod socket;
