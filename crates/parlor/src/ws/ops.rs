//! What a client asks, once it is known who asks: each op calls one service function.

use parlor_core::access::Principal;
use parlor_core::error::Code;
use parlor_core::limits;

use super::frame::{ClientFrame, Read, Ref, Send, ServerFrame, Subscribe, Typing, conversation_id};
use super::line::End;
use super::session::Session;
use crate::wire::Problem;
use crate::wire::input::MarkRead;
use crate::wire::query::Inline;

/// Answers of the socket carry conversations without messages, as its events do.
const NONE: Inline = Inline(0);

type Done = Result<Result<(), Problem>, End>;

impl Session {
    /// Does what an op asks and answers it when it has a ref.
    pub(super) async fn perform(&mut self, by: &Principal, op: ClientFrame, reference: Option<&Ref>) -> Done {
        let service = self.sockets.service.clone();
        let done = match op {
            ClientFrame::Subscribe(op) => return self.subscribe(by, op, reference).await,
            ClientFrame::Send(op) => return self.send(by, op, reference).await,
            ClientFrame::Unsubscribe(op) => {
                if let Some(place) = self.follower.position(&op.topic) {
                    self.follower.unfollow(place);
                }
                Ok(())
            }
            ClientFrame::Read(op) => return self.read(by, op, reference).await,
            ClientFrame::Typing(Typing { conversation_id: id, is_typing, .. }) => {
                match conversation_id(&id) {
                    Ok(id) => service.set_typing(by, id, is_typing).await,
                    Err(problem) => Err(problem),
                }
            }
            ClientFrame::Auth(_) => Err(Problem::internal("auth is no op of a caller")),
        };
        if let (Ok(()), Some(reference)) = (&done, reference) {
            self.line.put(ServerFrame::ok(reference).bytes()).await?;
        }
        Ok(done)
    }

    /// Follows a topic: registers, replays what was missed, then says where the client is.
    async fn subscribe(&mut self, by: &Principal, op: Subscribe, reference: Option<&Ref>) -> Done {
        let service = self.sockets.service.clone();
        let since = match op.since.map(|cursor| service.open_cursor(by, &cursor)).transpose() {
            Ok(since) => since,
            Err(problem) => return Ok(Err(problem)),
        };
        let known = self.follower.position(&op.topic);
        let place = match known {
            Some(place) => place,
            None if self.follower.count() >= limits::SUBSCRIPTIONS => {
                return Ok(Err(Code::TooManySubscriptions.into()));
            }
            None => match service.find_topic(by, &op.topic, since.as_ref()).await {
                Ok(channel) => self.follower.follow(&op.topic, channel),
                Err(problem) => return Ok(Err(problem)),
            },
        };
        // Whoever follows already and does not say that they missed anything goes on from where they are.
        if known.is_none() || since.is_some() {
            let done = match self.follower.catch_up(place, since).await {
                Ok(()) => self.deliver_missed().await?,
                Err(problem) => Err(problem),
            };
            if let Err(problem) = done {
                if known.is_none() {
                    self.follower.unfollow(place);
                }
                return Ok(Err(problem));
            }
        }
        let topic = &self.follower.topics()[place];
        let (at, channel) = (topic.at, topic.channel.clone());
        if let Some(reference) = reference {
            let cursor = service.seal_cursor(&at);
            let already = known.map(|_| true);
            let ok = ServerFrame::Ok {
                reference,
                cursor: Some(&cursor),
                already,
                message: None,
                conversation: None,
            };
            self.line.put(ok.bytes()).await?;
        }
        for frame in service.list_presence(&channel) {
            self.line.put(frame).await?;
        }
        Ok(Ok(()))
    }

    async fn read(&mut self, by: &Principal, op: Read, reference: Option<&Ref>) -> Done {
        let marked = match conversation_id(&op.conversation_id) {
            Ok(id) => {
                let mark = MarkRead { seq: op.seq, back: false };
                self.sockets.service.mark_read(by, id, mark, NONE).await
            }
            Err(problem) => Err(problem),
        };
        match (marked, reference) {
            (Ok(answer), Some(reference)) => {
                let conversation = Some(&answer.conversation);
                let frame =
                    ServerFrame::Ok { reference, cursor: None, already: None, message: None, conversation };
                self.line.put(frame.bytes()).await?;
                Ok(Ok(()))
            }
            (marked, _) => Ok(marked.map(drop)),
        }
    }

    async fn send(&mut self, by: &Principal, op: Send, reference: Option<&Ref>) -> Done {
        let answer = match self.sockets.service.send_message(by, op.message, NONE).await {
            Ok(answer) => answer,
            Err(mut problem) => {
                // Pointers are into the frame, whose `message` this is.
                problem.errors.iter_mut().for_each(|error| error.pointer.insert_str(0, "/message"));
                return Ok(Err(problem));
            }
        };
        if let Some(reference) = reference {
            let ok = |conversation| {
                let message = Some(&answer.message);
                ServerFrame::Ok { reference, cursor: None, already: None, message, conversation }.bytes()
            };
            let mut frame = ok(Some(&answer.conversation));
            if frame.len() > limits::FRAME_BYTES {
                // Both at their largest; the conversation comes with the group of its commit as well.
                frame = ok(None);
            }
            self.line.put(frame).await?;
        }
        Ok(Ok(()))
    }
}
