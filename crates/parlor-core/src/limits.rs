//! Every bound of the product on one page.
//!
//! A bound that is part of the contract says so; the others protect memory, disk or other callers.

/// Bytes of a user's or agent's id (contract, section 3).
pub const PERSON_ID_BYTES: usize = 128;
/// Bytes of a funnel, block, option or inbox id (contract, section 3).
pub const SLUG_BYTES: usize = 64;
/// Characters of a message's text (contract, section 3).
pub const TEXT_CHARS: usize = 10_000;
/// Bytes of a message's text written as JSON (contract, section 3).
pub const TEXT_JSON_BYTES: usize = 32 * 1024;
/// Bytes of a metadata object written as JSON (contract, section 3).
pub const METADATA_BYTES: usize = 4 * 1024;
/// Levels a metadata object may nest.
pub const METADATA_DEPTH: usize = 16;
/// Quick replies on one message, and options of one block (contract, section 3).
pub const OPTIONS: usize = 20;
/// Characters of an option's text.
pub const OPTION_CHARS: usize = 200;
/// Labels of one conversation (contract, section 3).
pub const LABELS: usize = 20;
/// Characters of a label (contract, section 3).
pub const LABEL_CHARS: usize = 50;
/// Private notes of one conversation, deleted ones among them: their rows stay so that followers hear of it.
pub const NOTES: usize = 500;
/// Characters of a person's or funnel's name.
pub const NAME_CHARS: usize = 200;
/// Bytes of an e-mail address (RFC 5321, 4.5.3.1.3).
pub const EMAIL_BYTES: usize = 254;
/// Bytes of an avatar's URL.
pub const URL_BYTES: usize = 2048;
/// Bytes of a locale tag (RFC 5646, 4.4.1) or time zone name.
pub const LOCALE_BYTES: usize = 64;
/// Characters of a canned answer's shortcut.
pub const SHORTCUT_CHARS: usize = 50;
/// Characters of a canned answer's text.
pub const CANNED_TEXT_CHARS: usize = 4_000;
/// Canned answers of one workspace; they are listed all at once.
pub const CANNED_ANSWERS: usize = 500;
/// Characters of a saved view's name.
pub const VIEW_NAME_CHARS: usize = 100;
/// Saved views one agent may have made.
pub const VIEWS_PER_AGENT: usize = 100;
/// Saved views of one workspace; they are listed all at once.
pub const VIEWS: usize = 2_000;
/// Agents, labels or funnels that are listed.
pub const DESK_LISTED: usize = 1_000;
/// Agents the process remembers to have met; beyond, it forgets them all and meets them again.
pub const AGENTS_MET: usize = 10_000;
/// Bytes of a foreign id kept by an import.
pub const EXTERNAL_ID_BYTES: usize = 128;
/// Characters of `lastMessage` (contract, section 3).
pub const LAST_MESSAGE_CHARS: usize = 200;

/// Blocks of one funnel.
pub const FUNNEL_BLOCKS: usize = 500;
/// Stages of one funnel.
pub const FUNNEL_STAGES: usize = 100;
/// Bytes of a funnel written as JSON.
pub const FUNNEL_BYTES: usize = 512 * 1024;
/// Field errors one refusal lists; who fixes these asks again.
pub const FIELD_ERRORS: usize = 100;
/// Bytes of a block's condition written as JSON.
pub const CONDITION_BYTES: usize = 4 * 1024;
/// Milliseconds a block may wait before it speaks.
pub const BLOCK_DELAY_MS: u32 = 60_000;
/// Parsed funnel versions the writer keeps; a version never changes.
pub const FUNNEL_CACHE: usize = 256;

