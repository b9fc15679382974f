//! `GET /conversations` with every parameter.

use parlor_core::access::Role;
use serde_json::{Value, json};

use crate::support::app::{TestApp, over_every_app};

over_every_app!(
    filters_combine,
    pages_of_every_kind_lead_through_every_order,
    totals_are_exact,
    search_finds_words_and_word_beginnings,
    a_visitor_lists_their_own_only,
    bad_parameters_are_named,
    a_search_shows_what_it_found,
    our_side_finds_notes_and_a_visitor_is_blind_to_them,
    a_page_token_is_for_its_list_only,
);

fn id(conversation: &Value) -> &str {
    conversation["id"].as_str().unwrap()
}

/// Four conversations, a second apart: ana's with an agent, bob's closed, cleo's archived, dan's in the shop's funnel.
async fn fill(app: &TestApp) {
    app.put_shop().await;
    let agent = app.agent();
    let ana = app.start("ana", "hello").await;
    agent.say(id(&ana), "bot", "hi").await;
    agent.patch("/conversations", json!({"conversationId": id(&ana), "labels": ["vip"]})).await.ok();
    app.ambient.advance_ms(1000);
    let bob = app.start("bob", "hello").await;
    agent.patch("/conversations", json!({"conversationId": id(&bob), "status": "closed"})).await.ok();
    app.ambient.advance_ms(1000);
    let cleo = app.start("cleo", "hello").await;
    agent.patch("/conversations", json!({"conversationId": id(&cleo), "isArchived": true})).await.ok();
    app.ambient.advance_ms(1000);
    let start = json!({"funnelId": "shop", "user": {"id": "dan", "name": "Dan"}, "text": "Talk to a person"});
    app.host().post("/conversations", start).await.ok();
}

async fn filters_combine(app: TestApp) {
    fill(&app).await;
    let agent = app.agent();
    let cases: &[(&str, &[&str])] = &[
        ("", &["dan", "ana"]),
        ("status=open", &["dan", "ana"]),
        ("status=closed", &["bob"]),
        ("status=all", &["dan", "bob", "ana"]),
        ("status=all&archived=true", &["cleo"]),
        ("status=all&archived=all", &["dan", "cleo", "bob", "ana"]),
        ("funnelId=shop", &["dan"]),
        ("userId=ana", &["ana"]),
        ("userId=nobody", &[]),
        ("handler=queue", &["dan"]),
        ("handler=agent", &["ana"]),
        ("assignee=ada", &["ana"]),
        ("assignee=ben", &[]),
        ("label=vip", &["ana"]),
        ("unread=true", &["dan"]),
        ("status=all&unread=true", &["dan", "bob"]),
        ("status=all&archived=all&unread=true&funnelId=plain", &["cleo", "bob"]),
        ("unknown=parameter&search=", &["dan", "ana"]),
    ];
    for (query, users) in cases {
        assert_eq!(agent.listed(query).await, *users, "{query}");
    }
}

async fn pages_of_every_kind_lead_through_every_order(app: TestApp) {
    for n in 0..7 {
        // Two at a time share a moment, so that ids must break the tie.
        app.ambient.advance_ms(if n % 2 == 0 { 1000 } else { 0 });
        let started = app.start(&format!("u{n}"), "hello").await;
        for _ in 0..n % 3 {
            app.host().say(id(&started), "user", "more").await;
        }
    }
    let agent = app.agent();
    for sort in ["newest", "oldest", "most_messages", "least_messages"] {
        let all = agent.listed(&format!("sortBy={sort}&limit=100")).await;
        assert_eq!(all.len(), 7, "{sort}");
        let (mut by_offset, mut by_page, mut by_token) = (Vec::new(), Vec::new(), Vec::new());
        let mut token = String::new();
        for page in 0..3 {
            by_offset.extend(agent.listed(&format!("sortBy={sort}&limit=3&offset={}", page * 3)).await);
            by_page.extend(agent.listed(&format!("sortBy={sort}&limit=3&page={}", page + 1)).await);
            let query = format!("/conversations?sortBy={sort}&limit=3&messages=0&pageToken={token}");
            let list = agent.get(&query).await.ok();
            by_token.extend(
                list["conversations"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|c| c["userId"].as_str().unwrap().to_owned()),
            );
            assert_eq!(list["hasMore"], page < 2, "{sort}");
            token = list.get("nextPageToken").and_then(Value::as_str).unwrap_or_default().to_owned();
        }
        assert_eq!((&by_offset, &by_page, &by_token), (&all, &all, &all), "{sort}");
        assert!(token.is_empty());
    }
    let newest = agent.listed("sortBy=newest").await;
    let mut oldest = agent.listed("sortBy=oldest").await;
    oldest.reverse();
    assert_eq!(newest, oldest);
}

