//! What an observer of the store and of the target writes down.

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A new account.
    Create {
        /// Its unique values that are reserved.
        names: Vec<String>,
        /// Whether the record's stamp stands in it.
        stamped: bool,
    },
    /// Anything else that changes the record's account.
    Update,
    /// The end of the record's account.
    Delete,
}

/// What a writer heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It was done.
    Done,
    /// A unique value is another account's.
    Taken,
    /// The target will not do it, or knows no such account.
    Refused,
    /// To wait: it may have been done all the same.
    Throttled,
    /// Nothing.
    Unknown,
}

/// One thing that happened. Times are true milliseconds; `until` is as stored, by the writer's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the module's table says what each is")]
pub enum Event {
    LeaseTaken { writer: u64, at: i64, until: i64 },
    LeaseRenewed { writer: u64, at: i64, until: i64 },
    LeaseReleased { writer: u64, at: i64, drained_until: Option<i64> },
    Sent { writer: u64, record: String, request: u64, kind: Kind, at: i64 },
    Landed { request: u64, at: i64 },
    Replied { request: u64, at: i64, answer: Reply },
    NameReserved { name: String, record: String },
    NameGivenUp { name: String, record: String },
    LinkWritten { record: String, version: u64, read_in: u64, is_live: bool, writer: u64 },
    WriterDied { writer: u64 },
    CycleExpected { cycle: String, batches: u64 },
    CyclePlanned { cycle: String, batch: u64 },
    CycleJudged { cycle: String, to_write: u64 },
    CycleReleased { cycle: String },
    BatchWritten { cycle: String, batch: u64 },
    CycleSettled { cycle: String },
}
