//! Who goes first: what people wait for, and what the server does by itself.

use std::collections::VecDeque;

use parlor_core::command::Command;
use parlor_core::id::WorkspaceKey;
use parlor_core::limits;
use tokio::sync::{mpsc, oneshot};

use super::Answer;

/// A command, and who waits for its outcome.
pub(super) struct Job {
    pub(super) command: Command,
    pub(super) reply: oneshot::Sender<Answer>,
}

/// The two lanes, and jobs taken out of them that did not fit their batch.
pub(super) struct Lanes {
    people: mpsc::Receiver<Job>,
    background: mpsc::Receiver<Job>,
    carry: VecDeque<Job>,
    /// Batches of people's that the background let go first, one after another.
    let_go: usize,
}

impl Lanes {
    pub(super) fn new(people: mpsc::Receiver<Job>, background: mpsc::Receiver<Job>) -> Self {
        Self { people, background, carry: VecDeque::new(), let_go: 0 }
    }

    /// The next batch: what is there, all of one workspace; no artificial wait. `None` at the end.
    ///
    /// A batch of people's takes no background work along, which they would wait for. When there was no other for a while, a
    /// share of it goes before them: into this batch, or carried to the next.
    pub(super) async fn next_batch(&mut self, most: usize) -> Option<Vec<Job>> {
        let (first, mut has_people) = match self.carry.pop_front() {
            Some(job) => (job, true),
            None => self.wait().await?,
        };
        let mut batch = Filling::begin(first, most);
        for job in std::mem::take(&mut self.carry) {
            batch.offer(job, &mut self.carry);
        }
        if self.let_go >= limits::BACKGROUND_LETS_GO {
            self.let_go = 0;
            self.take_background(&mut batch);
        }
        while batch.has_room() && self.carry.len() < most {
            let Ok(job) = self.people.try_recv() else { break };
            batch.offer(job, &mut self.carry);
            has_people = true;
        }
        if has_people {
            self.let_go += 1;
        } else {
            self.let_go = 0;
            self.take_background(&mut batch);
        }
        Some(batch.jobs)
    }

    fn take_background(&mut self, batch: &mut Filling) {
        for _ in 0..batch.most.div_ceil(limits::BACKGROUND_SHARE) {
            let Ok(job) = self.background.try_recv() else { break };
            batch.offer(job, &mut self.carry);
        }
    }

    /// The first job, and whether it is people's.
    async fn wait(&mut self) -> Option<(Job, bool)> {
        tokio::select! {
            biased;
            Some(job) = self.people.recv() => Some((job, true)),
            Some(job) = self.background.recv() => Some((job, false)),
            else => None,
        }
    }
}

/// A batch while it fills.
struct Filling {
    workspace: WorkspaceKey,
    bytes: usize,
    jobs: Vec<Job>,
    most: usize,
}

impl Filling {
    fn begin(first: Job, most: usize) -> Self {
        let workspace = first.command.by.workspace;
        Self { workspace, bytes: first.command.size(), jobs: vec![first], most }
    }

    fn has_room(&self) -> bool {
        self.jobs.len() < self.most && self.bytes < limits::BATCH_BYTES
    }

    /// Takes the job, or carries it to a later batch. Order within a workspace is kept: nothing is taken past a carried one.
    fn offer(&mut self, job: Job, carry: &mut VecDeque<Job>) {
        let workspace = job.command.by.workspace;
        let overtakes = carry.iter().any(|waiting| waiting.command.by.workspace == workspace);
        if workspace == self.workspace && self.has_room() && !overtakes {
            self.bytes += job.command.size();
            self.jobs.push(job);
        } else {
            carry.push_back(job);
        }
    }
}

#[cfg(test)]
mod tests {
    use parlor_core::access::{Principal, Role};
    use parlor_core::command::{Action, MarkRead};
    use parlor_core::id::{AgentId, ConversationId};
    use uuid::Uuid;

