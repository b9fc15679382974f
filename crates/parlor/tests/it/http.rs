//! The API over real connections.

mod openapi;