async fn totals_are_exact(app: TestApp) {
    fill(&app).await;
    let total = async |query: &str| {
        app.agent().get(&format!("/conversations?limit=1&{query}")).await.ok()["total"].take()
    };
    for (query, expected) in [
        ("", 2),
        ("status=all", 3),
        ("status=closed", 1),
        ("status=all&archived=all", 4),
        ("status=all&archived=true", 1),
        ("funnelId=shop", 1),
        ("status=all&funnelId=plain", 2),
        ("handler=queue", 1),
        ("assignee=ada", 1),
        ("userId=dan", 1),
        ("label=vip", 1),
        ("unread=true", 1),
    ] {
        assert_eq!(total(query).await, expected, "{query}");
    }
}

async fn search_finds_words_and_word_beginnings(app: TestApp) {
    fill(&app).await;
    let zoe = json!({"funnelId": "plain", "user": {"id": "zoe", "name": "Zoë Müller", "email": "zoe@example.com"},
        "text": "Do you have a café in Köln?"});
    app.host().post("/conversations", zoe).await.ok();
    app.search.drained().await;
    let agent = app.agent();
    for (words, users) in [
        ("cafe", vec!["zoe"]),
        ("CAFÉ koln", vec!["zoe"]),
        ("koel", vec![]),
        ("caf mull", vec![]),
        ("muller", vec!["zoe"]),
        ("zoe@example.com", vec!["zoe"]),
        ("shop", vec!["dan"]),
        ("perso", vec!["dan"]),
        ("nowhere", vec![]),
        ("\" OR 1=1 --", vec![]),
        ("...", vec![]),
    ] {
        let query: String = form_encoded(words);
        assert_eq!(agent.listed(&format!("search={query}")).await, users, "{words}");
    }
    assert_eq!(agent.listed("status=closed&search=hello").await, ["bob"]);
    assert_eq!(
        agent.listed("status=all&archived=all&sortBy=oldest&search=hello").await,
        ["ana", "bob", "cleo", "dan"]
    );
    let found = agent.get("/conversations?search=hello&status=all&limit=1").await.ok();
    assert_eq!((&found["total"], &found["hasMore"]), (&json!(3), &json!(true)));
    let one = agent.get("/conversations?search=cafe").await.ok();
    assert_eq!(one["conversations"][0]["messages"][0]["text"], "Do you have a café in Köln?");
}

fn form_encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

async fn a_visitor_lists_their_own_only(app: TestApp) {
    fill(&app).await;
    app.search.drained().await;
    let ana = app.visitor("ana");
    for query in ["", "status=all&archived=all", "userId=bob&status=all", "search=hello&status=all"] {
        assert_eq!(ana.listed(query).await, ["ana"], "{query}");
    }
    let list = ana.get("/conversations?status=all&archived=all").await.ok();
    assert_eq!(list["total"], 1);
    assert!(list["conversations"][0].get("labels").is_none());
    for query in ["label=vip", "assignee=ada", "unread=true"] {
        ana.get(&format!("/conversations?{query}")).await.problem("forbidden");
    }
    assert!(app.visitor("stranger").listed("status=all").await.is_empty());
    assert_eq!(app.by(Role::Service, "host").listed("status=all&archived=all").await.len(), 4);
}

async fn bad_parameters_are_named(app: TestApp) {
    let query = "status=x&sortBy=x&limit=0&offset=10001&messages=51&archived=x&handler=x&unread=x";
    assert_eq!(
        app.agent().get(&format!("/conversations?{query}")).await.pointers(),
        ["status", "archived", "sortBy", "limit", "handler", "unread", "offset", "messages"]
            .map(|name| format!("/query/{name}"))
    );
    let long = "x".repeat(201);
    assert_eq!(app.agent().get(&format!("/conversations?search={long}")).await.pointers(), ["/query/search"]);
}

async fn a_page_token_is_for_its_list_only(app: TestApp) {
    fill(&app).await;
    let list = app.agent().get("/conversations?limit=1").await.ok();
    let token = list["nextPageToken"].as_str().unwrap();
    app.agent().get(&format!("/conversations?limit=1&pageToken={token}")).await.ok();
    let other_order = format!("/conversations?sortBy=oldest&pageToken={token}");
    app.agent().get(&other_order).await.problem("invalid-cursor");
    app.agent().get(&format!("/conversations?pageToken={}", &token[1..])).await.problem("invalid-cursor");
    app.agent().get("/conversations?pageToken=x").await.problem("invalid-cursor");
}

