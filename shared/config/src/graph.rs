//! A `graph` connector as the configuration writes it.

use crate::connector::{GraphOptions, SecretReference};
use crate::table::Table;
use std::path::Path;
use toml::Spanned;

/// What stands for the address of the local stack's simulator.
const SIMULATOR: &str = "simulator";

/// Reads the options; `folder` is where relative paths begin.
pub(crate) fn read(table: &Table<'_>, folder: &Path) -> GraphOptions {
    let base_url = address(table, "base_url").unwrap_or_else(|| "https://graph.microsoft.com".to_owned());
    // A configuration for the simulator must not take its client's secret to Microsoft.
    let token_service = if base_url == SIMULATOR { SIMULATOR } else { "https://login.microsoftonline.com" };
    let tenant = table.need_text("tenant").map(Spanned::into_inner).unwrap_or_default();
    let client_id = table.need_text("client_id").map(Spanned::into_inner).unwrap_or_default();
    let secret = table.need_text("client_secret").and_then(|text| secret(table, &text, folder));
    GraphOptions {
        authority: address(table, "authority").unwrap_or_else(|| token_service.to_owned()),
        base_url,
        tenant,
        client_id,
        client_secret: secret.unwrap_or(SecretReference::Environment(String::new())),
        writes: small(table, "writes", 1_000_000).unwrap_or(3000),
        window_seconds: small(table, "window_seconds", 3600).unwrap_or(150),
        // A request must be over before the writer's lease of 30 s is, with some room for its renewal.
        timeout_seconds: small(table, "timeout_seconds", 20).unwrap_or(10),
    }
}

fn small(table: &Table<'_>, key: &'static str, most: u32) -> Option<u32> {
    table.whole(key, 1..=u64::from(most)).and_then(|number| u32::try_from(number).ok())
}

/// An address without a slash at its end. In clear text only to this machine: secrets and people travel there.
fn address(table: &Table<'_>, key: &'static str) -> Option<String> {
    let url = table.text(key)?;
    let text = url.get_ref().trim_end_matches('/');
    let host = |rest: &str| rest.split(['/', ':']).next().unwrap_or_default().to_owned();
    let fits = match text.split_once("://") {
        None => text == SIMULATOR,
        Some(("https", rest)) => !host(rest).is_empty(),
        Some(("http", rest)) => matches!(host(rest).as_str(), "localhost" | "127.0.0.1"),
        Some(_) => false,
    };
    if !fits {
        let hint = format!("write https://…, http://127.0.0.1:… or {SIMULATOR}");
        table.report.error(url.span(), format!("`{key}` must be an https address"), Some(hint));
    }
    Some(text.to_owned())
}

/// Where the secret is; never repeats what is written, because it may be the secret itself.
fn secret(table: &Table<'_>, text: &Spanned<String>, folder: &Path) -> Option<SecretReference> {
    let refuse = |message: &str, hint: &str| {
        table.report.error(text.span(), message, Some(hint.to_owned()));
        None
    };
    match text.get_ref().split_once(':') {
        Some(("env", name)) if variable(name) => Some(SecretReference::Environment(name.to_owned())),
        Some(("env", _)) => refuse("`env:` needs the name of a variable", "for instance env:GRAPH_CLIENT_SECRET"),
        Some(("file", path)) if !path.is_empty() => {
            Some(SecretReference::File(folder.join(path).to_string_lossy().into_owned()))
        }
        Some(("file", _)) => refuse("`file:` needs a path", "for instance file:/run/secrets/graph"),
        Some(("secret", arn)) if arn.starts_with("arn:") => Some(SecretReference::SecretsManager(arn.to_owned())),
        Some(("secret", _)) => refuse("`secret:` needs an ARN", "write secret:arn:aws:secretsmanager:…"),
        _ => refuse(
            "`client_secret` must say where the secret is, not what it is",
            "write env:NAME, file:PATH or secret:ARN; if a real secret stood here, replace it in the tenant",
        ),
    }
}

fn variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
