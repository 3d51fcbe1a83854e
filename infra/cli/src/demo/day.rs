//! What happens at the bundled company: changes of its HR file.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;

/// Who moves to another department.
pub(super) const MOVER: &str = "00033";
/// Two people of the same name.
pub(super) const NAMESAKES: (&str, &str) = ("00061", "00131");
const RENAMED: &str = "00044";
const LEAVER: &str = "00055";
const REHIRED: &str = "00049";

/// The HR file as rows. Its fields hold neither delimiters nor quotes.
pub(super) struct Staff {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Staff {
    pub fn read(text: &str) -> Self {
        let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
        Self { header: lines.next().unwrap_or_default(), rows: lines.collect() }
    }

    pub fn text(&self) -> String {
        let lines = std::iter::once(&self.header).chain(&self.rows).map(|row| row.join(","));
        lines.collect::<Vec<_>>().join("\n") + "\n"
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn countries(&self) -> usize {
        let at = self.column("CountryCode");
        self.rows.iter().map(|row| &row[at]).collect::<BTreeSet<_>>().len()
    }

    fn column(&self, name: &str) -> usize {
        self.header.iter().position(|column| column == name).expect("the bundled file has the column")
    }

    fn set(&mut self, id: &str, column: &str, value: &str) {
        let at = self.column(column);
        if let Some(row) = self.rows.iter_mut().find(|row| row[0] == id) {
            value.clone_into(&mut row[at]);
        }
    }

    fn hire(&mut self, id: &str, names: [&str; 4], hired_on: Date, manager: &str) {
        let fields = [
            ("WorkerID", id),
            ("FirstName", names[0]),
            ("LastName", names[1]),
            ("LatinFirstName", names[2]),
            ("LatinLastName", names[3]),
            ("WorkerStatus", "Active"),
            ("WorkerType", "Employee"),
            ("Department", "Engineering"),
            ("JobTitle", "Software Engineer"),
            ("Company", "Northwind Trading International"),
            ("City", "Plovdiv"),
            ("CountryCode", "BG"),
            ("ManagerID", manager),
            ("CostCenter", "CC2100"),
        ];
        let hired_on = hired_on.to_string();
        let field = |column: &String| match fields.iter().find(|(name, _)| name == column) {
            Some((_, value)) => (*value).to_owned(),
            None if column == "HireDate" => hired_on.clone(),
            None => String::new(),
        };
        self.rows.push(self.header.iter().map(field).collect());
    }

    /// One day: hires today and in three weeks, a move, a marriage, a leaver, a rehire. Gives what is to be seen.
    pub fn a_day(&mut self, now: Timestamp) -> String {
        let today = now.to_zoned(TimeZone::UTC).date();
        let later = today.saturating_add(jiff::Span::new().days(21));
        let before = today.saturating_sub(jiff::Span::new().days(1));
        self.hire("00301", ["Цветана", "Маркова", "Tsvetana", "Markova"], today, MOVER);
        self.hire("00302", ["Ragna", "Hallgrímsdóttir", "Ragna", "Hallgrimsdottir"], later, "00301");
        self.set(MOVER, "Department", "Sales");
        self.set(MOVER, "JobTitle", "Account Manager");
        self.set(MOVER, "ManagerID", "00003");
        self.set(RENAMED, "LastName", "Wójcik-Adler");
        self.set(LEAVER, "WorkerStatus", "Terminated");
        self.set(LEAVER, "LastDayOfWork", &before.to_string());
        self.set(REHIRED, "WorkerStatus", "Active");
        self.set(REHIRED, "LastDayOfWork", "");
        self.set(REHIRED, "HireDate", &before.to_string());
        format!("   The hire of {later} is noted and looked at again 14 days before; until then there is no account.")
    }

    /// Somebody's mistake. Gives how many it hits.
    pub fn terminate_department(&mut self, department: &str, now: Timestamp) -> usize {
        let today = now.to_zoned(TimeZone::UTC).date().to_string();
        let (at, status, last) = (self.column("Department"), self.column("WorkerStatus"), self.column("LastDayOfWork"));
        let mut count = 0;
        for row in self.rows.iter_mut().filter(|row| row[at] == department && row[status] == "Active") {
            "Terminated".clone_into(&mut row[status]);
            row[last].clone_from(&today);
            count += 1;
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_company_is_as_the_demo_tells() {
        let staff = Staff::read(include_str!("../../company/people.csv"));
        assert!(staff.len() >= 200 && staff.countries() >= 10);
        assert!(staff.rows.iter().all(|row| row.len() == staff.header.len()));
        let names = |id: &str| staff.rows.iter().find(|row| row[0] == id).map(|row| row[1..5].to_vec());
        assert_eq!(names(NAMESAKES.0), names(NAMESAKES.1));
        let status = staff.column("WorkerStatus");
        let is = |id: &str| staff.rows.iter().find(|row| row[0] == id).map(|row| row[status].as_str());
        assert_eq!([MOVER, RENAMED, LEAVER].map(is), [Some("Active"); 3]);
        assert_eq!(is(REHIRED), Some("Terminated"));
        let ids: BTreeSet<&String> = staff.rows.iter().map(|row| &row[0]).collect();
        assert_eq!(ids.len(), staff.len());
        let manager = staff.column("ManagerID");
        assert_eq!(staff.rows.iter().filter(|row| !ids.contains(&row[manager])).count(), 1);
    }
}