async fn our_side_finds_notes_and_a_visitor_is_blind_to_them(app: TestApp) {
    let maria = app.start("maria", "Where is my parcel?").await;
    let other = app.start("maria", "and my parcel").await;
    let (id, other) = (maria["id"].as_str().unwrap(), other["id"].as_str().unwrap());
    app.search.drained().await;
    let path = |words: &str| format!("/conversations?status=all&archived=all&messages=0&search={words}");
    let seen = async |words: &str| {
        let list = app.visitor("maria").get(&path(words)).await.ok();
        let ids: Vec<_> = list["conversations"].as_array().unwrap().iter().map(|c| c["id"].clone()).collect();
        json!([ids, list["total"], list["totalIsCapped"], list["hasMore"], list["matches"]])
    };
    let words = ["parcel", "grudge", "nothing"];
    let mut before = Vec::new();
    for word in words {
        before.push(seen(word).await);
    }
    let note = json!({"text": "She holds a grudge about the parcel"});
    let note = app.agent().post(&format!("/conversations/{id}/notes?messages=0"), note).await.ok();
    app.agent().post(&format!("/conversations/{other}/notes"), json!({"text": "no grudge here"})).await.ok();
    app.search.drained().await;
    for (word, before) in words.into_iter().zip(before) {
        assert_eq!(seen(word).await, before, "{word}");
    }
    assert_eq!(seen("grudge").await[1], 0);
    for api in [app.agent(), app.admin(), app.host()] {
        let list = api.get(&path("grudge%20parcel")).await.ok();
        assert_eq!(list["total"], 1);
        let expected = json!({"noteId": note["note"]["id"], "seq": note["note"]["afterSeq"],
            "text": "She holds a grudge about the parcel", "ranges": [[12, 18], [29, 35]]});
        assert_eq!(list["matches"][id], expected);
        let said = api.get(&path("parcel")).await.ok();
        assert!(said["matches"][id]["noteId"].is_null(), "a message comes before a note");
    }
    let gone = format!("/conversations/{id}/notes/{}", note["note"]["id"].as_str().unwrap());
    app.agent().delete(&gone).await.ok();
    app.search.drained().await;
    assert_eq!(app.agent().get(&path("grudge%20parcel")).await.ok()["total"], 0);
}

async fn a_search_shows_what_it_found(app: TestApp) {
    let first = app.start("maria", "Where is my parcel?").await;
    let id = first["id"].as_str().unwrap();
    app.host().say(id, "user", "😀 The PARCEL, the crème brûlée").await;
    app.host().say(id, "user", "hello").await;
    let named = app.start("parcelle", "hello").await;
    let bobs = app.start("bob", "a parcel of mine").await;
    app.search.drained().await;
    let list = app.agent().get("/conversations?messages=0&search=parcel").await.ok();
    assert_eq!(list["total"], 3);
    let matches = &list["matches"];
    assert_eq!(matches.as_object().unwrap().len(), 2);
    let newest = app.agent().get(&format!("/conversations/{id}/messages?after=1&limit=1")).await.ok();
    let expected = json!({"messageId": newest["messages"][0]["id"], "seq": 2, "text": "😀 The PARCEL, the crème brûlée",
        "ranges": [[7, 13]]});
    assert_eq!(matches[id], expected);
    assert_eq!(matches[bobs["id"].as_str().unwrap()]["ranges"], json!([[2, 8]]));
    assert!(matches.get(named["id"].as_str().unwrap()).is_none(), "found by the name alone");
    let two = app.agent().get("/conversations?messages=0&search=brulee%20cre").await.ok();
    assert_eq!(two["matches"][id]["ranges"], json!([[19, 24], [25, 31]]));
    // Of the page alone, of the caller's alone, and only where something was searched.
    let page = app.agent().get("/conversations?messages=0&search=parcel&limit=1&sortBy=oldest").await.ok();
    assert_eq!(page["matches"].as_object().unwrap().keys().collect::<Vec<_>>(), [id]);
    let own = app.visitor("bob").get("/conversations?messages=0&search=parcel").await.ok();
    assert_eq!(
        own["matches"].as_object().unwrap().keys().collect::<Vec<_>>(),
        [bobs["id"].as_str().unwrap()]
    );
    assert!(app.agent().get("/conversations?messages=0").await.ok().get("matches").is_none());
    assert_eq!(app.agent().get("/conversations?search=nothing").await.ok()["matches"], json!({}));
}
