//! What directories, jobs and attributes are called there and here.

use config::{ActiveDirectoryOptions, Connector, GraphOptions, Schemas, SecretReference};
use record::TargetSchema;
use std::collections::BTreeSet;

/// The targets whose accounts have rules here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    /// Microsoft Entra ID.
    Entra,
    /// Active Directory.
    ActiveDirectory,
}

/// Names of Entra ID's attributes in its synchronization schema that differ from those of Microsoft Graph, as in the
/// documentation of both (older names of the directory on the left). `extensionAttribute1` to `15` are renamed as well.
pub(crate) const RENAMED: [(&str, &str); 16] = [
    ("telephoneNumber", "businessPhones"),
    ("mobile", "mobilePhone"),
    ("physicalDeliveryOfficeName", "officeLocation"),
    ("facsimileTelephoneNumber", "faxNumber"),
    ("employeeOrgData.costCenter", "employeeOrgData/costCenter"),
    ("employeeOrgData.division", "employeeOrgData/division"),
    ("alternateEmailAddresses", "otherMails"),
    ("sn", "surname"),
    ("title", "jobTitle"),
    ("company", "companyName"),
    ("l", "city"),
    ("st", "state"),
    ("co", "country"),
    ("c", "country"),
    ("fax", "faxNumber"),
    ("officePhone", "businessPhones"),
];

/// Where extension attributes stand in Microsoft Graph.
const EXTENSIONS: &str = "onPremisesExtensionAttributes/";

impl Target {
    /// The target that a directory of a schema is, if it is one of these.
    pub(crate) fn of(directory: &str) -> Option<Self> {
        let plain: String = directory.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
        match plain.as_str() {
            "azureactivedirectory" | "azuread" | "microsoftentraid" | "microsoftentra" | "entraid" | "aad" => {
                Some(Self::Entra)
            }
            "activedirectory"
            | "onpremisesactivedirectory"
            | "onpremactivedirectory"
            | "activedirectorydomainservices" => Some(Self::ActiveDirectory),
            _ => None,
        }
    }

    /// Its directory's name in a schema.
    pub(crate) fn directory(self) -> &'static str {
        match self {
            Self::Entra => "Azure Active Directory",
            Self::ActiveDirectory => "Active Directory",
        }
    }

    /// Its connector's name in the configuration.
    pub(crate) fn connector(self) -> &'static str {
        match self {
            Self::Entra => "entra",
            Self::ActiveDirectory => "active-directory",
        }
    }

    /// What it takes, if the caller knows it.
    pub(crate) fn schema(self, schemas: Schemas<'_>) -> Option<&'static TargetSchema> {
        let connector = match self {
            Self::Entra => Connector::Graph(GraphOptions {
                base_url: String::new(),
                authority: String::new(),
                tenant: String::new(),
                client_id: String::new(),
                client_secret: SecretReference::Environment(String::new()),
                writes: 1,
                window_seconds: 1,
                timeout_seconds: 1,
            }),
            Self::ActiveDirectory => {
                Connector::ActiveDirectory(ActiveDirectoryOptions { domain: String::new(), container: String::new() })
            }
        };
        schemas(&connector)
    }

    /// The attribute here that an attribute there is. What is known under its own name is never renamed.
    pub(crate) fn attribute(self, schema: &TargetSchema, name: &str) -> Option<&'static str> {
        let known = |name: &str| schema.attribute(name).map(|attribute| attribute.name);
        let alike =
            || schema.attributes.iter().find(|known| known.name.eq_ignore_ascii_case(name)).map(|known| known.name);
        known(name).or_else(alike).or_else(|| {
            if self != Self::Entra {
                return None;
            }
            let renamed =
                RENAMED.iter().find(|(there, _)| there.eq_ignore_ascii_case(name)).and_then(|(_, here)| known(here));
            renamed.or_else(|| known(&format!("{EXTENSIONS}{name}")))
        })
    }

    /// The attribute's name there.
    pub(crate) fn there(self, name: &str) -> &str {
        if self != Self::Entra {
            return name;
        }
        let renamed = RENAMED.iter().find(|(_, here)| *here == name).map(|(there, _)| *there);
        renamed.or_else(|| name.strip_prefix(EXTENSIONS)).unwrap_or(name)
    }
}

/// Names that commands and tables can carry, each given once.
#[derive(Debug, Default)]
pub(crate) struct Fit {
    given: BTreeSet<String>,
}

impl Fit {
    /// A name of up to 64 letters, digits, `-` and `_` that nobody has yet.
    pub(crate) fn name(&mut self, wanted: &str, otherwise: &str) -> String {
        let mut name = String::new();
        for c in wanted.trim().chars() {
            if c.is_ascii_alphanumeric() || c == '_' || c == '-' {
                name.push(c);
            } else if !name.ends_with('-') {
                name.push('-');
            }
        }
        name.truncate(60);
        let trimmed = name.trim_matches('-');
        let base = if trimmed.is_empty() { otherwise } else { trimmed };
        let name = (1_usize..).find_map(|number| {
            let name = if number == 1 { base.to_owned() } else { format!("{}-{number}", &base[..base.len().min(50)]) };
            (!self.given.contains(&name)).then_some(name)
        });
        let name = name.unwrap_or_default();
        self.given.insert(name.clone());
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_and_differ_whatever_was_wanted() {
        let mut fit = Fit::default();
        let wanted = ["Workday", "Workday", "Workday to AD!", "]]\n\"x\" = 1", "", "ö", "-", &"a".repeat(200)];
        let names: Vec<String> = wanted.iter().map(|wanted| fit.name(wanted, "job")).collect();
        assert_eq!(names[..7], ["Workday", "Workday-2", "Workday-to-AD", "x-1", "job", "job-2", "job-3"]);
        assert!(names.iter().all(|name| (1..=64).contains(&name.len())));
    }

    #[test]
    fn directories_are_known_by_their_old_and_new_names() {
        assert_eq!(Target::of("Azure Active Directory"), Some(Target::Entra));
        assert_eq!(Target::of("Microsoft Entra ID"), Some(Target::Entra));
        assert_eq!(Target::of("Active Directory"), Some(Target::ActiveDirectory));
        assert_eq!(Target::of("Workday"), None);
    }
}
