//! The graph check, and what the bot makes of free text.

use parlor_core::error::FieldError;
use parlor_core::funnel::{Block, Funnel, FunnelSource};
use parlor_core::limits;
use serde_json::{Value, json};

use crate::make::{option_id, shop};

fn parsed(source: Value) -> Result<Funnel, Vec<FieldError>> {
    Funnel::parse(serde_json::from_value::<FunnelSource>(source).unwrap())
}

fn pointers(source: Value) -> Vec<String> {
    parsed(source).unwrap_err().into_iter().map(|error| error.pointer).collect()
}

/// A funnel of the blocks that `change` leaves.
fn with(change: impl FnOnce(&mut Value)) -> Value {
    let mut source = serde_json::to_value(shop("Hello!")).unwrap();
    change(&mut source);
    source
}

#[test]
fn a_graph_that_holds_is_taken_as_it_was_written() {
    let source = shop("Hello!");
    let funnel = Funnel::parse(source.clone()).unwrap();
    assert_eq!((funnel.source, funnel.version, funnel.blocks.len()), (source, 0, 4));
    assert_eq!(funnel.blocks[&funnel.start_block_id].stage_id.as_deref(), Some("first"));
}

#[test]
fn every_mistake_has_its_pointer() {
    let long = "x".repeat(limits::SLUG_BYTES + 1);
    let twenty_one: Vec<Value> =
        (0..=limits::OPTIONS).map(|i| json!({"text": format!("{i}"), "nextBlockId": null})).collect();
    let deep = (0..40).fold(json!(1), |inner, _| json!([inner]));
    let rows = [
        (with(|f| f["id"] = json!("")), vec!["/id"]),
        (with(|f| f["name"] = json!("\u{202e}")), vec!["/name"]),
        (with(|f| f["fallback"] = json!(" ")), vec!["/fallback"]),
        (with(|f| f["startBlockId"] = json!("nowhere")), vec!["/startBlockId"]),
        (with(|f| f["startBlockId"] = json!("buy")), vec![]),
        (
            with(|f| f["blocks"]["hello"]["close"] = json!(true)),
            vec!["/blocks/hello/close", "/blocks/hello/close"],
        ),
        (with(|f| f["blocks"]["talk"]["close"] = json!(true)), vec!["/blocks/talk/close"]),
        (
            with(|f| f["blocks"]["buy"]["options"][0]["nextBlockId"] = json!("nowhere")),
            vec!["/blocks/buy/options/0/nextBlockId"],
        ),
        (with(|f| f["blocks"]["buy"]["id"] = json!("sell")), vec!["/blocks/buy/id"]),
        (with(|f| f["blocks"]["buy"]["message"] = json!("")), vec!["/blocks/buy/message"]),
        (with(|f| f["blocks"]["buy"]["message"] = json!("a\0b")), vec!["/blocks/buy/message"]),
        (with(|f| f["blocks"]["buy"]["delayMs"] = json!(60_001)), vec!["/blocks/buy/delayMs"]),
        (with(|f| f["blocks"]["buy"]["collect"] = json!("")), vec!["/blocks/buy/collect"]),
        (with(|f| f["blocks"]["buy"]["condition"] = json!("a\0b")), vec!["/blocks/buy/condition"]),
        (with(|f| f["blocks"]["buy"]["condition"] = json!("x".repeat(5000))), vec!["/blocks/buy/condition"]),
        (with(|f| f["blocks"]["buy"]["condition"] = deep), vec!["/blocks/buy/condition"]),
        (with(|f| f["blocks"]["buy"]["options"] = json!(twenty_one)), vec!["/blocks/buy/options"]),
        (
            with(|f| f["blocks"]["hello"]["options"][1]["id"] = json!("buy")),
            vec!["/blocks/hello/options/1/id"],
        ),
        (
            with(|f| {
                f["blocks"]["hello"]["options"][0]["text"] = json!("");
                f["blocks"]["hello"]["options"][2]["id"] = json!(long);
            }),
            vec!["/blocks/hello/options/0/text", "/blocks/hello/options/2/id"],
        ),
        (with(|f| f["blocks"]["lost"] = json!({"id": "lost", "message": "?"})), vec!["/blocks/lost"]),
        (with(|f| f["blocks"]["a/b~c"] = json!({"id": "a/b~c", "message": "?"})), vec!["/blocks/a~1b~0c"]),
        (
            with(|f| f["blocks"]["a/b~c"] = json!({"id": "x", "message": "?"})),
            vec!["/blocks/a~1b~0c", "/blocks/a~1b~0c/id"],
        ),
        (with(|f| f["stages"][0]["id"] = json!("a\0b")), vec!["/stages/0/id"]),
        (with(|f| f["stages"][0]["id"] = json!(long)), vec!["/stages/0/id"]),
        (with(|f| f["stages"][0]["explanation"] = json!("a\0b")), vec!["/stages/0/explanation"]),
        (with(|f| f["stages"][0]["blockIds"][0] = json!("nowhere")), vec!["/stages/0/blockIds/0"]),
        (with(|f| f["stages"] = json!([f["stages"][0], f["stages"][0]])), vec!["/stages/1/id"]),
    ];
    for (source, expected) in rows {
        let found = match parsed(source.clone()) {
            Ok(_) => Vec::new(),
            Err(_) => pointers(source.clone()),
        };
        assert_eq!(found, expected, "{source}");
    }
}

