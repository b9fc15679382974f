//! HTTP: parse, call one function of the service, render. One file for each resource; no rules here.

pub mod assets;
pub mod auth;
pub mod away;
pub mod body;
mod changes;
mod clock;
mod conversations;
mod desk;
pub mod edge;
mod erasure;
mod funnels;
mod health;
mod import;
mod messages;
mod notes;
pub mod openapi;
mod people;
pub mod problem;
mod restore;
mod sessions;
mod settings;
mod transcript;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use parlor_core::error::Code;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::service::Service;
use crate::wire::Problem;

/// Where the API lives.
pub const BASE: &str = "/api/live-chat";

/// Routes and their description.
pub type Routes = OpenApiRouter<Arc<Service>>;

/// Every operation of the API but the socket.
#[must_use]
pub fn api() -> Routes {
    OpenApiRouter::with_openapi(openapi::about())
        .routes(routes!(conversations::list_conversations, conversations::start_conversation))
        .routes(routes!(conversations::update_conversations))
        .routes(routes!(
            conversations::get_conversation,
            conversations::update_conversation,
            erasure::delete_conversation
        ))
        .routes(routes!(conversations::mark_read))
        .routes(routes!(conversations::set_typing))
        .routes(routes!(conversations::take_conversation))
        .routes(routes!(conversations::give_back_conversation))
        .routes(routes!(messages::send_message))
        .routes(routes!(messages::list_messages))
        .routes(routes!(notes::add_note))
        .routes(routes!(notes::delete_note))
        .routes(routes!(transcript::get_transcript))
        .routes(routes!(changes::list_changes))
        .routes(routes!(changes::stream_events))
        .routes(routes!(funnels::get_funnel, funnels::put_funnel))
        .routes(routes!(settings::get_settings, settings::put_settings))
        .routes(routes!(settings::preview_settings))
        .routes(routes!(desk::list_agents))
        .routes(routes!(desk::list_labels))
        .routes(routes!(desk::list_funnels))
        .routes(routes!(desk::list_canned_answers))
        .routes(routes!(desk::put_canned_answer, desk::delete_canned_answer))
        .routes(routes!(desk::list_views))
        .routes(routes!(desk::put_view, desk::delete_view))
        .routes(routes!(people::put_user, erasure::delete_user))
        .routes(routes!(erasure::export_user))
        .routes(routes!(erasure::list_deletions))
        .routes(routes!(clock::set_clock))
        .routes(routes!(import::import_conversations))
        .routes(routes!(restore::put_backup_part, restore::begin_restore, restore::get_restore))
        .routes(routes!(people::get_me))
        .routes(routes!(sessions::create_visitor))
        .routes(routes!(sessions::get_session, sessions::create_session, sessions::delete_session))
}

/// The whole site: `routes`, the `document` that describes them, health, pages; and around all of it the edge.
pub fn site(routes: Routes, document: fn() -> String, service: Arc<Service>) -> Router {
    let (router, _) = routes.split_for_parts();
    router
        .merge(openapi::route(document))
        .merge(health::routes())
        .merge(assets::routes())
        .fallback(async || Problem::new(Code::NotFound))
        .method_not_allowed_fallback(async || Problem::new(Code::MethodNotAllowed))
        .layer(from_fn_with_state(service.clone(), edge::edge))
        .with_state(service)
}
