//! The table's axes: what is said to a request, what is done about it, where it is sent, and what becomes of the writer.

use serde_json::{Value, json};

/// What a request hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The connection is closed without a reply.
    Closed,
    /// Nothing is heard until the connector's time is up.
    TimedOut,
    /// The reply ends in its middle.
    Cut,
    /// The reply is a page of some proxy.
    NotJson,
    /// The batch is answered, this request of it is not.
    Missing,
    /// This status, with the body that Graph gives with it.
    Status(u16),
    /// 409, a unique value is taken.
    Taken,
    /// 429 without a wait.
    ThrottledBare,
}

/// All of them but [`Kind::TimedOut`], which takes a second of real time.
pub const KINDS: [Kind; 16] = [
    Kind::Closed,
    Kind::Cut,
    Kind::NotJson,
    Kind::Missing,
    Kind::Status(400),
    Kind::Status(401),
    Kind::Status(403),
    Kind::Status(404),
    Kind::Taken,
    Kind::Status(409),
    Kind::Status(412),
    Kind::Status(429),
    Kind::ThrottledBare,
    Kind::Status(500),
    Kind::Status(503),
    Kind::Status(504),
];

impl Kind {
    /// The reply to one request of a batch, as it stands in the batch's reply; `None` where it has none.
    pub fn part(self, id: &Value) -> Option<Value> {
        let (status, code, message) = self.error()?;
        let mut headers = json!({ "Content-Type": "application/json" });
        if self == Self::Status(429) {
            headers["Retry-After"] = json!("3");
        }
        let mut error = json!({ "code": code, "message": message });
        if self == Self::Taken {
            error["details"] = json!([{ "code": "ObjectConflict", "target": "userPrincipalName" }]);
        }
        Some(json!({ "id": id, "status": status, "headers": headers, "body": { "error": error } }))
    }

    fn error(self) -> Option<(u16, &'static str, &'static str)> {
        let taken = "Another object with the same value for property userPrincipalName already exists.";
        Some(match self {
            Self::Closed | Self::TimedOut | Self::Cut | Self::NotJson | Self::Missing => return None,
            Self::Taken => (409, "Request_BadRequest", taken),
            Self::ThrottledBare => (429, "TooManyRequests", "Too many requests."),
            Self::Status(status) => match status {
                400 => (status, "Request_BadRequest", "One or more property values are invalid."),
                401 => (status, "InvalidAuthenticationToken", "Access token has expired."),
                403 => (status, "Authorization_RequestDenied", "Insufficient privileges."),
                404 => (status, "Request_ResourceNotFound", "The resource does not exist."),
                409 => (status, "Request_Conflict", "The request conflicts with another one."),
                412 => (status, "Request_PreconditionFailed", "A condition does not hold."),
                429 => (status, "TooManyRequests", "Too many requests."),
                500 => (status, "InternalServerError", "Something failed."),
                503 => (status, "ServiceUnavailable", "Not now."),
                _ => (status, "GatewayTimeout", "No answer in time."),
            },
        })
    }
}

/// What becomes of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    NotApplied,
    Applied,
    /// Applied later, right before the next request is carried out.
    BeforeNext,
    /// Applied later, right after the next request was carried out, as a lookup that does not see it.
    AfterNext,
    /// Applied when its life ends.
    AtTheEnd,
}

pub const FATES: [Fate; 5] = [Fate::NotApplied, Fate::Applied, Fate::BeforeNext, Fate::AfterNext, Fate::AtTheEnd];

/// Which request it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    Create,
    Update,
    Disable,
    Enable,
    Refer,
    Unrefer,
    /// The first batch with a write, as a whole.
    Envelope,
    /// The lookup by the matching attribute, when it is planned.
    Match,
    /// The lookup of a name, when it is planned.
    Name,
    /// The writer's lookup by the stamp, after a create without an answer.
    Stamp,
    /// The writer's lookup of who has a name, after it was said to be taken.
    Holder,
    /// The request for a token.
    Token,
}

pub const WRITES: [Site; 7] =
    [Site::Create, Site::Update, Site::Disable, Site::Enable, Site::Refer, Site::Unrefer, Site::Envelope];
pub const READS: [Site; 5] = [Site::Match, Site::Name, Site::Stamp, Site::Holder, Site::Token];

impl Site {
    /// What a request of a batch is. `wrote`: a write was sent before.
    pub fn of(part: &Value, wrote: bool) -> Option<Self> {
        let url = part["url"].as_str()?;
        let enabled = &part["body"]["accountEnabled"];
        Some(match (part["method"].as_str()?, enabled.as_bool()) {
            ("POST", _) => Self::Create,
            ("PATCH", Some(false)) => Self::Disable,
            ("PATCH", Some(true)) => Self::Enable,
            ("PATCH", None) => Self::Update,
            ("PUT", _) => Self::Refer,
            ("DELETE", _) => Self::Unrefer,
            _ if url.contains("filter=employeeId") => {
                if wrote {
                    Self::Stamp
                } else {
                    Self::Match
                }
            }
            _ if url.contains("filter=userPrincipalName") => {
                if wrote {
                    Self::Holder
                } else {
                    Self::Name
                }
            }
            _ => return None,
        })
    }

    pub fn is_write(self) -> bool {
        WRITES.contains(&self)
    }
}

/// What becomes of the process that sent the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    GoesOn,
    /// Its time is up: it hands on at once, and the next one starts while the request may be under way.
    HandsOver,
    /// It stands still until its lease has run out.
    Freezes,
    /// It ends with the request.
    Dies,
}

pub const WRITERS: [Writer; 4] = [Writer::GoesOn, Writer::HandsOver, Writer::Freezes, Writer::Dies];

/// One cell of the table.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    pub kind: Kind,
    pub fate: Fate,
    pub site: Site,
    pub writer: Writer,
}

/// Every cell of these kinds. A read has no effect that could be applied or not. What cannot be is left out: 404 to taking a
/// reference away says that there is none, so it cannot be carried out later, nor stay.
pub fn cells(kinds: &[Kind]) -> Vec<Cell> {
    let mut cells = Vec::new();
    for site in WRITES.into_iter().chain(READS) {
        for kind in kinds {
            let fates = if site.is_write() { &FATES[..] } else { &FATES[..1] };
            let is_possible =
                |fate: &&Fate| **fate == Fate::Applied || site != Site::Unrefer || *kind != Kind::Status(404);
            for fate in fates.iter().filter(is_possible) {
                cells.extend(WRITERS.map(|writer| Cell { kind: *kind, fate: *fate, site, writer }));
            }
        }
    }
    cells
}