#[test]
fn a_cycle_of_blocks_nobody_enters_is_unreachable() {
    let source = with(|f| {
        for (id, next) in [("x", "y"), ("y", "x")] {
            f["blocks"][id] =
                json!({"id": id, "message": "?", "options": [{"text": "on", "nextBlockId": next}]});
        }
    });
    assert_eq!(pointers(source), ["/blocks/x", "/blocks/y"]);
}

#[test]
fn the_whole_is_bounded_and_so_is_what_is_said_about_it() {
    let many = with(|f| {
        for i in 0..=limits::FUNNEL_BLOCKS {
            f["blocks"][format!("b{i}")] = json!({"id": format!("b{i}"), "message": "?"});
        }
    });
    assert_eq!(pointers(many), ["/blocks"]);
    let stages = json!(
        (0..=limits::FUNNEL_STAGES)
            .map(|i| json!({"id": i.to_string(), "name": "S", "blockIds": []}))
            .collect::<Vec<_>>()
    );
    assert_eq!(pointers(with(|f| f["stages"] = stages)), ["/stages"]);
    let heavy = with(|f| f["stages"][0]["explanation"] = json!("x".repeat(limits::FUNNEL_BYTES)));
    assert_eq!(pointers(heavy), [""]);
    let nowhere = with(|f| f["stages"][0]["blockIds"] = json!(vec!["nowhere"; 10_000]));
    assert_eq!(parsed(nowhere).unwrap_err().len(), limits::FIELD_ERRORS);
}

fn block(texts: &[&str]) -> Block {
    let options: Vec<Value> = texts.iter().map(|t| json!({"text": t, "nextBlockId": null})).collect();
    let source = with(|f| f["blocks"]["hello"]["options"] = json!(options));
    let alone = json!({"id": "f", "name": "F", "startBlockId": "hello", "blocks": {"hello": source["blocks"]["hello"]}});
    parsed(alone).unwrap().start().clone()
}

#[test]
fn free_text_is_matched_by_number_words_beginning_and_spelling() {
    let plans = ["Basic plan", "Business plan", "Talk to a person", "Yes", "No"];
    let rows = [
        ("1", Some(0)),
        (" 2. ", Some(1)),
        ("#3", Some(2)),
        ("0", None),
        ("6", None),
        ("99999999999999999999999", None),
        ("yes", Some(3)),
        ("YES!", Some(3)),
        ("no", Some(4)),
        ("Business  plan", Some(1)),
        ("bus", Some(1)),
        ("bas", Some(0)),
        ("b", None),
        ("ba", None),
        ("talk", Some(2)),
        ("tlak to a person", Some(2)),
        ("talk to a prson", Some(2)),
        ("bisness plan", Some(1)),
        ("yess", None),
        ("something else", None),
        ("???", None),
        ("", None),
    ];
    let block = block(&plans);
    for (said, meant) in rows {
        let found = block.choose(None, said).map(|o| o.text.as_str());
        assert_eq!(found, meant.map(|i| plans[i]), "{said:?}");
    }
}

#[test]
fn two_options_that_fit_are_none() {
    assert_eq!(block(&["Plan A", "Plan B"]).choose(None, "plan"), None);
    assert_eq!(block(&["Plan A", "Plan B"]).choose(None, "plan c"), None);
    let same = block(&["Plan", "Plan B"]);
    assert_eq!(same.choose(None, "plan").map(|o| o.text.as_str()), Some("Plan"), "exact before beginning");
}

#[test]
fn an_emoji_is_chosen_by_itself_only() {
    let block = block(&["👍", "Maybe"]);
    assert_eq!(block.choose(None, " 👍 ").map(|o| o.text.as_str()), Some("👍"));
    for said in ["!!!", "👎", "."] {
        assert_eq!(block.choose(None, said), None, "{said}");
    }
}

#[test]
fn an_option_id_goes_before_the_words() {
    let block = block(&["One", "Two"]);
    let chosen = |id: &str, said| block.choose(Some(&option_id(id)), said).map(|o| o.text.as_str());
    assert_eq!(chosen("2", "One"), Some("Two"));
    assert_eq!(chosen("gone", "One"), Some("One"));
    assert_eq!(chosen("gone", "neither"), None);
}

#[test]
fn spelling_is_bounded_work() {
    let block = block(&["a".repeat(limits::OPTION_CHARS).as_str(); 3]);
    assert_eq!(block.choose(None, &"b".repeat(limits::TEXT_CHARS)), None);
}