    use super::*;

    /// A job that says its number by what it would mark.
    fn job(workspace: i64, number: u32) -> Job {
        let by = Principal {
            workspace: WorkspaceKey(workspace),
            role: Role::Agent,
            sub: AgentId::parse("ada").expect("short"),
            name: None,
            email: None,
        };
        let mark = MarkRead { conversation_id: ConversationId(Uuid::nil()), seq: number, back: false };
        Job { command: Command { by, action: Action::MarkRead(mark) }, reply: oneshot::channel().0 }
    }

    fn told(jobs: &[Job]) -> Vec<(i64, u32)> {
        let number = |job: &Job| match &job.command.action {
            Action::MarkRead(mark) => mark.seq,
            _ => 0,
        };
        jobs.iter().map(|job| (job.command.by.workspace.0, number(job))).collect()
    }

    #[tokio::test]
    async fn jobs_of_two_workspaces_share_batches_and_keep_their_order() {
        let (people, from_people) = mpsc::channel(64);
        let (_background, from_background) = mpsc::channel(1);
        let mut lanes = Lanes::new(from_people, from_background);
        for number in 0..5 {
            for workspace in [1, 2] {
                people.try_send(job(workspace, number)).expect("room");
            }
        }
        for workspace in [1, 2] {
            let batch = lanes.next_batch(limits::BATCH_COMMANDS).await.expect("jobs wait");
            assert_eq!(told(&batch), (0..5).map(|number| (workspace, number)).collect::<Vec<_>>());
        }
        assert!(lanes.carry.is_empty());
    }

    #[tokio::test]
    async fn people_do_not_wait_for_background_work_and_it_does_not_wait_for_ever() {
        let (people, from_people) = mpsc::channel(64);
        let (background, from_background) = mpsc::channel(64);
        let mut lanes = Lanes::new(from_people, from_background);
        let (of_people, by_itself) = ((1, 1), (1, 0));
        for _ in 0..limits::BACKGROUND_LETS_GO {
            background.try_send(job(1, 0)).expect("room");
            people.try_send(job(1, 1)).expect("room");
            let batch = lanes.next_batch(limits::BATCH_COMMANDS).await.expect("jobs wait");
            assert_eq!(told(&batch), [of_people]);
        }
        people.try_send(job(1, 1)).expect("room");
        let batch = lanes.next_batch(limits::BATCH_COMMANDS).await.expect("jobs wait");
        let mut expected = vec![by_itself; 1 + limits::BACKGROUND_LETS_GO];
        expected[0] = of_people;
        assert_eq!(told(&batch), expected);
        assert_eq!(lanes.let_go, 1);

        people.try_send(job(1, 1)).expect("room");
        background.try_send(job(1, 0)).expect("room");
        let batch = lanes.next_batch(limits::BATCH_COMMANDS).await.expect("jobs wait");
        assert_eq!(told(&batch), [of_people]);
        let batch = lanes.next_batch(limits::BATCH_COMMANDS).await.expect("jobs wait");
        assert_eq!(told(&batch), [by_itself]);
    }

    /// However full the batches of people's are.
    #[tokio::test]
    async fn background_work_gets_its_turn_among_batches_without_room() {
        for most in [1, 2, 8] {
            let (people, from_people) = mpsc::channel(64);
            let (background, from_background) = mpsc::channel(1);
            let mut lanes = Lanes::new(from_people, from_background);
            background.try_send(job(1, 0)).expect("room");
            let mut batches = 0;
            loop {
                while people.try_send(job(1, 1)).is_ok() {}
                let batch = lanes.next_batch(most).await.expect("jobs wait");
                batches += 1;
                if told(&batch).contains(&(1, 0)) {
                    break;
                }
                assert!(batches < limits::BACKGROUND_LETS_GO + 3, "{batches} batches of {most}");
            }
            assert!(batches > limits::BACKGROUND_LETS_GO);
        }
    }
}
