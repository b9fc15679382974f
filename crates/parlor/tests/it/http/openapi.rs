//! The contract in the repository is the one that is served.

use std::path::Path;

use serde_json::Value;

#[test]
fn the_document_in_the_repository_is_the_served_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi.json");
    let stored = std::fs::read_to_string(path).unwrap();
    assert!(
        stored == parlor::app::openapi(),
        "openapi.json is not what the server serves; run `make openapi`"
    );
}

#[test]
fn operations_have_the_names_clients_are_made_from() {
    let document: Value = serde_json::from_str(&parlor::app::openapi()).unwrap();
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values());
    let mut names: Vec<&str> =
        operations.map(|operation| operation["operationId"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "add_note",
            "begin_restore",
            "create_session",
            "create_visitor",
            "delete_canned_answer",
            "delete_conversation",
            "delete_note",
            "delete_session",
            "delete_user",
            "delete_view",
            "export_user",
            "get_conversation",
            "get_funnel",
            "get_me",
            "get_restore",
            "get_session",
            "get_settings",
            "get_transcript",
            "give_back_conversation",
            "import_conversations",
            "list_agents",
            "list_canned_answers",
            "list_changes",
            "list_conversations",
            "list_deletions",
            "list_funnels",
            "list_labels",
            "list_messages",
            "list_views",
            "mark_read",
            "open_socket",
            "preview_settings",
            "put_backup_part",
            "put_canned_answer",
            "put_funnel",
            "put_settings",
            "put_user",
            "put_view",
            "send_message",
            "set_clock",
            "set_typing",
            "start_conversation",
            "stream_events",
            "take_conversation",
            "update_conversation",
            "update_conversations",
        ]
    );
}

#[test]
fn every_reference_leads_somewhere_and_nothing_optional_is_null() {
    let document: Value = serde_json::from_str(&parlor::app::openapi()).unwrap();
    let mut nullable = Vec::new();
    let mut open = vec![(String::new(), &document)];
    while let Some((at, value)) = open.pop() {
        if let Some(target) = value.get("$ref").and_then(Value::as_str) {
            assert!(document.pointer(target.trim_start_matches('#')).is_some(), "{at}: {target}");
        }
        if value.get("type").and_then(Value::as_array).is_some_and(|types| types.contains(&"null".into())) {
            nullable.push(at.rsplit('/').next().unwrap().to_owned());
        }
        match value {
            Value::Object(map) => open.extend(map.iter().map(|(key, value)| (format!("{at}/{key}"), value))),
            Value::Array(all) => {
                open.extend(all.iter().zip(0..).map(|(value, i)| (format!("{at}/{i}"), value)))
            }
            _ => {}
        }
    }
    nullable.sort_unstable();
    assert_eq!(nullable, ["metadata", "nextBlockId", "snoozedUntil"]);
}
