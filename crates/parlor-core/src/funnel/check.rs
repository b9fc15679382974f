//! The check of a whole funnel: every error at once, and no way that leads nowhere.

use std::collections::{BTreeMap, BTreeSet};

use super::{Block, BlockOption, BlockSource, Funnel, FunnelSource, OptionSource};
use crate::error::FieldError;
use crate::id::{BlockId, FunnelId, OptionId};
use crate::limits;
use crate::text::{Name, Text, check_json};

const SLUG: &str = "must be 1 to 64 bytes without control characters or white space at its ends";

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
