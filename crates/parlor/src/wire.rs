//! The JSON of HTTP and WebSocket: what callers send, parsed into core's types, and what they get, one shape a view.
//!
//! Names and optional fields are the contract's (section 3). Nothing here decides or reads anything.

pub mod clock;
pub mod conversation;
pub mod desk;
pub mod erasure;
pub mod event;
pub mod frames;
pub mod funnel;
pub mod import;
pub mod input;
pub mod list;
pub mod me;
pub mod message;
pub mod note;
pub mod parse;
pub mod problem;
pub mod query;
pub mod restore;
pub mod scalar;
pub mod settings;
pub mod transcript;
pub mod user;

pub use conversation::ConversationView;
pub use message::MessageView;
pub use note::NoteView;
pub use problem::Problem;
