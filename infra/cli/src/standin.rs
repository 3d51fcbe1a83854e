//! TEMPORARY.
use config::FilesOptions;
use ports::{Completeness, Page, PortError, Reading, Source};
use record::{AttributeKind, Record, RecordKey, TargetAttribute, TargetSchema};
pub(crate) struct FilesSource(FilesOptions);
impl FilesSource {
    pub(crate) fn local(o: FilesOptions) -> Result<Self, PortError> {
        Ok(Self(o))
    }
    pub(crate) async fn header(&self) -> Result<Vec<String>, PortError> {
        let t = std::fs::read_to_string(&self.0.url).map_err(|e| PortError::permanent("no file", e))?;
        Ok(t.lines().next().unwrap_or_default().split(',').map(str::to_owned).collect())
    }
}
impl Source for FilesSource {
    async fn read(&self, _: &Reading, _: Option<&str>) -> Result<Page, PortError> {
        let t = std::fs::read_to_string(&self.0.url).map_err(|e| PortError::permanent("no file", e))?;
        let mut lines = t.lines();
        let head: Vec<_> = lines.next().unwrap_or_default().split(',').collect();
        let mut page = Page { completeness: Some(Completeness::Unproven), ..Page::default() };
        for (i, l) in lines.enumerate() {
            page.rows += 1;
            let f: Vec<_> = l.split(',').collect();
            if f.len() != head.len() {
                page.rejected.push(ports::Rejected {
                    place: ports::Place { within: "people.csv".into(), line: i as u64 + 2, attribute: None },
                    key: None,
                    reason: "fields".into(),
                });
                continue;
            }
            let mut r = Record::new(f[0]);
            for (h, v) in head.iter().zip(&f) {
                r = r.with(h, *v);
            }
            page.records.push(r);
        }
        Ok(page)
    }
    async fn read_one(&self, _: &RecordKey) -> Result<Page, PortError> {
        Ok(Page::default())
    }
}
const TEXT: TargetAttribute = TargetAttribute {
    name: "",
    kind: AttributeKind::Text,
    unique: false,
    required: false,
    clearable: true,
    length_max: 64,
    matchable: false,
    case_exact: false,
};
pub(crate) static SCHEMA: TargetSchema = TargetSchema {
    target: "graph",
    attributes: &[
        TargetAttribute { name: "userPrincipalName", unique: true, required: true, matchable: true, ..TEXT },
        TargetAttribute { name: "displayName", required: true, clearable: false, ..TEXT },
        TargetAttribute { name: "mailNickname", required: true, clearable: false, ..TEXT },
        TargetAttribute { name: "employeeId", length_max: 16, matchable: true, ..TEXT },
        TargetAttribute { name: "accountEnabled", kind: AttributeKind::Flag, ..TEXT },
        TargetAttribute { name: "department", ..TEXT },
        TargetAttribute { name: "manager", kind: AttributeKind::Reference, ..TEXT },
    ],
    enabled: "accountEnabled",
};