/// Funnels with policies of their own.
pub const FUNNEL_POLICIES: usize = 1_000;
/// Seconds of an idle timer and of its warning: least and most.
pub const IDLE_LEAST_S: i64 = 10;
/// See [`IDLE_LEAST_S`].
pub const IDLE_MOST_S: i64 = 365 * 24 * 3600;
/// Seconds after its close for which a user's message may reopen a conversation, at most.
pub const REOPEN_MOST_S: i64 = 10 * 365 * 24 * 3600;
/// Seconds from close to archive, at most.
pub const ARCHIVE_MOST_S: i64 = 10 * 365 * 24 * 3600;
/// Seconds from archive to erasure: least and most.
pub const DELETE_LEAST_S: i64 = 24 * 3600;
/// See [`DELETE_LEAST_S`].
pub const DELETE_MOST_S: i64 = 100 * 365 * 24 * 3600;
/// Milliseconds a conversation goes on at most whose time passed while nobody could know (contract, section 7.3).
pub const GRACE_MS: i64 = 30 * 60 * 1000;
/// Milliseconds of running time a mark for erasure waits (contract, section 7.7).
pub const ERASE_WAIT_RUNNING_MS: i64 = 24 * 3600 * 1000;
/// Milliseconds after which it is looked at again what would be erased if the clock were not paused.
pub const PAUSED_LOOK_MS: i64 = 10 * 60 * 1000;
/// Milliseconds between two looks at what is due: within 1 s of its time it is done (contract, section 7.3).
pub const LIFECYCLE_TICK_MS: u64 = 250;
/// Conversations of one such look: a thousand a second, twice what has to be in time.
pub const LIFECYCLE_BATCH: usize = 250;
/// Of these, conversations of one commit: a message that comes in between waits for no more than so many.
pub const LIFECYCLE_TOGETHER: usize = 8;
/// Milliseconds the job waits after it could not read or write.
pub const LIFECYCLE_RETRY_MS: u64 = 1_000;
/// Conversations that a change of the settings is carried to in one commit.
pub const REDATE_BATCH: usize = 200;
/// Such commits of one look and workspace.
pub const REDATE_PAGES: usize = 10;
/// Workspaces whose change goes on in one look.
pub const REDATING: usize = 16;

/// Conversations a preview of settings looks at, the newest first.
pub const PREVIEW_CONVERSATIONS: usize = 10_000;
/// Milliseconds back and ahead that it looks: thirty days.
pub const PREVIEW_MS: i64 = 30 * 24 * 3600 * 1000;

/// Commands of one batch (one transaction, one fsync).
pub const BATCH_COMMANDS: usize = 256;
/// Bytes of content of one batch.
pub const BATCH_BYTES: usize = 1024 * 1024;
/// Share of a batch open to background work: one command in this many.
pub const BACKGROUND_SHARE: usize = 4;
/// Batches that people have for themselves, one after another, before background work goes with them.
pub const BACKGROUND_LETS_GO: usize = 16;
/// Times a batch is decided before commands that still miss rows are answered as internal error. One alone needs at most
/// four; what commands before it in the batch change may send it elsewhere.
pub const LOAD_ROUNDS: usize = 6;
/// Commands waiting in the people's lane; a full lane answers 503.
pub const PEOPLE_LANE: usize = 4096;
/// Commands waiting in the background lane; a full lane makes its producer wait.
pub const BACKGROUND_LANE: usize = 256;
/// Committed batches waiting for the publisher; a full queue makes the writer wait.
pub const PUBLISH_QUEUE: usize = 64;
/// Open conversations of one user and funnel that a lookup returns, newest first.
pub const OPEN_PER_FUNNEL: usize = 8;
/// Newest conversations of a chain that a lookup returns: the newest takes a message, the others stand in for those that
/// the same batch deletes.
pub const CHAIN_NEWEST: usize = 8;
/// Conversations of a user renewed in one commit when the user's profile changes.
pub const USER_CONVERSATIONS_BATCH: usize = 100;

/// Milliseconds by which the wall clock may differ from running time before nothing irreversible happens any more.
pub const CLOCK_TOLERANCE_MS: i64 = 300_000;
/// Milliseconds of running time after which the two are compared anew: corrections of a few seconds do not add up.
pub const CLOCK_ANCHOR_MS: i64 = 24 * 3600 * 1000;
/// Milliseconds a server may have been away before its wall clock is not believed.
pub const CLOCK_AWAY_MS: i64 = 30 * 24 * 3600 * 1000;
/// Milliseconds between two looks at the clock.
pub const CLOCK_TICK_MS: u64 = 1_000;
/// Milliseconds of running time that a crash may forget.
pub const CLOCK_SAVE_MS: i64 = 10_000;

/// Conversations that one commit of a user's erasure deletes.
pub const ERASE_CONVERSATIONS: usize = 25;
/// Messages of theirs, but for one conversation that alone has more: a commit others hardly notice.
pub const ERASE_MESSAGES: u32 = 5_000;
/// Deletions of one page of the record, by default and at most.
pub const DELETIONS_DEFAULT: usize = 50;
/// See [`DELETIONS_DEFAULT`].
pub const DELETIONS_MAX: usize = 200;

