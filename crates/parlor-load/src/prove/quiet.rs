//! Users who say a little and fall silent, under timers so short that their conversations close, are archived and are
//! followed by others while servers crash: by themselves, once, and whatever was said in the last moment wins.

use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use parlor_core::limits;
use parlor_core::time::Timestamp;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::sleep;
use uuid::Uuid;

use super::busy::read_along;
use crate::follow::{Manner, Topic};
use crate::http::{Api, Connection};
use crate::judge::store::{self, Listed};
use crate::outcome::Outcome;
use crate::people::People;
use crate::settings;
use crate::writer::{Draft, Over, Said, Writer};

/// A run that is to see conversations close by themselves lasts at least as long: users begin, fall silent, and are waited for.
pub const LEAST: Duration = Duration::from_millis(IDLE.as_millis() as u64 + 5_000);
/// By then the first of them are about to.
pub const FIRST: Duration = Duration::from_millis(IDLE.as_millis() as u64 + 1_000);
/// The funnel of conversations that do; those of others take longer than any run.
const FUNNEL: &str = "brief";
/// No timer may be shorter.
const IDLE: Duration = Duration::from_secs(limits::IDLE_LEAST_S as u64);
/// A message reopens a conversation within this time of its close; later, another one follows it.
const REOPEN: Duration = Duration::from_secs(2);
/// It is archived this long after its close.
const ARCHIVE: Duration = Duration::from_secs(3);
/// Users who fall silent.
const USERS: usize = 12;
/// They begin within this time, so that no single crash spares them all.
const BEGIN: Duration = Duration::from_secs(3);
/// Between two things they say.
const GAP: Duration = Duration::from_millis(700);
/// An agent puts a conversation off for this long.
const SNOOZE: Duration = Duration::from_millis(800);
/// Who writes in the moment of the close does so within about this time of it.
const RACE: Duration = Duration::from_millis(500);
/// This long before a timer ends, those who wait for that are told.
const AHEAD: Duration = Duration::from_millis(150);
/// What should have been done so long ago is late: the server looks four times a second, and shares this machine.
const LATE: Duration = Duration::from_secs(1);
/// What is late is done within this time, or forgotten.
const DONE: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Lets them begin, under their timers.
pub async fn begin(people: &Rc<People>, writers: &mut JoinSet<()>) -> anyhow::Result<()> {
    let (idle, reopen, archive) = (IDLE.as_secs(), REOPEN.as_secs(), ARCHIVE.as_secs());
    let policy = json!({
        "botIdleS": idle, "userIdleS": idle, "teamIdleS": idle, "reopenWindowS": reopen, "archiveAfterS": archive,
    });
    put(people, &policy).await?;
    for i in 0..USERS {
        let user = format!("quiet-{i}");
        let over = if i % 2 == 0 { Over::Http } else { Over::Socket };
        let writer = |role: &str, sub: &str| Writer::new(&people.world, people.api(role, sub), over);
        let inbox = Topic::Inbox { of: Some(user.clone()) };
        people.follow(people.api("visitor", &user), inbox, Manner::default());
        let quiet = Quiet {
            host: writer("service", "host"),
            writer: writer("visitor", &user).hanging_up(6),
            agent: writer("agent", &format!("agent-of-{i}")),
            people: people.clone(),
            rooms: Vec::new(),
            user,
        };
        writers.spawn_local(quiet.live());
    }
    Ok(())
}

/// Waits until something has closed by itself, in case crashes have spared all of it so far: as long as a timer lasts.
pub async fn see_one_close(people: &People) {
    let deadline = Instant::now() + IDLE;
    while people.world.tally.closings.get() == 0 && Instant::now() < deadline {
        sleep(LOOK_EVERY).await;
    }
}

/// Everybody has fallen silent for good: what is late is waited for, and nothing falls due from then on.
pub async fn end(people: &People) -> anyhow::Result<()> {
    let deadline = Instant::now() + DONE;
    while let Some(late) = open_ends(&people.api("service", "judge")).await? {
        if Instant::now() >= deadline {
            return Err(Outcome::Breach(format!("lost: a time that came and was forgotten: {late}")).into());
        }
        sleep(LOOK_EVERY).await;
    }
    let off =
        ["botIdleS", "userIdleS", "teamIdleS", "archiveAfterS"].map(|timer| (timer.to_owned(), "off".into()));
    put(people, &serde_json::Value::Object(off.into_iter().collect())).await
}

async fn put(people: &People, policy: &serde_json::Value) -> anyhow::Result<()> {
    let settings = json!({ "inboxes": { "default": {} }, "funnels": { FUNNEL: policy } });
    settings::put(&people.api("admin", "owner"), &settings).await.context("cannot change the settings")
}

/// What is late, or put off until a moment that no setting moves.
async fn open_ends(api: &Api) -> anyhow::Result<Option<String>> {
    let mut connection = Connection::open(api.address).await?;
    let (listed, _) = store::list(api, &mut connection).await?;
    let now_ms = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    let late = listed.iter().find_map(|conversation| late(conversation, Timestamp(now_ms)));
    Ok(late.or_else(|| {
        let snoozed = listed
            .iter()
            .find(|conversation| conversation.summary().open && conversation.snoozed_until.is_some())?;
        Some(format!("{} is still snoozed", snoozed.id))
    }))
}

