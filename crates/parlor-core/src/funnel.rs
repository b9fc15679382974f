//! The scripted bot: its shape, its graph check, and one step through it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::FieldError;
use crate::id::{BlockId, FunnelId, OptionId};
use crate::limits;
use crate::text::{Name, Text, check_json};

/// A funnel by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunnelRef {
    /// The host's id.
    pub id: FunnelId,
    /// What agents call it.
    pub name: Name,
    /// Its current version.
    pub version: u32,
}

/// A funnel as its author writes it (contract, section 8), not yet checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FunnelSource {
    /// The host's id.
    pub id: String,
    /// What agents call it.
    pub name: String,
    /// Where everybody enters.
    pub start_block_id: String,
    /// Groups of blocks, for statistics and for people.
    #[serde(default)]
    pub stages: Vec<StageSource>,
    /// The blocks by id.
    pub blocks: BTreeMap<String, BlockSource>,
    /// What the bot says when it did not understand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<String>,
}

/// A group of blocks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StageSource {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub explanation: String,
    /// Its blocks.
    pub block_ids: Vec<String>,
}

/// One thing the bot says, and the ways on from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BlockSource {
    /// Its id, the same as its key.
    pub id: String,
    /// What the bot says.
    pub message: String,
    /// The ways on.
    #[serde(default)]
    pub options: Vec<OptionSource>,
    /// A person takes over here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handoff: Option<bool>,
    /// The conversation closes here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close: Option<bool>,
    /// What the user's next text is kept as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collect: Option<String>,
    /// Milliseconds to wait before speaking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u32>,
    /// When this block applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Value>,
}

/// A way on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OptionSource {
    /// Its id; its number when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What the button says.
    pub text: String,
    /// Where it leads; `null` ends the path here.
    pub next_block_id: Option<String>,
}

/// A funnel whose graph holds. Versions never change once stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Funnel {
    /// The host's id.
    pub id: FunnelId,
    /// What agents call it.
    pub name: Name,
    /// 1, 2, 3 …; 0 before it is stored.
    pub version: u32,
    /// Where everybody enters.
    pub start_block_id: BlockId,
    /// The blocks by id.
    pub blocks: BTreeMap<BlockId, Block>,
    /// What the bot says when it did not understand, when the author said so.
    pub fallback: Option<Text>,
    /// As its author wrote it, for `get_funnel` and the store.
    pub source: FunnelSource,
}

/// A checked block.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// Its id.
    pub id: BlockId,
    /// What the bot says.
    pub message: Text,
    /// The ways on.
    pub options: Vec<BlockOption>,
    /// A person takes over here.
    pub handoff: bool,
    /// The conversation closes here.
    pub close: bool,
    /// The stage it belongs to.
    pub stage_id: Option<String>,
}

/// A checked way on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockOption {
    /// Its id.
    pub id: OptionId,
    /// What the button says.
    pub text: Name,
    /// Where it leads.
    pub next_block_id: Option<BlockId>,
}

const SLUG: &str = "must be 1 to 64 bytes without control characters or white space at its ends";
const FALLBACK: &str = "Sorry, I did not understand that.";
const FALLBACK_WITH_OPTIONS: &str = "Sorry, I did not understand that. Please choose one of the options.";

impl FunnelSource {
    /// What a visitor may see before anything is created: the first words and their quick replies. Where they lead,
    /// conditions and later offers are the host's business.
    #[must_use]
    pub fn greeting(&self) -> Self {
        let start = self.blocks.get(&self.start_block_id).map(|block| {
            let option = |(i, o): (usize, &OptionSource)| OptionSource {
                id: Some(o.id.clone().unwrap_or_else(|| (i + 1).to_string())),
                text: o.text.clone(),
                next_block_id: None,
            };
            BlockSource {
                id: block.id.clone(),
                message: block.message.clone(),
                options: block.options.iter().enumerate().map(option).collect(),
                handoff: None,
                close: None,
                collect: None,
                delay_ms: None,
                condition: None,
            }
        });
        Self {
            id: self.id.clone(),
            name: self.name.clone(),
            start_block_id: self.start_block_id.clone(),
            stages: Vec::new(),
            blocks: start.into_iter().map(|block| (block.id.clone(), block)).collect(),
            fallback: None,
        }
    }
}

impl Funnel {
    /// Checks the whole graph and lists everything wrong with it, with JSON pointers.
    pub fn parse(source: FunnelSource) -> Result<Self, Vec<FieldError>> {
        let mut check = Check { source: &source, errors: Vec::new() };
        let built = check.funnel();
        match built {
            Some(funnel) if check.errors.is_empty() => Ok(Funnel { source, ..funnel }),
            _ => Err(check.errors),
        }
    }