/// Milliseconds a tombstone and the message ids it keeps stay (contract, section 6).
pub const TOMBSTONE_MS: i64 = 90 * 24 * 3600 * 1000;
/// Rows of old tombstones removed in one transaction.
pub const PURGE_BATCH: usize = 1_000;
/// Seconds between two looks for old tombstones.
pub const PURGE_S: u64 = 3600;
/// Milliseconds until a file that somebody still reads an older state of is cut again after the first attempt; twice as many
/// after each one that follows.
pub const SCRUB_RETRY_MS: u64 = 100;
/// Milliseconds between two attempts at most: bytes are out of the files within 3 s of their last reader's end (contract,
/// section 4), and the writer waits `WAL_RESTART_WAIT_MS` of it at each.
pub const SCRUB_RETRY_MOST_MS: u64 = 2_000;
/// Rows that leave the search index one by one in one transaction: less than a second.
pub const FORGET_BATCH: usize = 500;
/// Rows deleted at once of which none leaves the search index one by one, however large their table: it is written anew.
pub const FORGET_ONE_BY_ONE: usize = 1_000;
/// The same for more than one row of so many: writing this many anew costs as much as taking one out.
pub const FORGET_SHARE: usize = 300;
/// Pages of the search index written anew in one step: about a tenth of a second.
pub const REWRITE_PAGES: i64 = 500;
/// Milliseconds after which cleaning up is tried again that the disk did not let through.
pub const CLEANUP_RETRY_MS: u64 = 5_000;
/// Pages of a database looked at in one step for what deleted rows left behind: a few milliseconds.
pub const SCRUB_PAGES: u32 = 1_024;
/// Pages of a database that can be scrubbed: 128 GiB. Beyond, a page's first byte may not tell what it is.
pub const SCRUB_MOST_PAGES: u32 = 0x0200_0000;

/// Read connections of the embedded store, and reads waiting for one.
pub const READERS: usize = 2;
/// Reads waiting for a connection; a full queue answers 503.
pub const READ_QUEUE: usize = 4096;
/// Control writes (links, sessions, secrets) and batches waiting for the embedded store's writer.
pub const WRITE_QUEUE: usize = 256;
/// Milliseconds a connection waits for a lock that another process holds (`parlor link` beside the server).
pub const DATABASE_WAIT_MS: u64 = 5_000;
/// Prepared statements each connection keeps.
pub const CACHED_STATEMENTS: usize = 128;
/// Pages that only the write-ahead log has after which they are copied into the database, beside the writer.
pub const WAL_CHECKPOINT_PAGES: u64 = 4_000;
/// Of them, those that a round may leave to the writer, which then begins the log anew; its batch waits for them.
pub const WAL_REST_PAGES: u64 = 250;
/// Passes of one round at most: each leaves what was written meanwhile.
pub const WAL_COPY_PASSES: usize = 4;
/// Bytes the write-ahead log's file keeps once it is copied, and steps of growth at which the writer waits for readers.
pub const WAL_KEPT_BYTES: i64 = 64 * 1024 * 1024;
/// Milliseconds the writer then waits for those who read in the log: several of the longest reads.
pub const WAL_RESTART_WAIT_MS: u64 = 200;
/// Milliseconds between two attempts to open a database again after a write failed.
pub const REOPEN_PAUSE_MS: u64 = 500;
/// Milliseconds between two looks of a store after itself.
pub const TEND_MS: u64 = 1_000;
/// Seconds of one write after which the disk counts as failing.
pub const STORE_STALL_S: u64 = 10;
/// Bytes kept back on the disk for deleting when it is full: the log and the index of a large conversation's erasure.
pub const BALLAST_BYTES: u64 = 16 * 1024 * 1024;
/// Free bytes beside the ballast before posts are taken (again).
pub const ROOM_BYTES: u64 = 16 * 1024 * 1024;
/// Free bytes below which a write that failed counts as one on a full disk, and an opening store gives the ballast up.
pub const ROOM_NONE_BYTES: u64 = 1024 * 1024;
/// Free bytes below which the log warns, once for each.
pub const ROOM_WARNED_BYTES: [u64; 3] = [1024 * 1024 * 1024, 256 * 1024 * 1024, 64 * 1024 * 1024];
/// KiB of pages the writing connection keeps in memory.
pub const WRITE_CACHE_KIB: i64 = 64 * 1024;
/// Bytes of the database that a reading connection maps into memory.
pub const READ_MAP_BYTES: i64 = 1024 * 1024 * 1024;
/// Page size of `GET /conversations`: default and most (contract, section 4).
pub const LIST_DEFAULT: usize = 20;
/// Most conversations of one page.
pub const LIST_MAX: usize = 100;
/// Deepest `offset` (contract, section 3).
pub const OFFSET_MAX: usize = 10_000;
/// Page size of messages: default (contract, section 4).
pub const MESSAGES_DEFAULT: usize = 50;
/// Most messages of one page.
pub const MESSAGES_MAX: usize = 200;
/// Most messages inside a conversation (contract, section 3).
pub const MESSAGES_INLINE: usize = 50;
/// Conversations of one bulk `PATCH` (contract, section 4).
pub const BULK: usize = 100;
/// Largest `total` counted exactly outside the maintained counters (contract, section 4).
pub const TOTAL_EXACT: usize = 10_000;
/// Characters of a search.
pub const SEARCH_CHARS: usize = 200;
/// Words of a search that are looked at.
pub const SEARCH_WORDS: usize = 8;
/// Matching conversations a search looks at, newest first.
pub const SEARCH_HITS: usize = 10_000;
/// Matching messages a search looks at, newest first, however few conversations they are in.
pub const SEARCH_ROWS: usize = 50_000;
/// Characters of the excerpt shown of a message that a search found.
pub const EXCERPT_CHARS: usize = 200;
/// Characters of it before the first word found.
pub const EXCERPT_LEAD_CHARS: usize = 60;
/// Searches waiting for the index.
pub const SEARCH_QUEUE: usize = 256;
/// Milliseconds between a commit and its indexing, so that commits of a moment share a transaction; what is said can be
/// found within a second (contract, section 4).
pub const SEARCH_PAUSE_MS: u64 = 200;
/// Milliseconds the index waits after it could not read or write.
pub const SEARCH_RETRY_MS: u64 = 1_000;
/// Seconds between two lines in the log about a search index that stays behind.
pub const SEARCH_COMPLAINT_S: u64 = 60;
/// Messages in one table of the search index: written anew within a fraction of a second.
pub const SEARCH_PART: usize = 50_000;
/// Pages of the search index's log after which SQLite copies it into the file.
pub const SEARCH_CHECKPOINT_PAGES: u32 = 4_000;
/// Messages the search index takes in one transaction.
pub const SEARCH_BATCH: usize = 2_000;

