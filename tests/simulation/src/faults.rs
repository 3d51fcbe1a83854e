//! What may go wrong, how often, and the mistakes that a run can be told to make.

use crate::chance::Chance;

/// Shares of faults in thousandths. All zero is a calm world.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// An invocation ends before or after an effect.
    pub death: u64,
    /// A call of the table, the queue or the blobs fails without effect.
    pub lost_call: u64,
    /// Such a call takes effect, and its reply is lost.
    pub lost_reply: u64,
    /// A conditional write takes effect, the client repeats it, and hears that the condition does not hold.
    pub repeated_call: u64,
    /// A message is delivered twice.
    pub duplicate: u64,
    /// A message comes much later than others.
    pub delay: u64,
    /// A wake of the writer never comes.
    pub lost_wake: u64,
    /// A message that was worked off is not deleted.
    pub lost_delete: u64,
    /// A request does not reach the target.
    pub dropped: u64,
    /// A request is carried out, and its reply is lost.
    pub unanswered: u64,
    /// A request is given up by the client and carried out later.
    pub late: u64,
    /// A request is throttled and not carried out.
    pub throttled: u64,
    /// A request is throttled and carried out all the same.
    pub throttled_applied: u64,
    /// The target fails a read.
    pub failed_read: u64,
    /// A read is answered by a replica that lags behind by up to so many milliseconds.
    pub lag: u64,
    /// Clocks are wrong by up to so many milliseconds.
    pub skew: u64,
    /// The source fails a read.
    pub failed_source: u64,
    /// A call takes very long.
    pub slow: u64,
}

/// Sets the share of one fault.
type Setter = fn(&mut Faults, u64);

/// Every fault by name, with the way to set it and its largest share.
pub const KINDS: [(&str, Setter, u64); 18] = [
    ("death", |faults, share| faults.death = share, 12),
    ("lost call", |faults, share| faults.lost_call = share, 12),
    ("lost reply", |faults, share| faults.lost_reply = share, 12),
    ("repeated call", |faults, share| faults.repeated_call = share, 15),
    ("duplicate", |faults, share| faults.duplicate = share, 200),
    ("delay", |faults, share| faults.delay = share, 200),
    ("lost wake", |faults, share| faults.lost_wake = share, 300),
    ("lost delete", |faults, share| faults.lost_delete = share, 100),
    ("dropped", |faults, share| faults.dropped = share, 200),
    ("unanswered", |faults, share| faults.unanswered = share, 250),
    ("late", |faults, share| faults.late = share, 300),
    ("throttled", |faults, share| faults.throttled = share, 80),
    ("throttled but applied", |faults, share| faults.throttled_applied = share, 80),
    ("failed read", |faults, share| faults.failed_read = share, 50),
    ("lag", |faults, share| faults.lag = share, 8_000),
    ("skew", |faults, share| faults.skew = share, 900),
    ("failed source", |faults, share| faults.failed_source = share, 50),
    ("slow", |faults, share| faults.slow = share, 30),
];

impl Faults {
    /// Some kinds, each with a share of its own: a run in which everything happens shows less than one in which one thing
    /// happens often.
    pub fn drawn(chance: &Chance) -> Self {
        let mut faults = Self::default();
        for (_, set, most) in KINDS {
            if chance.is(550) {
                set(&mut faults, chance.between(1, most));
            }
        }
        faults
    }
}

/// Mistakes that the simulation must find. Each is made at a port, as a wrong adapter or a wrong step would make it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bug {
    /// The lease is taken whoever holds it.
    LeaseUnconditional,
    /// A lease is given back although requests may still land.
    NoDrain,
    /// Requests are taken to be over as soon as nobody waits for them.
    LateLandingIgnored,
    /// A cycle begins although one is on.
    CycleUnconditional,
    /// Steps of a cycle are made from any state.
    StepUnconditional,
    /// A message is acknowledged before its work is done.
    AckBeforeWork,
    /// A name that is taken makes the connector try the next one.
    NextName,
    /// A create that was not answered is sent again by the connector.
    BlindRetry,
    /// No answer counts as a refusal.
    SilenceIsRefusal,
    /// The stamp is set after the create.
    StampAfterCreate,
    /// The writes of a transaction are made one by one.
    TornTransaction,
    /// A conflict counts as done.
    ConflictIsSuccess,
    /// What is not final is not kept.
    OpenSetDropped,
    /// Nothing is held whatever the guard says.
    GuardBypassed,
    /// A wake that is lost is never made up for.
    NoSchedule,
    /// Reads of the table are as old as some seconds.
    StaleState,
    /// The hash of a record that is not final goes into the manifest.
    ManifestTakesAll,
}

impl Bug {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::LeaseUnconditional,
        Self::NoDrain,
        Self::LateLandingIgnored,
        Self::CycleUnconditional,
        Self::StepUnconditional,
        Self::AckBeforeWork,
        Self::NextName,
        Self::BlindRetry,
        Self::SilenceIsRefusal,
        Self::StampAfterCreate,
        Self::TornTransaction,
        Self::ConflictIsSuccess,
        Self::OpenSetDropped,
        Self::GuardBypassed,
        Self::NoSchedule,
        Self::StaleState,
        Self::ManifestTakesAll,
    ];
}