/// What should have been done about a conversation and was not.
fn late(conversation: &Listed, now: Timestamp) -> Option<String> {
    let is_late =
        |at: Option<Timestamp>, after: Duration| at.is_some_and(|at| now.since_ms(at) > millis(after + LATE));
    let is_brief = conversation.funnel_id == FUNNEL;
    let what = if is_late(conversation.summary().closes_at, Duration::ZERO) {
        "is open"
    } else if conversation.summary().open && is_late(conversation.snoozed_until, Duration::ZERO) {
        "is snoozed"
    } else if is_brief && !conversation.is_archived && is_late(conversation.closed_at, ARCHIVE) {
        "is not archived"
    } else {
        return None;
    };
    Some(format!("{} {what} though its time is over", conversation.id))
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// Somebody who says a little and falls silent, and comes back about when it closes, soon after, or later.
struct Quiet {
    people: Rc<People>,
    /// The host's server, which starts conversations for them.
    host: Writer,
    writer: Writer,
    /// Who now and then answers, or puts it off.
    agent: Writer,
    user: String,
    rooms: Vec<Uuid>,
}

impl Quiet {
    async fn live(mut self) {
        let world = self.people.world.clone();
        let begin = world.random.borrow_mut().within(BEGIN);
        world.pause(begin).await;
        while !world.has_ended() {
            self.talk().await;
            let silence = self.silence();
            world.pause(IDLE.saturating_sub(AHEAD)).await;
            world.closing.notify_waiters();
            world.pause(silence).await;
        }
    }

    async fn talk(&mut self) {
        let world = self.people.world.clone();
        let again = world.random.borrow_mut().one_in(2);
        let Some(room) = self.say().await else { return };
        if again {
            let gap = world.random.borrow_mut().within(GAP);
            world.pause(gap).await;
            self.say().await;
        }
        let dice = world.random.borrow_mut().below(8);
        match dice {
            0 => {
                self.writer.change(room, &json!({ "status": "closed" })).await;
            }
            1 => {
                let draft = self.agent.draft(room, "bot", Instant::now());
                // Refused where the conversation was archived meanwhile.
                self.agent.send(&draft, Instant::now()).await;
            }
            2 => {
                let until = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + SNOOZE;
                let until = Timestamp(millis(until)).to_string();
                self.agent.change(room, &json!({ "snoozedUntil": until })).await;
            }
            _ => {}
        }
    }

    /// Into the last conversation, or now and then one from before: closed, followed, archived. Where it landed.
    async fn say(&mut self) -> Option<Uuid> {
        let due = Instant::now();
        let room = {
            let mut random = self.people.world.random.borrow_mut();
            if random.one_in(4) { random.pick(&self.rooms) } else { self.rooms.last() }.copied()
        };
        let said = match room {
            Some(room) => self.writer.send(&self.writer.draft(room, "user", due), due).await,
            None => {
                let start: Draft = self.host.start(&self.user, FUNNEL, false, due);
                self.host.send(&start, due).await
            }
        };
        let Said::Stored(receipt) = said else {
            self.people.world.fault(format!("a message of {} was refused", self.user));
            return None;
        };
        let room = receipt.conversation;
        if !self.rooms.contains(&room) {
            self.rooms.push(room);
            read_along(&self.people, &self.user, room);
        }
        Some(room)
    }

    /// How long they say nothing from shortly before their conversation's timer is over: some write before it closes, some
    /// just behind it.
    fn silence(&self) -> Duration {
        let mut random = self.people.world.random.borrow_mut();
        match random.below(6) {
            0 | 1 => random.within(RACE),
            2 => AHEAD + random.within(REOPEN),
            3 => AHEAD + REOPEN + random.within(ARCHIVE),
            // They do not come back before the next timer would be over: nothing but the server can close it.
            _ => AHEAD + 2 * IDLE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A conversation of `funnel` with these fields besides, looked at half a minute into the run.
    fn is_late(funnel: &str, fields: serde_json::Value) -> bool {
        let mut conversation = json!({
            "id": Uuid::nil(), "userId": "u", "funnelId": funnel, "isArchived": false, "version": 1, "messageCount": 1,
            "userLastReadSeq": 1, "agentLastReadSeq": 0, "status": "open",
        });
        if let (Some(all), serde_json::Value::Object(fields)) = (conversation.as_object_mut(), fields) {
            all.extend(fields);
        }
        let now = Timestamp::parse("2026-01-01T00:00:30Z").unwrap();
        late(&serde_json::from_value(conversation).unwrap(), now).is_some()
    }

    #[test]
    fn what_is_due_is_late_after_a_second() {
        let (before, just_now) = ("2026-01-01T00:00:28.500Z", "2026-01-01T00:00:29.500Z");
        for (time, is) in [(before, true), (just_now, false)] {
            assert_eq!(is_late(FUNNEL, json!({ "autoCloseAt": time })), is);
            assert_eq!(is_late("chat", json!({ "autoCloseAt": time })), is);
            assert_eq!(is_late(FUNNEL, json!({ "snoozedUntil": time })), is);
            // Nobody wakes what is closed.
            assert!(!is_late(FUNNEL, json!({ "snoozedUntil": time, "status": "closed" })));
        }
        assert!(!is_late(FUNNEL, json!({})));
    }

    #[test]
    fn a_close_is_followed_by_the_archive_where_the_timers_are_short() {
        let closed = |s| json!({ "status": "closed", "closedAt": format!("2026-01-01T00:00:{s}Z") });
        assert!(is_late(FUNNEL, closed("25.500")));
        assert!(!is_late(FUNNEL, closed("26.500")) && !is_late("chat", closed("25.500")));
        let mut archived = closed("10.000");
        archived["isArchived"] = true.into();
        assert!(!is_late(FUNNEL, archived));
    }
}
