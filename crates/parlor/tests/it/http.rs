//! The API over real connections.

mod auth;
mod changes;
mod conversations;
mod desk;
mod edges;
mod erasure;
mod events;
mod import;
mod inbox;
mod matrix;
mod messages;
mod notes;
mod openapi;
mod people;
mod restore;
mod seed_client;
mod settings;
mod transcript;
