//! An `active-directory` connector as the configuration writes it.

use crate::connector::ActiveDirectoryOptions;
use crate::table::Table;
use toml::Spanned;

/// Reads the options.
pub(crate) fn read(table: &Table<'_>) -> ActiveDirectoryOptions {
    let domain = table.need_text("domain");
    if let Some(text) = domain.as_ref().filter(|text| !name(text.get_ref())) {
        let hint = "for instance corp.example".to_owned();
        table.report.error(text.span(), "`domain` must be the DNS name of the domain", Some(hint));
    }
    let container = table.need_text("container");
    if let Some(text) = container.as_ref().filter(|text| !distinguished(text.get_ref())) {
        let hint = "for instance OU=People,DC=corp,DC=example".to_owned();
        table.report.error(text.span(), "`container` must be a distinguished name", Some(hint));
    }
    ActiveDirectoryOptions {
        domain: domain.map(Spanned::into_inner).unwrap_or_default(),
        container: container.map(Spanned::into_inner).unwrap_or_default(),
    }
}

fn name(text: &str) -> bool {
    let label =
        |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    text.split('.').all(label)
}

/// Whether it begins and ends as a distinguished name does; what stands between is the directory's to judge.
fn distinguished(text: &str) -> bool {
    let part =
        |part: &str| part.trim().split_once('=').is_some_and(|(kind, value)| !kind.is_empty() && !value.is_empty());
    text.split(',').next().is_some_and(part) && text.rsplit(',').next().is_some_and(part)
}
