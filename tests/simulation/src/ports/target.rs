//! The target: requests travel by themselves once they are sent, whatever becomes of who sent them.

use crate::faults::Bug;
use crate::requests::{LIFE, THROTTLE_WAIT};
use crate::world::View;
use fakes::run_ready;
use ports::{
    Account, AccountPage, Anchor, PortError, Reply, TargetRead, TargetWrite, WriteAction, WriteReport, WriteRequest,
};
use record::{TargetSchema, Value};
use std::collections::BTreeMap;
use std::time::Duration;

/// The target as one invocation has it.
#[derive(Clone)]
pub struct SimTarget {
    /// The invocation's view.
    pub view: View,
    /// Requests that travel together.
    pub group_max: usize,
}

impl SimTarget {
    fn bug(&self) -> Option<Bug> {
        self.view.shared.core().bug
    }

    /// A read by the target itself or by a replica that lags.
    async fn reading<T: Send>(
        &self,
        read: impl Fn(&fakes::FakeTarget) -> Result<T, PortError> + Send,
    ) -> Result<T, PortError> {
        self.view.travel().await;
        let (fails, lags) = {
            let mut core = self.view.shared.core();
            let faults = core.faults.clone();
            let lags = faults.lag > 0 && core.fires("lag", 600);
            (core.fires("failed read", faults.failed_read), lags)
        };
        let outside = &self.view.shared.outside;
        let answer = match (fails, lags) {
            (true, _) => Err(PortError::transient("the target did not answer", "simulated")),
            (false, true) => read(&outside.replica),
            (false, false) => read(&outside.target),
        };
        self.view.travel().await;
        answer
    }

    async fn send(&self, requests: &[WriteRequest]) -> Vec<Reply> {
        let (ids, heard_at, now) = {
            let mut core = self.view.shared.core();
            let sent: Vec<(u64, u64)> =
                requests.iter().map(|request| core.send(self.view.invocation, request.clone())).collect();
            let heard_at = sent.iter().map(|(_, at)| *at).max().unwrap_or(core.now);
            (sent.into_iter().map(|(id, _)| id).collect::<Vec<_>>(), heard_at, core.now)
        };
        self.view.pause(heard_at - now).await;
        let mut core = self.view.shared.core();
        ids.into_iter().map(|id| core.heard(id)).collect()
    }

    /// A connector that tries the next name by itself.
    async fn next_name(&self, request: &WriteRequest) -> Reply {
        let WriteAction::Create { attributes } = &request.action else { return Reply::Taken };
        let name = attributes.get("userPrincipalName").map(|name| name.text().to_owned()).unwrap_or_default();
        let mut attributes = attributes.clone();
        attributes.insert("userPrincipalName".to_owned(), Value::One(format!("x{name}")));
        let request = WriteRequest { action: WriteAction::Create { attributes } };
        self.send(&[request]).await.remove(0)
    }

    /// A connector that makes accounts without their stamp, and sets it afterwards.
    async fn stamp_later(&self, request: &WriteRequest) -> Reply {
        let WriteAction::Create { attributes } = &request.action else { return Reply::Unknown };
        let mut bare = attributes.clone();
        let stamp = bare.remove("employeeId");
        let made = self.send(&[WriteRequest { action: WriteAction::Create { attributes: bare } }]).await.remove(0);
        if let Reply::Done(anchor) = &made {
            let attributes = BTreeMap::from([("employeeId".to_owned(), stamp)]);
            let action = WriteAction::Update { anchor: anchor.clone(), attributes };
            return self.send(&[WriteRequest { action }]).await.remove(0);
        }
        made
    }
}

impl TargetRead for SimTarget {
    fn schema(&self) -> &'static TargetSchema {
        fakes::graph_like_schema()
    }

    async fn find(&self, attribute: &str, values: &[String], select: &[String]) -> Result<Vec<Account>, PortError> {
        self.reading(|target| run_ready(target.find(attribute, values, select))).await
    }

    async fn read(&self, anchors: &[Anchor], select: &[String]) -> Result<Vec<Account>, PortError> {
        self.reading(|target| run_ready(target.read(anchors, select))).await
    }

    async fn read_all(&self, select: &[String], next: Option<&str>) -> Result<AccountPage, PortError> {
        self.reading(|target| run_ready(target.read_all(select, next))).await
    }
}

impl TargetWrite for SimTarget {
    fn group_max(&self) -> usize {
        self.group_max
    }

    fn request_life(&self) -> Duration {
        let ignored = self.bug() == Some(Bug::LateLandingIgnored);
        if ignored { Duration::ZERO } else { Duration::from_micros(LIFE) }
    }

    fn replica_lag(&self) -> Duration {
        Duration::from_secs(9)
    }

    async fn write(&self, requests: &[WriteRequest]) -> WriteReport {
        let is_create = |request: &WriteRequest| matches!(request.action, WriteAction::Create { .. });
        let mut replies = Vec::with_capacity(requests.len());
        if self.bug() == Some(Bug::StampAfterCreate) && requests.iter().any(is_create) {
            for request in requests {
                let reply = if is_create(request) {
                    self.stamp_later(request).await
                } else {
                    self.send(std::slice::from_ref(request)).await.remove(0)
                };
                replies.push(reply);
            }
        } else {
            replies = self.send(requests).await;
        }
        for (request, reply) in requests.iter().zip(&mut replies).filter(|(request, _)| is_create(request)) {
            if self.bug() == Some(Bug::NextName) && *reply == Reply::Taken {
                *reply = self.next_name(request).await;
            }
            if self.bug() == Some(Bug::BlindRetry) && *reply == Reply::Unknown {
                *reply = self.next_name(request).await;
            }
        }
        let throttled = replies.iter().any(|reply| matches!(reply, Reply::Throttled(_)));
        WriteReport { replies, wait: throttled.then_some(THROTTLE_WAIT), budget_used: None }
    }
}
