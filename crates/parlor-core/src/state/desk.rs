//! What agents keep at hand, as a batch knows it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{DeskPart, Keys, Loaded, Missing};
use crate::desk::{CannedAnswer, DeskList, SavedView};
use crate::id::{CannedAnswerId, ViewId};

/// A change of what agents keep at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeskWrite {
    /// New, or in the place of the one with its id.
    PutCannedAnswer(Arc<CannedAnswer>),
    /// Gone.
    DeleteCannedAnswer(CannedAnswerId),
    /// New, or in the place of the one with its id.
    PutView(Arc<SavedView>),
    /// Gone.
    DeleteView(ViewId),
}

impl DeskWrite {
    /// The list it changes.
    #[must_use]
    pub fn list(&self) -> DeskList {
        match self {
            Self::PutCannedAnswer(_) | Self::DeleteCannedAnswer(_) => DeskList::CannedAnswers,
            Self::PutView(_) | Self::DeleteView(_) => DeskList::Views,
        }
    }
}

/// Both lists, whole once they are loaded, with what the batch changed.
#[derive(Default)]
pub(super) struct Desk {
    canned_answers: Option<BTreeMap<CannedAnswerId, Arc<CannedAnswer>>>,
    views: Option<BTreeMap<ViewId, Arc<SavedView>>>,
    pub(super) writes: Vec<DeskWrite>,
}

impl Desk {
    /// Takes in what was loaded; what the batch already knows stays.
    pub(super) fn add(&mut self, loaded: &mut Loaded) {
        if let (None, Some(all)) = (&self.canned_answers, loaded.canned_answers.take()) {
            self.canned_answers = Some(all.into_iter().map(|answer| (answer.id.clone(), answer)).collect());
        }
        if let (None, Some(all)) = (&self.views, loaded.views.take()) {
            self.views = Some(all.into_iter().map(|view| (view.id.clone(), view)).collect());
        }
    }

    pub(super) fn has(&self, part: DeskPart) -> bool {
        match part {
            DeskPart::CannedAnswers => self.canned_answers.is_some(),
            DeskPart::Views => self.views.is_some(),
        }
    }

    pub(super) fn canned_answers(&self) -> Result<&BTreeMap<CannedAnswerId, Arc<CannedAnswer>>, Missing> {
        self.canned_answers.as_ref().ok_or_else(|| missing(DeskPart::CannedAnswers))
    }

    pub(super) fn views(&self) -> Result<&BTreeMap<ViewId, Arc<SavedView>>, Missing> {
        self.views.as_ref().ok_or_else(|| missing(DeskPart::Views))
    }

    pub(super) fn apply(&mut self, write: DeskWrite) {
        match &write {
            DeskWrite::PutCannedAnswer(answer) => {
                self.canned_answers.get_or_insert_default().insert(answer.id.clone(), answer.clone());
            }
            DeskWrite::DeleteCannedAnswer(id) => {
                self.canned_answers.get_or_insert_default().remove(id);
            }
            DeskWrite::PutView(view) => {
                self.views.get_or_insert_default().insert(view.id.clone(), view.clone());
            }
            DeskWrite::DeleteView(id) => {
                self.views.get_or_insert_default().remove(id);
            }
        }
        self.writes.push(write);
    }
}

fn missing(part: DeskPart) -> Missing {
    Missing(Box::new(Keys { desk: [part].into(), ..Keys::default() }))
}
