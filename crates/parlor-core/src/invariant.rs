//! What is true of every stored conversation, whatever happened to it. The property tests judge the model by it after every
//! command, `parlor check` a database.

use crate::conversation::{Conversation, Handler, Side, Status};
use crate::lifecycle;
use crate::message::{Message, MessageKind};
use crate::note::Note;
use crate::state::Head;
use crate::text::Text;
use crate::time::Timestamp;

/// Something that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// What is broken, in a word or two; breaches are counted by it.
    pub kind: &'static str,
    /// Where and how: ids and numbers, never what somebody said.
    pub found: String,
}

impl Breach {
    /// A breach of a kind.
    #[must_use]
    pub fn new(kind: &'static str, found: String) -> Self {
        Self { kind, found }
    }
}

/// Where breaches go, one by one: nobody knows how many there are.
pub type Sink<'a> = dyn FnMut(Breach) + 'a;

/// Judges a conversation's own row.
pub fn conversation(c: &Conversation, head: &Head, sink: &mut Sink<'_>) {
    let mut demand = |holds: bool, kind, what: &str| {
        if !holds {
            sink(Breach::new(kind, format!("conversation {}: {what}", c.id)));
        }
    };
    let is_closed = c.status == Status::Closed;
    demand(c.version > 0, "version", "it has no version");
    demand((1..=head.rev).contains(&c.rev), "revision", "its revision is not one of its workspace");
    demand((1..=c.rev).contains(&c.scope_rev), "revision", "who may see it changed after its own revision");
    let has_assignee = c.assignee.is_some();
    demand(has_assignee == (c.handler == Handler::Agent), "handler", "handler and assignee contradict");
    demand(c.closed_at.is_some() == is_closed, "closed", "status and time of the close contradict");
    demand(is_closed || c.close_reason.is_none(), "closed", "it is open and has a reason for its close");
    demand(is_closed || !c.is_archived(), "archived", "it is open and archived");
    let policy = head.policies.of(c);
    // While a change of the settings is on its way, some rows say what was set before.
    let is_redated = head.redate.is_none();
    demand(
        !is_redated || c.delete_at == lifecycle::delete_at(c, policy),
        "archived",
        "archive and time of the deletion contradict",
    );
    demand(c.labels.windows(2).all(|two| two[0] < two[1]), "labels", "its labels are not in order");
    let marks = c.user_last_read_seq.max(c.agent_last_read_seq);
    demand(marks <= c.message_count, "read mark", "a read mark is behind the last message");
    demand(
        c.erase_mark.is_none() || (c.is_archived() && !c.hold),
        "erasure",
        "it is marked and not archived",
    );
    // What is irreversible may be put off; the rest is never later than its row says.
    let is_bounded = lifecycle::due_at(c, policy)
        .is_none_or(|due| c.due_at.is_some_and(|lower_bound| c.is_archived() || lower_bound <= due));
    demand(!is_redated || is_bounded, "due time", "it falls due before its row says so");
    demand(c.previous_id.is_some() == c.root_id.is_some(), "chain", "predecessor and root contradict");
    demand(c.previous_id != Some(c.id), "chain", "it follows itself");
}

/// Whether a conversation's chain is that of its predecessor. Of a history that was imported backwards, the predecessor
/// itself may be the root.
pub fn chain(c: &Conversation, previous: &Conversation, sink: &mut Sink<'_>) {
    let root = previous.root_id.unwrap_or(previous.id);
    if c.root_id != Some(root) && c.root_id != Some(previous.id) {
        sink(Breach::new("chain", format!("conversation {}: its predecessor has another root", c.id)));
    }
}

/// A conversation's private notes, in any order.
#[derive(Debug)]
pub struct Notes<'a> {
    conversation: &'a Conversation,
    count: u32,
}

impl<'a> Notes<'a> {
    /// Before the first note.
    #[must_use]
    pub fn new(conversation: &'a Conversation) -> Self {
        Self { conversation, count: 0 }
    }

    /// Judges the next note.
    pub fn note(&mut self, n: &Note, sink: &mut Sink<'_>) {
        let c = self.conversation;
        self.count += 1;
        let mut demand = |holds: bool, kind, what: &str| {
            if !holds {
                sink(Breach::new(kind, format!("note {} of conversation {}: {what}", n.id, c.id)));
            }
        };
        demand(n.version > 0, "version", "it has no version");
        demand(n.deleted_at().is_none() || n.version > 1, "version", "it was deleted and never written");
        demand((1..=c.rev).contains(&n.rev), "revision", "its revision is not one of its conversation");
        demand(n.after_seq <= c.message_count, "note", "it stands behind the last message");
    }