    /// The block everybody enters at.
    #[must_use]
    pub fn start(&self) -> &Block {
        self.blocks.get(&self.start_block_id).expect("parse() checks that the start block exists")
    }

    /// What the bot says when it did not understand.
    #[must_use]
    pub fn fallback(&self, has_options: bool) -> Text {
        self.fallback.clone().unwrap_or_else(|| {
            Text::parse(if has_options { FALLBACK_WITH_OPTIONS } else { FALLBACK }).expect("a short constant")
        })
    }
}

struct Check<'a> {
    source: &'a FunnelSource,
    errors: Vec<FieldError>,
}

impl Check<'_> {
    fn error(&mut self, pointer: String, detail: &str) {
        if self.errors.len() < limits::FIELD_ERRORS {
            self.errors.push(FieldError::new(pointer, detail));
        }
    }

    fn take<T>(&mut self, pointer: impl Fn() -> String, value: Result<T, &'static str>) -> Option<T> {
        value.map_err(|detail| self.error(pointer(), detail)).ok()
    }

    fn funnel(&mut self) -> Option<Funnel> {
        let source = self.source;
        if !serde_json::to_string(source).is_ok_and(|json| json.len() <= limits::FUNNEL_BYTES) {
            self.error(String::new(), "must be at most 512 KiB as JSON");
            return None;
        }
        if source.blocks.len() > limits::FUNNEL_BLOCKS {
            self.error("/blocks".into(), "must be at most 500 blocks");
            return None;
        }
        if source.stages.len() > limits::FUNNEL_STAGES {
            self.error("/stages".into(), "must be at most 100 stages");
            return None;
        }
        let id = self.take(|| "/id".into(), FunnelId::parse(&source.id).ok_or(SLUG));
        let name = self.take(|| "/name".into(), Name::parse(&source.name));
        let start = self.take(|| "/startBlockId".into(), BlockId::parse(&source.start_block_id).ok_or(SLUG));
        match source.blocks.get(&source.start_block_id) {
            None => self.error("/startBlockId".into(), "names no block of this funnel"),
            Some(block) if block.close == Some(true) => {
                let pointer = format!("/blocks/{}/close", escape(&source.start_block_id));
                self.error(pointer, "the start block cannot close: the user speaks after it");
            }
            Some(_) => self.reachable(),
        }
        let fallback =
            source.fallback.as_deref().and_then(|text| self.take(|| "/fallback".into(), Text::parse(text)));
        let stages = self.stages();
        let mut blocks = BTreeMap::new();
        for (key, block) in &source.blocks {
            if let Some(block) = self.block(key, block, &stages) {
                blocks.insert(block.id.clone(), block);
            }
        }
        let source = FunnelSource { stages: Vec::new(), blocks: BTreeMap::new(), ..source.clone() };
        Some(Funnel { id: id?, name: name?, version: 0, start_block_id: start?, blocks, fallback, source })
    }

    fn stages(&mut self) -> BTreeMap<String, String> {
        let mut of_block = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for (i, stage) in self.source.stages.iter().enumerate() {
            if !seen.insert(&stage.id) {
                self.error(format!("/stages/{i}/id"), "is the id of an earlier stage");
            }
            // It becomes part of every message of the stage's blocks.
            self.take(|| format!("/stages/{i}/id"), OptionId::parse(&stage.id).ok_or(SLUG));
            self.take(|| format!("/stages/{i}/name"), Name::parse(&stage.name));
            if stage.explanation.contains('\0') {
                self.error(format!("/stages/{i}/explanation"), "must not contain NUL characters");
            }
            for (j, block) in stage.block_ids.iter().enumerate() {
                if !self.source.blocks.contains_key(block) {
                    self.error(format!("/stages/{i}/blockIds/{j}"), "names no block of this funnel");
                }
                of_block.entry(block.clone()).or_insert_with(|| stage.id.clone());
            }
        }
        of_block
    }

    fn block(&mut self, key: &str, block: &BlockSource, stages: &BTreeMap<String, String>) -> Option<Block> {
        let at = |field: &str| format!("/blocks/{}/{field}", escape(key));
        if block.id != key {
            self.error(at("id"), "must be the same as the block's key");
        }
        let id = self.take(|| at("id"), BlockId::parse(key).ok_or(SLUG));
        let message = self.take(|| at("message"), Text::parse(&block.message));
        if block.options.len() > limits::OPTIONS {
            self.error(at("options"), "must be at most 20 options");
            return None;
        }
        if block.delay_ms.is_some_and(|ms| ms > limits::BLOCK_DELAY_MS) {
            self.error(at("delayMs"), "must be at most 60000");
        }
        if let Some(condition) = &block.condition {
            self.take(|| at("condition"), check_json(condition, limits::CONDITION_BYTES));
        }
        if let Some(collect) = &block.collect {
            self.take(
                || at("collect"),
                BlockId::parse(collect).ok_or("must be email, phone, name or a variable of 1 to 64 bytes"),
            );
        }
        if block.close == Some(true) && (block.handoff == Some(true) || !block.options.is_empty()) {
            self.error(at("close"), "a closing block can have neither options nor a hand-off");
        }
        let mut options = Vec::new();
        let mut seen = BTreeSet::new();
        for (i, option) in block.options.iter().enumerate() {
            let Some(option) = self.option(&at(&format!("options/{i}")), i, option) else { continue };
            if !seen.insert(option.id.clone()) {
                self.error(at(&format!("options/{i}/id")), "is the id of an earlier option");
            }
            options.push(option);
        }
        let (handoff, close) = (block.handoff == Some(true), block.close == Some(true));
        Some(Block {
            id: id?,
            message: message?,
            options,
            handoff,
            close,
            stage_id: stages.get(key).cloned(),
        })
    }

    fn option(&mut self, at: &str, index: usize, option: &OptionSource) -> Option<BlockOption> {
        let number = (index + 1).to_string();
        let id = OptionId::parse(option.id.as_deref().unwrap_or(&number)).ok_or(SLUG);
        let id = self.take(|| format!("{at}/id"), id);
        let text = self.take(|| format!("{at}/text"), Name::parse(&option.text));
        if let Some(next) = &option.next_block_id
            && !self.source.blocks.contains_key(next)
        {
            self.error(format!("{at}/nextBlockId"), "names no block of this funnel");
        }
        Some(BlockOption {
            id: id?,
            text: text?,
            next_block_id: option.next_block_id.as_deref().and_then(BlockId::parse),
        })
    }

    fn reachable(&mut self) {
        let mut seen = BTreeSet::new();
        let mut ahead = vec![&self.source.start_block_id];
        while let Some(id) = ahead.pop() {
            if let Some(block) = self.source.blocks.get(id).filter(|_| seen.insert(id)) {
                ahead.extend(block.options.iter().filter_map(|o| o.next_block_id.as_ref()));
            }
        }
        let lost: Vec<String> = self.source.blocks.keys().filter(|id| !seen.contains(id)).cloned().collect();
        for id in lost {
            self.error(format!("/blocks/{}", escape(&id)), "cannot be reached from the start block");
        }
    }
}

