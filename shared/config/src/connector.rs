//! The options of each kind of connector, typed. The connectors take them as they are.

use std::collections::BTreeMap;

/// One outside system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Connector {
    /// HR files: CSV or JSON Lines, in a folder or in S3.
    Files(FilesOptions),
    /// Microsoft Entra ID through Microsoft Graph.
    Graph(GraphOptions),
    /// Active Directory. Rules for it are checked and tested; nothing is written to it yet.
    ActiveDirectory(ActiveDirectoryOptions),
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// Rows of fields under a header.
    Csv {
        /// The character between fields, `,` unless said otherwise.
        delimiter: u8,
        /// The character around fields that hold delimiters or line ends, `"` unless said otherwise.
        quote: u8,
    },
    /// One JSON object a line.
    JsonLines,
}

/// What the absence of a record from a file means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Semantics {
    /// The file holds everybody; who is not in it is missing (which by itself ends nobody).
    Full,
    /// The file holds changes only; absence means nothing.
    Delta,
}

/// How a file proves that it is whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// The last line starts with this text, followed by the delimiter and the number of records (`T;1234`).
    pub trailer: Option<String>,
    /// Every line, the last included, ends with a line end. On unless switched off.
    pub final_newline: bool,
}

/// Options of the `files` connector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilesOptions {
    /// A path (relative to the configuration file until it is loaded, then absolute) or `s3://bucket/key`.
    pub url: String,
    /// How it is written.
    pub format: FileFormat,
    /// The attribute that is the record's key.
    pub key: String,
    /// What absence means.
    pub semantics: Semantics,
    /// `utf-8`; any other encoding is refused by its name.
    pub encoding: String,
    /// Attributes that hold dates, with the format they are written in (`%d.%m.%Y`); they are read as `yyyy-mm-dd`.
    pub dates: BTreeMap<String, String>,
    /// Texts that mean *empty* (`9999-12-31`, `N/A`), whatever the attribute.
    pub empty: Vec<String>,
    /// Blanks at both ends of a value are dropped.
    pub trim: bool,
    /// How the file proves that it is whole.
    pub proof: Proof,
    /// Records on one page.
    pub page_size: usize,
}

/// Where a secret is kept; the configuration never holds one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretReference {
    /// An environment variable, for the local stack.
    Environment(String),
    /// A file whose content, without the last line end, is the secret.
    File(String),
    /// An AWS Secrets Manager secret by its ARN.
    SecretsManager(String),
}

/// Options of the `graph` connector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphOptions {
    /// Base address without a slash at the end, `https://graph.microsoft.com` unless said otherwise.
    /// The word `simulator` is replaced by the local stack with its simulator's address.
    pub base_url: String,
    /// Address of the token service, `https://login.microsoftonline.com` unless said otherwise.
    pub authority: String,
    /// Tenant id or domain.
    pub tenant: String,
    /// Application (client) id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretReference,
    /// Writes allowed within [`GraphOptions::window_seconds`]: 3,000 by Microsoft's documentation.
    pub writes: u32,
    /// Length of the window of the write budget: 150 s by Microsoft's documentation.
    pub window_seconds: u32,
    /// Longest time for one request.
    pub timeout_seconds: u32,
}

/// Options of the `active-directory` connector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveDirectoryOptions {
    /// The domain's DNS name, `corp.example`.
    pub domain: String,
    /// Where new accounts are made, unless `parentDistinguishedName` is mapped: `OU=People,DC=corp,DC=example`.
    pub container: String,
}

impl Connector {
    /// The word for it in the configuration: its `type`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Files(_) => "files",
            Self::Graph(_) => "graph",
            Self::ActiveDirectory(_) => "active-directory",
        }
    }

    /// Why nothing can be written to this target yet; `None` for one that can be written, and for sources.
    pub fn unwritable(&self) -> Option<&'static str> {
        match self {
            Self::ActiveDirectory(_) => {
                Some("this version can check and test rules for active-directory, but not write to it yet")
            }
            Self::Files(_) | Self::Graph(_) => None,
        }
    }

    /// The source attribute that is a record's key, of a source.
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::Files(options) => Some(&options.key),
            Self::Graph(_) | Self::ActiveDirectory(_) => None,
        }
    }

    /// Whether it can be the source of a job.
    pub fn is_source(&self) -> bool {
        matches!(self, Self::Files(_))
    }
}