    /// Judges what the row says about all of them.
    pub fn end(self, sink: &mut Sink<'_>) {
        let c = self.conversation;
        if c.note_count != self.count {
            let found = format!("conversation {}: it says {}, there are {}", c.id, c.note_count, self.count);
            sink(Breach::new("note count", found));
        }
    }
}

/// A conversation's messages, one after the other, in constant memory.
#[derive(Debug)]
pub struct Thread<'a> {
    conversation: &'a Conversation,
    /// The `seq` before the next one.
    seq: u32,
    users: u32,
    ours: u32,
    users_read: u32,
    ours_read: u32,
    /// Of the newest message that has not changed since.
    rev: u64,
    last: Option<(Side, Timestamp, Text)>,
}

impl<'a> Thread<'a> {
    /// Before the first message.
    #[must_use]
    pub fn new(conversation: &'a Conversation) -> Self {
        let (seq, users, ours, users_read, ours_read) = (0, 0, 0, 0, 0);
        Self { conversation, seq, users, ours, users_read, ours_read, rev: 0, last: None }
    }

    /// Judges the next message, `seq` ascending.
    pub fn message(&mut self, m: &Message, sink: &mut Sink<'_>) {
        let c = self.conversation;
        let mut breach = |kind, what: String| {
            sink(Breach::new(kind, format!("message {} of conversation {}: {what}", m.id, c.id)));
        };
        let is_next = m.seq == self.seq + 1;
        if !is_next {
            breach("seq", format!("seq {} follows {}", m.seq, self.seq));
        }
        self.seq = m.seq;
        let side = match m.kind {
            MessageKind::User => Some(Side::User),
            MessageKind::Bot => Some(Side::Ours),
            MessageKind::System => None,
        };
        if is_next {
            self.users += u32::from(side == Some(Side::User));
            self.ours += u32::from(side == Some(Side::Ours));
            if (m.users_before, m.ours_before) != (self.users, self.ours) {
                let (users, ours) = (self.users, self.ours);
                let row = format!("it counts {} and {} messages", m.users_before, m.ours_before);
                breach("running count", format!("{row} of the sides, there are {users} and {ours}"));
            }
        } else {
            // What is missing was said above; what follows is judged from here.
            (self.users, self.ours) = (m.users_before, m.ours_before);
        }
        if m.seq <= c.agent_last_read_seq {
            self.users_read = self.users;
        }
        if m.seq <= c.user_last_read_seq {
            self.ours_read = self.ours;
        }
        if m.version == 0 {
            breach("version", "it has no version".to_owned());
        }
        // Whoever resumes reads a conversation's end backwards until its messages are old enough.
        let lowest = if m.version > 1 { 1 } else { self.rev.max(1) };
        if !(lowest..=c.rev).contains(&m.rev) {
            breach("revision", format!("its revision {} is not in {lowest} to {}", m.rev, c.rev));
        } else if m.version == 1 {
            self.rev = m.rev;
        }
        if let Some(side) = side {
            self.last = Some((side, m.at, m.text.clone()));
        }
    }

    /// Judges what the row says about all of them.
    pub fn end(self, sink: &mut Sink<'_>) {
        let c = self.conversation;
        let mut breach =
            |kind, what: String| sink(Breach::new(kind, format!("conversation {}: {what}", c.id)));
        if c.message_count != self.seq {
            // The counts below would only repeat it.
            return breach(
                "message count",
                format!("it says {}, the last seq is {}", c.message_count, self.seq),
            );
        }
        let count = |kind, row: u32, counted: u32, breach: &mut dyn FnMut(&'static str, String)| {
            if row != counted {
                breach(kind, format!("it says {row}, there are {counted}"));
            }
        };
        count("user messages", c.user_messages, self.users, &mut breach);
        count("our messages", c.our_messages, self.ours, &mut breach);
        count("read by agents", c.user_messages_read, self.users_read, &mut breach);
        count("read by the user", c.our_messages_read, self.ours_read, &mut breach);
        let is_last = match &self.last {
            Some((side, at, text)) => {
                c.last_side == Some(*side) && c.last_message_at == *at && *c.last_message == *text.preview()
            }
            None => c.last_side.is_none() && c.last_message_at == c.started_at && c.last_message.is_empty(),
        };
        if !is_last {
            breach("last message", "it shows another last message than it has".to_owned());
        }
    }
}
