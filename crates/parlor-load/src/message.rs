//! The posts: built once, patched before each is sent.

use anyhow::{Context, ensure};
use uuid::Uuid;

use crate::http::Api;

/// Bytes of every text: an ordinary sentence or two.
pub const TEXT_BYTES: usize = 200;
/// Digits of the number each text begins with.
const NUMBER_DIGITS: usize = 10;
/// Different texts, so that the search index has something to do.
const TEXTS: usize = 32;

const WORDS: &[&str] = &[
    "about",
    "address",
    "again",
    "agent",
    "answer",
    "appointment",
    "available",
    "before",
    "booking",
    "cancel",
    "change",
    "confirm",
    "customer",
    "date",
    "delivery",
    "detail",
    "discount",
    "email",
    "evening",
    "exchange",
    "flight",
    "form",
    "friend",
    "hotel",
    "invoice",
    "later",
    "monday",
    "morning",
    "number",
    "offer",
    "order",
    "parcel",
    "payment",
    "phone",
    "please",
    "price",
    "product",
    "question",
    "receipt",
    "refund",
    "reservation",
    "restaurant",
    "return",
    "saturday",
    "schedule",
    "service",
    "shipping",
    "size",
    "start",
    "street",
    "support",
    "table",
    "thanks",
    "ticket",
    "today",
    "tomorrow",
    "travel",
    "update",
    "voucher",
    "waiting",
    "weather",
    "website",
    "weekend",
    "yesterday",
];

/// One agent's `POST /messages`, with holes for what differs.
#[derive(Debug)]
pub struct Posts {
    requests: Vec<Vec<u8>>,
    id_at: usize,
    conversation_at: usize,
    number_at: usize,
}

impl Posts {
    /// Posts as Parlor's own clients send them: own id, `messages=0`.
    pub fn new(api: &Api) -> Self {
        let nil = Uuid::nil();
        let bodies = (0..TEXTS).map(|i| {
            let text = text(i);
            format!(r#"{{"id":"{nil}","conversationId":"{nil}","type":"bot","text":"{text}"}}"#)
        });
        let requests: Vec<Vec<u8>> =
            bodies.map(|body| api.request("POST", "/messages?messages=0", Some(&body))).collect();
        let end = requests[0].len();
        let number_at = end - r#""}"#.len() - TEXT_BYTES;
        let conversation_at = number_at - r#"","type":"bot","text":""#.len() - 36;
        let id_at = conversation_at - r#"","conversationId":""#.len() - 36;
        Posts { requests, id_at, conversation_at, number_at }
    }

    /// The request that says text `number` in `conversation`.
    pub fn post(&mut self, id: Uuid, conversation: Uuid, number: u64) -> &[u8] {
        let text = usize::try_from(number).unwrap_or(0) % TEXTS;
        let request = &mut self.requests[text];
        id.hyphenated().encode_lower(&mut request[self.id_at..self.id_at + 36]);
        conversation.hyphenated().encode_lower(&mut request[self.conversation_at..self.conversation_at + 36]);
        let mut rest = number;
        for digit in request[self.number_at..self.number_at + NUMBER_DIGITS].iter_mut().rev() {
            // A remainder of ten is a digit.
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        request
    }
}

/// Where a message landed, from the answer to its post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// The conversation that took it.
    pub conversation: Uuid,
    /// Its number there.
    pub seq: u32,
}

impl Receipt {
    /// Scans an answer: `message` comes first, and inside a text every quote has a backslash before it.
    pub fn scan(body: &[u8]) -> anyhow::Result<Self> {
        let text = std::str::from_utf8(body)?;
        let after = |key: &str| text.find(key).map(|at| &text[at + key.len()..]);
        let scan = || {
            let conversation = after(r#""conversationId":""#)?.get(..36)?.parse().ok()?;
            let digits = after(r#""seq":"#)?;
            let end = digits.find(|c: char| !c.is_ascii_digit())?;
            Some(Receipt { conversation, seq: digits[..end].parse().ok()? })
        };
        scan().with_context(|| format!("not an answer of ours: {text:.300}"))
    }
}

/// The number a text begins with.
pub fn number_of(text: &str) -> anyhow::Result<u64> {
    number_at(text.as_bytes())
}

/// The number of the text that begins here.
pub fn number_at(text: &[u8]) -> anyhow::Result<u64> {
    let digits = text.get(..NUMBER_DIGITS).unwrap_or_default();
    let is_ours = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    ensure!(is_ours, "not a text of ours: {:?}", String::from_utf8_lossy(digits));
    Ok(digits.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
}

/// The text that carries `number`.
pub fn numbered(number: u64) -> String {
    let words = text(usize::try_from(number).unwrap_or(0) % TEXTS);
    format!("{number:0NUMBER_DIGITS$}{}", &words[NUMBER_DIGITS..])
}

/// Words of `TEXT_BYTES` in all behind a number of zeros; the same for the same `seed`.
pub fn text(seed: usize) -> String {
    let mut text = "0".repeat(NUMBER_DIGITS);
    let mut pick = seed;
    while text.len() < TEXT_BYTES {
        text.push(' ');
        text.push_str(WORDS[pick % WORDS.len()]);
        pick = pick.wrapping_mul(31).wrapping_add(17 + seed / WORDS.len());
    }
    text.truncate(TEXT_BYTES - 1);
    text.push('.');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patched_post_is_the_json_it_claims_to_be() {
        let api = Api { address: ([127, 0, 0, 1], 7070).into(), token: "t".into() };
        let (id, conversation) = (Uuid::from_u128(7), Uuid::from_u128(9));
        let mut posts = Posts::new(&api);
        let request = String::from_utf8(posts.post(id, conversation, 1234).to_vec()).unwrap();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert!(head.starts_with("POST /api/live-chat/messages?messages=0 HTTP/1.1\r\n"));
        assert_eq!(body["id"], id.to_string());
        assert_eq!(body["conversationId"], conversation.to_string());
        let text = body["text"].as_str().unwrap();
        assert_eq!(text.len(), TEXT_BYTES);
        assert_eq!(number_of(text).unwrap(), 1234);
        assert_eq!(text, numbered(1234));
    }

    #[test]
    fn a_receipt_is_the_messages_own() {
        let id = Uuid::from_u128(5);
        let answer = format!(
            r#"{{"message":{{"id":"x","conversationId":"{id}","text":"\"seq\":9","seq":12}},"conversation":{{"seq":3}}}}"#
        );
        assert_eq!(Receipt::scan(answer.as_bytes()).unwrap(), Receipt { conversation: id, seq: 12 });
        assert!(Receipt::scan(b"{}").is_err());
    }
}
