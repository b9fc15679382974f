//! What somebody meant who answered a block.

use strsim::osa_distance;

use super::{Block, BlockOption};
use crate::id::OptionId;
use crate::limits;

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
    let (letters, others) = (option.chars().count(), said.chars().count());
    let slips = match letters {
        0..4 => return false,
        4..8 => 1,
        _ => 2,
    };
    letters.abs_diff(others) <= slips
        && letters <= limits::OPTION_CHARS
        && osa_distance(option, said) <= slips
}