/// RFC 6901, section 3.
fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

impl Block {
    /// The option with this id.
    #[must_use]
    pub fn option(&self, id: &OptionId) -> Option<&BlockOption> {
        self.options.iter().find(|o| o.id == *id)
    }

    /// The option somebody meant: by id, number, exact words, beginning, or close spelling; `None` when it is not clear.
    #[must_use]
    pub fn choose(&self, option_id: Option<&OptionId>, text: &str) -> Option<&BlockOption> {
        if let Some(option) = option_id.and_then(|id| self.option(id)) {
            return Some(option);
        }
        let said = fold(text);
        if said.is_empty() {
            // Nothing to compare but signs, which an emoji's button may consist of.
            return self.options.iter().find(|o| o.text.as_str() == text.trim());
        }
        if let Some(index) = said.parse::<usize>().ok().and_then(|n| n.checked_sub(1))
            && let Some(option) = self.options.get(index)
        {
            return Some(option);
        }
        let meant = |test: &dyn Fn(&str) -> bool| {
            let mut found = self.options.iter().filter(|o| test(&fold(o.text.as_str())));
            let first = found.next();
            // Two that fit are none: a bot that guesses is worse than one that asks.
            first.filter(|_| found.next().is_none())
        };
        meant(&|option| option == said)
            .or_else(|| meant(&|option| said.chars().count() >= 3 && option.starts_with(&said)))
            .or_else(|| meant(&|option| near(option, &said)))
    }
}

/// Lower case, letters and digits only, single spaces.
fn fold(text: &str) -> String {
    let words: String =
        text.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One slip in words of 4 to 7 letters, two in longer ones (Damerau's four kinds of slips).
fn near(option: &str, said: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (option.chars().collect(), said.chars().collect());
    let slips = match a.len() {
        0..4 => return false,
        4..8 => 1,
        _ => 2,
    };
    a.len().abs_diff(b.len()) <= slips && a.len() <= limits::OPTION_CHARS && distance(&a, &b) <= slips
}

/// Optimal string alignment distance.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            if i == 0 || j == 0 {
                rows[i][j] = i + j;
                continue;
            }
            let cost = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}