/// Changes a resuming subscription may be behind before it is told `reset` (contract, section 5).
pub const RESUME_CHANGES: usize = 500;
/// Bytes of missed changes one reader has in memory; what is behind them is read when they are told.
pub const REPLAY_BYTES: usize = 512 * 1024;
/// Seconds `GET /changes` may wait for the first change (contract, section 4).
pub const POLL_WAIT_S: u64 = 25;
/// Bytes of groups after which an answer of `GET /changes` is complete; one group always fits.
pub const CHANGES_BYTES: usize = 256 * 1024;
/// Long polls and event streams of one process; more are answered 429. Leaves room for requests that do not wait.
pub const WAITING_REQUESTS: usize = 1_000;
/// Of them, those of one caller: forty tabs, each with a long poll for each of three topics.
pub const WAITING_REQUESTS_PER_CALLER: usize = 120;
/// Bytes of a request body.
pub const BODY_BYTES: usize = 1024 * 1024;
/// Bytes of a request's path and query.
pub const URI_BYTES: usize = 8 * 1024;
/// Bytes of a request's header block.
pub const HEADER_BYTES: usize = 32 * 1024;
/// Bytes of a connection's read buffer at most; holds a header block.
pub const HTTP_BUFFER_BYTES: usize = 64 * 1024;
/// Seconds a request's headers may take, and a connection may wait for its next request.
pub const HEADER_TIMEOUT_S: u64 = 10;
/// TCP connections of one process: a full house of sockets and room for requests beside them.
pub const CONNECTIONS: usize = SOCKETS + 2_000;
/// Milliseconds without accepting after the system refused to.
pub const ACCEPT_PAUSE_MS: u64 = 50;
/// Seconds a request may take in all.
pub const REQUEST_TIMEOUT_S: u64 = 30;
/// Bytes of a WebSocket message in either direction (contract, section 5).
pub const FRAME_BYTES: usize = 64 * 1024;
/// Pieces a peer may cut a WebSocket message into: the largest comes whole in pieces of 64 bytes.
pub const FRAGMENTS: usize = FRAME_BYTES / 64;
/// Of them, those that carry nothing.
pub const FRAGMENTS_EMPTY: usize = 16;
/// Users whose presence a new follower of the inbox is told.
pub const PRESENCE_TOLD: usize = 1_000;
/// Seconds after which presence is told again (contract, section 5).
pub const PRESENCE_S: u64 = 60;
/// Seconds over which comings and goings are collected and told together.
pub const PRESENCE_TICK_S: u64 = 2;
/// Comings and goings of a workspace told at once: about a frame. The rest waits for the next time, or takes itself back.
pub const PRESENCE_CHANGES: usize = 400;
/// Seconds after which news of presence are too late: a reader who stalled is told the current state instead.
pub const PRESENCE_LATE_S: u64 = 5;
/// Seconds after which news that a list changed are too late: longer than a reader may stall.
pub const CHANGED_LATE_S: u64 = 60;
/// Milliseconds for which those who left are told again with those who are there, for who missed it.
pub const PRESENCE_GONE_MS: i64 = 2 * 60 * 1000;
/// Users who left and wait to be written down, of one workspace; more are not.
pub const LEFT_WAITING: usize = SOCKETS;
/// Users of one write of when they were last seen: a few milliseconds in which no batch is written.
pub const LAST_SEEN_BATCH: usize = 2_500;
/// Bytes of a socket's read buffer, and of what is gathered before it is written. What is said is short; a larger buffer
/// is cleared before every read and resident in every idle socket.
pub const SOCKET_BUFFER_BYTES: usize = 1024;
/// Bytes queued for one connection before its queue is dropped and refilled from the store.
pub const CONNECTION_QUEUE_BYTES: usize = 256 * 1024;
/// Bytes the system keeps for one connection before it has sent them; more waits with us.
pub const UNSENT_BYTES: u32 = 128 * 1024;
/// Bytes of typing and presence queued for one connection, a whole frame of presence among them; the oldest goes when it is
/// full.
pub const LOSSY_QUEUE_BYTES: usize = FRAME_BYTES + 8 * 1024;
/// Locks the fan-out is spread over.
pub const HUB_SHARDS: usize = 64;
/// Slots of the timing wheel, one a second; what is further away is looked at again at its end.
pub const PULSE_SLOTS: usize = 64;
/// Topics one connection may subscribe to.
pub const SUBSCRIPTIONS: usize = 100;
/// Sockets of one process.
pub const SOCKETS: usize = 20_000;
/// Sockets not yet authenticated, in all (hostile-inputs).
pub const SOCKETS_UNAUTHENTICATED: usize = 1_000;
/// Sockets not yet authenticated from one address, IPv6 by its /64 (hostile-inputs).
pub const SOCKETS_UNAUTHENTICATED_PER_ADDRESS: u32 = 20;
/// Seconds a socket has for its `auth` frame (contract, section 5).
pub const AUTH_TIMEOUT_S: u64 = 5;
/// Seconds between heartbeats.
pub const HEARTBEAT_S: u64 = 25;
/// Seconds without a frame after which a peer is dead.
pub const PEER_TIMEOUT_S: u64 = 60;
/// Seconds a write may wait for a peer that takes nothing before a socket is closed with 4429 and any other answer is cut.
pub const WRITE_STALL_S: u64 = 30;
/// Seconds after which a stalled socket is cut. Later than its own end: its close frame comes first.
pub const SOCKET_STALL_S: u64 = WRITE_STALL_S + 2 * CLOSE_WAIT_S;
/// Bad frames in a minute before a socket is closed with 1008.
pub const BAD_FRAMES_PER_MINUTE: u32 = 10;
/// Pings and pongs a peer may send in a minute.
pub const CONTROL_FRAMES_PER_MINUTE: u32 = 120;
/// Seconds a closing socket waits for its peer.
pub const CLOSE_WAIT_S: u64 = 5;
/// Bytes of a text `ref`.
pub const REF_BYTES: usize = 128;
/// Milliseconds over which a restarting server spreads its clients' reconnects at least.
pub const RECONNECT_SPREAD_MS: u64 = 2_000;
/// Reconnects a second that a restarting server asks for at most; of a full house the last comes after ten seconds.
pub const RECONNECTS_PER_S: u64 = 2_000;
/// Seconds a shutting-down server waits for its requests; it has to be gone after ten (contract, section 1).
pub const DRAIN_S: u64 = 8;
/// Milliseconds for which it still takes requests, each the last of its connection.
pub const LINGER_MS: u64 = 500;
/// Seconds it then waits for what was accepted to be stored and published.
pub const FINISH_S: u64 = 1;
/// Seconds after which a typing mark is gone, and not told to a reader who stalled.
pub const TYPING_S: u64 = 5;

