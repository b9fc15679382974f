//! The laws of ARCHITECTURE.md, read off the tree. A law is a function from one file to its breaches, so that each is also
//! shown to catch a planted one.

mod source;

use source::{code, named_below, shipped, words};

/// `path:line: what is wrong and what to do instead`.
type Breach = String;
type Law = fn(path: &str, text: &str) -> Vec<Breach>;

/// Which module of `parlor` may name which others. `parlor_core` may be used by all of them.
const MAY_USE: &[(&str, &[&str])] = &[
    ("ambient", &[]),
    ("config", &[]),
    ("demo", &["ambient", "writer"]),
    ("metrics", &[]),
    ("telemetry", &["config", "metrics"]),
    ("wire", &[]),
    ("store", &["ambient", "metrics"]),
    ("bus", &["ambient", "metrics"]),
    ("hub", &["ambient", "metrics"]),
    ("search", &["ambient", "metrics", "store"]),
    ("writer", &["ambient", "bus", "hub", "metrics", "search", "store", "wire"]),
    ("service", &["ambient", "bus", "config", "hub", "metrics", "search", "store", "wire", "writer"]),
    ("http", &["ambient", "config", "metrics", "service", "wire"]),
    // A connection starts as an HTTP request and drains a queue of the hub.
    ("ws", &["ambient", "config", "http", "hub", "metrics", "service", "wire"]),
    ("jobs", &["ambient", "config", "metrics", "service"]),
    (
        "app",
        &[
            "ambient",
            "bus",
            "config",
            "demo",
            "http",
            "hub",
            "jobs",
            "metrics",
            "search",
            "service",
            "store",
            "telemetry",
            "wire",
            "writer",
            "ws",
        ],
    ),
    (
        "cli",
        &[
            "ambient",
            "app",
            "bus",
            "config",
            "demo",
            "http",
            "hub",
            "jobs",
            "metrics",
            "search",
            "service",
            "store",
            "telemetry",
            "wire",
            "writer",
            "ws",
        ],
    ),
];

/// Libraries that belong to one place.
const AT_HOME: &[(&str, &[&str])] = &[
    ("rusqlite", &["store", "search"]),
    ("tokio_postgres", &["store"]),
    ("deadpool_postgres", &["store"]),
    ("async_nats", &["bus"]),
];

const CORE: &str = "crates/parlor-core/src/";
const PARLOR: &str = "crates/parlor/src/";
const AMBIENT: &str = "crates/parlor/src/ambient.rs";

#[test]
fn core_does_no_io_and_reads_no_clock() {
    obey(core_is_pure);
    catches(core_is_pure, "crates/parlor-core/src/decide.rs", "use std::{collections::HashMap, fs};");
    catches(
        core_is_pure,
        "crates/parlor-core/src/decide.rs",
        "async fn f() { tokio::task::yield_now().await }",
    );
    catches(core_is_pure, "crates/parlor-core/src/decide.rs", "let now = Instant::now();");
    permits(
        core_is_pure,
        "crates/parlor-core/src/decide.rs",
        "// no std::fs here\nuse std::collections::HashMap;",
    );
    permits(core_is_pure, "crates/parlor/src/app.rs", "use std::fs;");
}

#[test]
fn modules_know_only_the_layers_below() {
    obey(layers);
    catches(layers, "crates/parlor/src/store/sqlite.rs", "use crate::hub::Hub;");
    catches(layers, "crates/parlor/src/hub.rs", "use crate::{\n    ambient::Ambient,\n    store::Store,\n};");
    catches(layers, "crates/parlor/src/hub.rs", "use super::bus::Bus;");
    catches(layers, "crates/parlor/src/http/messages.rs", "fn f(store: &dyn crate::store::Store) {}");
    catches(layers, "crates/parlor/src/http/messages.rs", "use super::super::store::Store;");
    catches(layers, "crates/parlor/src/writer.rs", "use crate::service::Service;");
    catches(layers, "crates/parlor/src/utils.rs", "");
    permits(layers, "crates/parlor/src/ws/session.rs", "use crate::{hub::Hub, service::Service};");
    permits(layers, "crates/parlor/src/http/messages.rs", "use super::problem::Problem;");
}

#[test]
fn sql_stays_in_store_and_search() {
    obey(sql_at_home);
    catches(sql_at_home, "crates/parlor/src/service/inbox.rs", "let sql = \"SELECT id FROM message\";");
    catches(sql_at_home, "crates/parlor/src/jobs/cleanup.rs", "\"DELETE FROM message WHERE 1\"");
    catches(sql_at_home, "crates/parlor/src/cli/doctor.rs", "\"UPDATE message SET text = ''\"");
    permits(sql_at_home, "crates/parlor/src/store/sqlite.rs", "\"SELECT id FROM message\"");
    permits(sql_at_home, "crates/parlor/src/cli.rs", "\"Select a workspace, or UPDATE parlor\"");
}

