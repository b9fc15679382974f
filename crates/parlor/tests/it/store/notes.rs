//! Private notes: which page they stand in, who hears of them, what is left of a deleted one.

use parlor::store::{MessageQuery, MessageStart, Scope};
use parlor::writer::WriteError;
use parlor_core::access::Role;
use parlor_core::decide::Outcome;
use parlor_core::error::Refusal;
use parlor_core::id::{ConversationId, ExternalId};
use parlor_core::message::MessageKind;

use super::fixture::{Fixture, delete_note, import, note, with_notes};
use super::over_every_store;

over_every_store!(
    notes_stand_in_the_page_of_their_message,
    what_changed_tells_of_notes_and_of_their_deletion,
    too_many_notes_are_too_many_changes,
    a_note_is_written_once_and_goes_for_good,
    notes_go_with_their_conversation,
);

async fn noted(f: &Fixture, id: ConversationId, n: u128, text: &str) {
    f.answer(&f.principal(Role::Agent, "ada"), note(id, Some(n), text)).await;
}

async fn unnoted(f: &Fixture, id: ConversationId, n: u128) {
    f.answer(&f.principal(Role::Agent, "ada"), delete_note(id, n)).await;
}

/// The notes of a page, by their texts.
async fn page(f: &Fixture, id: ConversationId, start: MessageStart, limit: usize) -> Vec<String> {
    let query = MessageQuery { start, limit, notes: true };
    let page = f.store.list_messages(f.workspace, id, query).await.unwrap().unwrap();
    let without = MessageQuery { notes: false, ..query };
    let without = f.store.list_messages(f.workspace, id, without).await.unwrap().unwrap();
    assert_eq!((without.notes, without.messages), (vec![], page.messages), "only who asks gets any");
    page.notes.iter().map(|note| note.text().to_owned()).collect()
}

async fn notes_stand_in_the_page_of_their_message(f: Fixture) {
    let admin = f.principal(Role::Admin, "root");
    let empty = f.answer(&admin, import("maria", ExternalId::parse("old").unwrap())).await;
    let id = empty.snapshot.conversation.id;
    noted(&f, id, 1, "before anything").await;
    assert_eq!(page(&f, id, MessageStart::Newest(0), 5).await, ["before anything"]);
    for n in 1..=6 {
        f.say(id, MessageKind::User, &n.to_string()).await;
        if n % 2 == 0 {
            noted(&f, id, 10 + n, &format!("behind {n}")).await;
            f.ambient.advance_ms(1);
            noted(&f, id, 20 + n, &format!("then {n}")).await;
        }
    }
    unnoted(&f, id, 12).await;
    assert_eq!(page(&f, id, MessageStart::Newest(0), 1).await, ["behind 6", "then 6"]);
    assert_eq!(page(&f, id, MessageStart::Before(6), 2).await, ["behind 4", "then 4"]);
    assert_eq!(page(&f, id, MessageStart::After(4), 1).await, [] as [&str; 0]);
    assert_eq!(page(&f, id, MessageStart::After(1), 2).await, ["then 2"]);
    assert_eq!(page(&f, id, MessageStart::Before(3), 2).await, ["before anything", "then 2"]);
    assert_eq!(page(&f, id, MessageStart::After(6), 2).await, [] as [&str; 0]);
    let all = ["before anything", "then 2", "behind 4", "then 4", "behind 6", "then 6"];
    assert_eq!(page(&f, id, MessageStart::After(0), 200).await, all);
}

async fn what_changed_tells_of_notes_and_of_their_deletion(f: Fixture) {
    let id = f.start("maria", "one").await.snapshot.conversation.id;
    let head = async || f.store.get_head(f.workspace).await.unwrap().rev;
    let changes = async |scope: Scope, after| {
        f.store.list_changes(f.workspace, scope, after, 500).await.unwrap().groups
    };
    let begin = head().await;
    noted(&f, id, 1, "first").await;
    noted(&f, id, 2, "second").await;
    f.say(id, MessageKind::User, "two").await;
    unnoted(&f, id, 1).await;
    let told = changes(with_notes(id), begin).await;
    let notes: Vec<_> = told
        .iter()
        .map(|g| (g.rev - begin, g.notes.iter().map(|n| n.text().to_owned()).collect::<Vec<_>>()))
        .collect();
    let said = |text: &str| vec![text.to_owned()];
    assert_eq!(notes, [(2, said("second")), (3, vec![]), (4, said(""))]);
    assert!(told[2].notes[0].deleted_at().is_some() && told[2].conversation.is_some());
    let silent = changes(Scope::Conversation { id, notes: false }, begin).await;
    assert!(silent.iter().all(|g| g.notes.is_empty()));
    assert_eq!(silent.last().map(|g| g.rev), Some(begin + 4), "the version is told all the same");
    for scope in [with_notes(id), Scope::Workspace] {
        assert_eq!(changes(scope, head().await).await, []);
    }
    assert!(changes(Scope::Workspace, begin).await.iter().all(|g| g.notes.is_empty()));
}

async fn too_many_notes_are_too_many_changes(f: Fixture) {
    let id = f.start("maria", "one").await.snapshot.conversation.id;
    for n in 0..10 {
        noted(&f, id, n, "one more").await;
    }
    let changes = async |limit| f.store.list_changes(f.workspace, with_notes(id), 0, limit).await.unwrap();
    let few = changes(11).await;
    assert!(few.too_many && few.groups.is_empty());
    assert!(!changes(12).await.too_many);
}

async fn a_note_is_written_once_and_goes_for_good(f: Fixture) {
    let id = f.start("maria", "one").await.snapshot.conversation.id;
    let other = f.start("noor", "one").await.snapshot.conversation.id;
    let ada = f.principal(Role::Agent, "ada");
    let twins = (0..3).map(|_| f.run(&ada, note(id, Some(1), "mine")));
    let answers = futures_util::future::join_all(twins).await;
    assert!(answers.iter().all(Result::is_ok));
    let conflict = Err(WriteError::Refused(Refusal::NoteIdConflict));
    for action in [note(id, Some(1), "other text"), note(other, Some(1), "mine")] {
        assert_eq!(f.run(&ada, action).await, conflict);
    }
    let thread = f.thread(id).await;
    assert_eq!((thread.notes.len(), thread.snapshot.conversation.note_count), (1, 1));
    unnoted(&f, id, 1).await;
    assert_eq!(f.run(&ada, note(id, Some(1), "mine")).await, Err(WriteError::Refused(Refusal::NotFound)));
    assert_eq!(f.thread(id).await.notes, []);
}

async fn notes_go_with_their_conversation(f: Fixture) {
    let id = f.start("maria", "one").await.snapshot.conversation.id;
    let other = f.start("noor", "one").await.snapshot.conversation.id;
    noted(&f, id, 1, "mine").await;
    let (ada, admin) = (f.principal(Role::Agent, "ada"), f.principal(Role::Admin, "root"));
    let delete = parlor_core::command::Action::DeleteConversation { conversation_id: id };
    let in_one_batch = [
        f.run(&ada, note(id, Some(2), "late")),
        f.run(&admin, delete),
        f.run(&ada, note(other, Some(1), "elsewhere")),
    ];
    let answers = futures_util::future::join_all(in_one_batch).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(answers[1], Ok(Outcome::Deleted));
    let notes = f.thread(other).await.notes;
    assert_eq!(
        notes.iter().map(|n| (n.text(), n.conversation_id)).collect::<Vec<_>>(),
        [("elsewhere", other)]
    );
}