/// Bytes of a bearer token.
pub const TOKEN_BYTES: usize = 8 * 1024;
/// Seconds of clock difference a token's times may show (contract, section 2).
pub const TOKEN_LEEWAY_S: i64 = 60;
/// Longest life of a visitor's token in seconds (contract, section 2).
pub const VISITOR_TOKEN_S: i64 = 30 * 24 * 3600;
/// Longest life of a token that `parlor token` makes, in seconds.
pub const TOKEN_S: u64 = 366 * 24 * 3600;
/// Live secrets of each kind a workspace may have (contract, section 2).
pub const LIVE_SECRETS: usize = 2;
/// Life of a one-click link in seconds (contract, section 2).
pub const LINK_S: i64 = 15 * 60;
/// Life of a console session in seconds.
pub const SESSION_S: i64 = 30 * 24 * 3600;
/// Origins a workspace may allow.
pub const ORIGINS: usize = 50;
/// Workspaces of one server; all are kept in memory with their secrets.
pub const WORKSPACES: usize = 10_000;
/// Milliseconds after which the workspaces are read anew: how long a retired secret may still sign.
pub const WORKSPACES_STALE_MS: i64 = 5_000;
/// Milliseconds between two readings because of a secret or key nobody knows.
pub const WORKSPACES_MISS_MS: i64 = 500;