#[test]
fn libraries_stay_in_their_module() {
    obey(libraries_at_home);
    catches(libraries_at_home, "crates/parlor/src/service.rs", "use rusqlite::Connection;");
    catches(libraries_at_home, "crates/parlor/src/hub.rs", "async_nats::connect(url).await");
    permits(libraries_at_home, "crates/parlor/src/search.rs", "use rusqlite::Connection;");
}

#[test]
fn every_queue_has_a_bound() {
    obey(queues_are_bounded);
    catches(queues_are_bounded, "crates/parlor/src/hub.rs", "let (tx, rx) = mpsc::unbounded_channel();");
    catches(
        queues_are_bounded,
        "crates/parlor/src/hub.rs",
        "let (tx, rx) = std::sync::mpsc::channel::<Vec<u8>>();",
    );
    permits(queues_are_bounded, "crates/parlor/src/hub.rs", "let (tx, rx) = oneshot::channel::<Vec<u8>>();");
    permits(queues_are_bounded, "crates/parlor/src/hub.rs", "let (tx, rx) = mpsc::channel(limits::QUEUE);");
}

#[test]
fn every_bound_stands_in_limits() {
    obey(bounds_have_names);
    catches(bounds_have_names, "crates/parlor/src/hub.rs", "let (tx, rx) = mpsc::channel(64);");
    catches(bounds_have_names, "crates/parlor/src/hub.rs", "broadcast::channel::<Vec<u8>>(16 * 1_024)");
    catches(bounds_have_names, "crates/parlor/src/app.rs", "Semaphore::new(100)");
    permits(bounds_have_names, "crates/parlor/src/hub.rs", "let (tx, rx) = watch::channel(0);");
    permits(bounds_have_names, "crates/parlor/src/hub.rs", "mpsc::channel(limits::QUEUE_EVENTS)");
}

#[test]
fn time_ids_and_randomness_are_injected() {
    obey(ambient_alone);
    catches(ambient_alone, "crates/parlor/src/service.rs", "let now = SystemTime::now();");
    catches(ambient_alone, "crates/parlor/src/service.rs", "let id = Uuid::now_v7();");
    catches(ambient_alone, "crates/parlor/src/service.rs", "rand::random::<u64>()");
    catches(ambient_alone, "crates/parlor/src/service.rs", "getrandom::fill(&mut key)");
    permits(ambient_alone, "crates/parlor/src/ambient.rs", "Uuid::now_v7()");
    permits(
        ambient_alone,
        "crates/parlor/src/service.rs",
        "ambient.now()\n#[cfg(test)]\nmod tests {\n    fn id() { Uuid::new_v4(); }\n}",
    );
}

fn core_is_pure(path: &str, text: &str) -> Vec<Breach> {
    if !path.starts_with(CORE) {
        return Vec::new();
    }
    let code = code(text);
    let outside = ["env", "fs", "io", "net", "process", "thread"];
    let io = named_below(&code, "std").into_iter().filter(|(_, name)| outside.contains(name)).map(
        |(line, name)| {
            format!("{path}:{line}: std::{name} in the core; do it in `parlor` and hand the result in")
        },
    );
    let ambient =
        ["tokio", "async fn"].into_iter().chain(AMBIENT_SOURCES.iter().copied()).chain(["Instant::now"]);
    let ambient = ambient.flat_map(|word| lines_with(&code, word)).map(|(line, word)| {
        format!("{path}:{line}: {word} in the core; take the time, the id or the random bytes as an argument")
    });
    io.chain(ambient).collect()
}

fn layers(path: &str, text: &str) -> Vec<Breach> {
    let Some(inside) = path
        .strip_prefix(PARLOR)
        .filter(|inside| !["lib.rs", "main.rs", "bin/parlor-planted.rs"].contains(inside))
    else {
        return Vec::new();
    };
    let module = inside.split(['/', '.']).next().unwrap_or(inside);
    let Some((_, may_use)) = MAY_USE.iter().find(|(name, _)| *name == module) else {
        return vec![format!(
            "{path}:1: module {module} has no layer yet; give it one in MAY_USE and in ARCHITECTURE.md"
        )];
    };
    let code = code(text);
    let mut named = named_below(&code, "crate");
    if !inside.contains('/') {
        named.extend(named_below(&code, "super"));
    }
    let breaches = named
        .into_iter()
        .filter(|(_, name)| *name != module && !may_use.contains(name))
        .filter(|(_, name)| MAY_USE.iter().any(|(module, _)| module == name))
        .map(|(line, name)| {
            format!("{path}:{line}: {module} must not know {name} (it may use: {})", may_use.join(", "))
        });
    let hidden = lines_with(&code, "super::super").map(|(line, _)| {
        format!("{path}:{line}: write `crate::…` instead of `super::super`, so that layers can be read")
    });
    breaches.chain(hidden).collect()
}

