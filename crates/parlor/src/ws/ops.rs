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
                if let Some(place) = self.topics.position(&op.topic) {
                    self.topics.unfollow(place);
                }
                Ok(())
            }
            ClientFrame::Read(Read { conversation_id: id, seq, .. }) => match conversation_id(&id) {
                Ok(id) => service.mark_read(by, id, MarkRead { seq, back: false }, NONE).await.map(drop),
                Err(problem) => Err(problem),
            },
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
        let known = self.topics.position(&op.topic);
        let place = match known {
            Some(place) => place,
            None if self.topics.count() >= limits::SUBSCRIPTIONS => {
                return Ok(Err(Code::TooManySubscriptions.into()));
            }
            None => match service.find_topic(by, &op.topic).await {
                Ok(channel) => self.topics.follow(&op.topic, channel),
                Err(problem) => return Ok(Err(problem)),
            },
        };
        let at = match (known, since, self.topics.get(place)) {
            // Followed already, and the client does not say that it missed anything.
            (Some(_), None, Some(subscription)) => Ok(subscription.at),
            _ => self.catch_up(place, since).await?,
        };
        let at = match at {
            Ok(at) => at,
            Err(problem) => {
                if known.is_none() {
                    self.topics.unfollow(place);
                }
                return Ok(Err(problem));
            }
        };
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
        if let Some(channel) = self.topics.get(place).map(|subscription| subscription.channel.clone()) {
            for frame in service.list_presence(&channel) {
                self.line.put(frame).await?;
            }
        }
        Ok(Ok(()))
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