/// Messages after which `parlor check` takes a new snapshot of the conversations it reads.
pub const CHECK_SNAPSHOT_MESSAGES: u64 = 100_000;
/// Bytes the write-ahead logs may grow by while one of its snapshots is open; then it gives up rather than fill the disk.
pub const CHECK_LOG_BYTES: u64 = 512 * 1024 * 1024;
/// Steps of SQLite's machine, or pages, between two looks at the logs.
pub const CHECK_LOOK_OPS: i32 = 10_000;
/// Bytes the log may grow by while `parlor backup` reads its one snapshot.
pub const BACKUP_LOG_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// Bytes of a write-ahead log that are written anew at once after a sync failed.
pub const LOG_COPY_BYTES: usize = 1024 * 1024;
/// Bytes of a heap's end that glibc keeps, halved: enough for the batches of a busy server.
pub const KEPT_HEAP_BYTES: usize = 16 * 1024 * 1024;
/// What a restore adds to the version of every conversation: more than any had changes since the backup.
pub const RESTORE_VERSIONS: i64 = 1_000_000;
/// Bytes of a backup that one request to a running server brings.
pub const RESTORE_PART_BYTES: usize = 8 * 1024 * 1024;
/// Bytes of a backup that can be brought to a running server at all.
pub const RESTORE_BYTES: u64 = 64 * 1024 * 1024 * 1024;
/// Seconds after which a backup that is not sent on is taken away; twice that at most.
pub const RESTORE_ABANDONED_S: u64 = 1800;
/// Milliseconds between two looks of a command at whether the server is back with what it restored.
pub const RESTORE_LOOK_MS: u64 = 500;
/// Seconds for which it looks.
pub const RESTORE_WAIT_S: u64 = 3600;
/// Seconds without any answer after which the server it looks for is gone: several times what ending and starting take.
pub const RESTORE_GONE_S: u64 = 60;
/// Breaches of a kind that it shows; the others are counted.
pub const CHECK_SHOWN: u64 = 20;

/// Bytes of one line of an import.
pub const IMPORT_LINE_BYTES: usize = 64 * 1024 * 1024;
/// Messages of one imported conversation.
pub const IMPORT_MESSAGES: usize = 100_000;
/// Bytes of lines that one request to a running server brings; a longer line comes alone.
pub const IMPORT_REQUEST_BYTES: usize = 1024 * 1024;
/// Bytes of such a request at most: a conversation of some thirty thousand messages.
pub const IMPORT_BODY_BYTES: usize = 8 * 1024 * 1024;
/// Such requests at once; more are answered 429.
pub const IMPORT_REQUESTS: usize = 2;
/// Seconds a command waits for a server's answer: longer than the server takes to give up.
pub const ANSWER_WAIT_S: u64 = REQUEST_TIMEOUT_S + 10;
/// Imported conversations under way at once.
pub const IMPORT_IN_FLIGHT: usize = 128;
/// Lines an import could not take that it shows word for word.
pub const IMPORT_REFUSED_SHOWN: usize = 20;