fn sql_at_home(path: &str, text: &str) -> Vec<Breach> {
    if lives_in(path, &["store", "search"]) {
        return Vec::new();
    }
    code(text)
        .lines()
        .zip(1..)
        .filter(|(line, _)| {
            let has = |words: &[&str]| words.iter().all(|word| line.contains(word));
            has(&["SELECT "])
                || has(&["INSERT INTO "])
                || has(&["UPDATE ", " SET "])
                || has(&["DELETE FROM "])
                || has(&["PRAGMA "])
        })
        .map(|(_, line)| format!("{path}:{line}: SQL outside store/ and search/; add a method to the store"))
        .collect()
}

fn libraries_at_home(path: &str, text: &str) -> Vec<Breach> {
    let code = code(text);
    let strays = AT_HOME.iter().filter(|(_, homes)| !lives_in(path, homes));
    strays
        .flat_map(|(library, homes)| lines_with(&code, library).map(move |(line, _)| (line, library, homes)))
        .map(|(line, library, homes)| format!("{path}:{line}: {library} outside {}", homes.join(" and ")))
        .collect()
}

fn queues_are_bounded(path: &str, text: &str) -> Vec<Breach> {
    let code = code(text);
    let unbounded =
        ["unbounded_channel", "unbounded"].into_iter().flat_map(|word| lines_with(&code, word)).map(first);
    let without_bound =
        calls(&code, "channel").filter(|call| call.argument.starts_with(')') && !call.owner("oneshot"));
    unbounded
        .chain(without_bound.map(|call| call.line))
        .map(|line| format!("{path}:{line}: a queue without a bound; give it one from parlor_core::limits"))
        .collect()
}

fn bounds_have_names(path: &str, text: &str) -> Vec<Breach> {
    let code = code(text);
    let literal = |call: &Call<'_>| call.argument.starts_with(|c: char| c.is_ascii_digit());
    let queues = ["channel", "sync_channel"].into_iter().flat_map(|name| calls(&code, name));
    queues
        .filter(|call| !call.owner("watch"))
        .chain(calls(&code, "Semaphore::new"))
        .filter(literal)
        .map(|call| format!("{path}:{}: a bound without a name; put it into parlor_core::limits", call.line))
        .collect()
}

const AMBIENT_SOURCES: &[&str] = &[
    "SystemTime::now",
    "Timestamp::now",
    "Zoned::now",
    "Uuid::new_v4",
    "Uuid::now_v7",
    "rand",
    "getrandom",
    "OsRng",
];

fn ambient_alone(path: &str, text: &str) -> Vec<Breach> {
    if path == AMBIENT {
        return Vec::new();
    }
    let code = code(text);
    let sources = AMBIENT_SOURCES.iter().flat_map(|word| lines_with(&code, word));
    sources
        .map(|(line, word)| format!("{path}:{line}: {word} outside ambient.rs; ask the `Ambient` for it"))
        .collect()
}

/// A call of a function: what stands before its name and after its opening parenthesis.
struct Call<'a> {
    line: usize,
    before: &'a str,
    argument: &'a str,
}

impl Call<'_> {
    fn owner(&self, module: &str) -> bool {
        self.before.ends_with(&format!("{module}::"))
    }
}

fn calls<'a>(code: &'a str, name: &'a str) -> impl Iterator<Item = Call<'a>> {
    words(code, name).filter_map(move |(line, after)| {
        let before = &code[..code.len() - after.len() - name.len()];
        let after = match after.strip_prefix("::<") {
            Some(types) => types.split_once(">(").map(|(_, argument)| argument),
            None => after.strip_prefix('('),
        };
        after.map(|argument| Call { line, before, argument: argument.trim_start() })
    })
}

fn lines_with<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = (usize, &'a str)> {
    words(code, word).map(move |(line, _)| (line, word))
}

fn first<A, B>((first, _): (A, B)) -> A {
    first
}

fn lives_in(path: &str, modules: &[&str]) -> bool {
    let Some(inside) = path.strip_prefix(PARLOR) else { return false };
    modules.iter().any(|module| inside.split(['/', '.']).next() == Some(*module))
}

#[track_caller]
fn obey(law: Law) {
    let breaches: Vec<Breach> = shipped().iter().flat_map(|source| law(&source.path, &source.text)).collect();
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}

#[track_caller]
fn catches(law: Law, path: &str, text: &str) {
    let breaches = law(path, text);
    assert!(
        breaches.iter().any(|breach| breach.starts_with(&format!("{path}:"))),
        "not caught in {path}: {text}"
    );
}

#[track_caller]
fn permits(law: Law, path: &str, text: &str) {
    assert_eq!(law(path, text), Vec::<Breach>::new(), "{path}: {text}");
}
