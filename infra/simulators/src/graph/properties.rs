//! The properties of a user: names, types and lengths as in Microsoft's metadata and its documentation of the user
//! resource. Where neither gives a length, none is enforced.

/// What a property takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text of 1 to so many characters; 0 for no documented maximum.
    Text(usize),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// `mailNickname`: ASCII without the characters that an address cannot have.
    Nickname,
    /// An address without accents.
    Mail,
    /// `alias@domain` with a verified domain.
    PrincipalName,
    /// A country code of two letters.
    Country,
    /// True or false.
    Flag,
    /// Date, time and offset.
    Instant,
    /// So many texts of so many characters at most.
    Texts(usize, usize),
    /// `passwordProfile`.
    Password,
    /// `passwordPolicies`.
    Policies,
    /// `employeeOrgData`, which is replaced as a whole.
    OrgData,
    /// `onPremisesExtensionAttributes`, of which each is set by itself.
    ExtensionAttributes,
    /// Given by the directory.
    ReadOnly,
    /// A list that is given by the directory.
    ReadOnlyList,
    /// Exists, and this simulator does not take it.
    NotSimulated,
}

/// One property.
#[derive(Clone, Copy, Debug)]
pub(super) struct Property {
    pub name: &'static str,
    pub kind: Kind,
    /// Must be there on create and cannot be cleared.
    pub required: bool,
}

const fn optional(name: &'static str, kind: Kind) -> Property {
    Property { name, kind, required: false }
}

const fn required(name: &'static str, kind: Kind) -> Property {
    Property { name, kind, required: true }
}

/// Every property of a user that Graph v1.0 has and that provisioning may meet.
pub(super) const PROPERTIES: &[Property] = &[
    required("accountEnabled", Kind::Flag),
    required("displayName", Kind::Text(256)),
    required("mailNickname", Kind::Nickname),
    required("passwordProfile", Kind::Password),
    required("userPrincipalName", Kind::PrincipalName),
    optional("ageGroup", Kind::Choice(&["Minor", "NotAdult", "Adult"])),
    optional("businessPhones", Kind::Texts(1, 64)),
    optional("city", Kind::Text(128)),
    optional("companyName", Kind::Text(64)),
    optional("consentProvidedForMinor", Kind::Choice(&["Granted", "Denied", "NotRequired"])),
    optional("country", Kind::Text(128)),
    optional("department", Kind::Text(64)),
    optional("employeeHireDate", Kind::Instant),
    optional("employeeId", Kind::Text(16)),
    optional("employeeLeaveDateTime", Kind::Instant),
    optional("employeeOrgData", Kind::OrgData),
    optional("employeeType", Kind::Text(0)),
    optional("faxNumber", Kind::Text(64)),
    optional("givenName", Kind::Text(64)),
    optional("jobTitle", Kind::Text(128)),
    optional("mail", Kind::Mail),
    optional("mobilePhone", Kind::Text(64)),
    optional("officeLocation", Kind::Text(128)),
    optional("onPremisesExtensionAttributes", Kind::ExtensionAttributes),
    optional("onPremisesImmutableId", Kind::Text(0)),
    optional("otherMails", Kind::Texts(250, 250)),
    optional("passwordPolicies", Kind::Policies),
    optional("postalCode", Kind::Text(40)),
    optional("preferredDataLocation", Kind::Text(0)),
    optional("preferredLanguage", Kind::Text(0)),
    optional("showInAddressList", Kind::Flag),
    optional("state", Kind::Text(128)),
    optional("streetAddress", Kind::Text(1024)),
    optional("surname", Kind::Text(64)),
    optional("usageLocation", Kind::Country),
    optional("userType", Kind::Choice(&["Member", "Guest"])),
    optional("assignedLicenses", Kind::ReadOnlyList),
    optional("assignedPlans", Kind::ReadOnlyList),
    optional("createdDateTime", Kind::ReadOnly),
    optional("creationType", Kind::ReadOnly),
    optional("deletedDateTime", Kind::ReadOnly),
    optional("externalUserState", Kind::ReadOnly),
    optional("externalUserStateChangeDateTime", Kind::ReadOnly),
    optional("id", Kind::ReadOnly),
    optional("imAddresses", Kind::ReadOnlyList),
    optional("isManagementRestricted", Kind::ReadOnly),
    optional("lastPasswordChangeDateTime", Kind::ReadOnly),
    optional("legalAgeGroupClassification", Kind::ReadOnly),
    optional("licenseAssignmentStates", Kind::ReadOnlyList),
    optional("onPremisesDistinguishedName", Kind::ReadOnly),
    optional("onPremisesDomainName", Kind::ReadOnly),
    optional("onPremisesLastSyncDateTime", Kind::ReadOnly),
    optional("onPremisesProvisioningErrors", Kind::ReadOnlyList),
    optional("onPremisesSamAccountName", Kind::ReadOnly),
    optional("onPremisesSecurityIdentifier", Kind::ReadOnly),
    optional("onPremisesSyncEnabled", Kind::ReadOnly),
    optional("onPremisesUserPrincipalName", Kind::ReadOnly),
    optional("provisionedPlans", Kind::ReadOnlyList),
    optional("proxyAddresses", Kind::ReadOnlyList),
    optional("securityIdentifier", Kind::ReadOnly),
    optional("serviceProvisioningErrors", Kind::ReadOnlyList),
    optional("signInSessionsValidFromDateTime", Kind::ReadOnly),
    optional("aboutMe", Kind::NotSimulated),
    optional("birthday", Kind::NotSimulated),
    optional("customSecurityAttributes", Kind::NotSimulated),
    optional("hireDate", Kind::NotSimulated),
    optional("identities", Kind::NotSimulated),
    optional("interests", Kind::NotSimulated),
    optional("isResourceAccount", Kind::NotSimulated),
    optional("mailboxSettings", Kind::NotSimulated),
    optional("manager@odata.bind", Kind::NotSimulated),
    optional("mySite", Kind::NotSimulated),
    optional("pastProjects", Kind::NotSimulated),
    optional("preferredName", Kind::NotSimulated),
    optional("responsibilities", Kind::NotSimulated),
    optional("schools", Kind::NotSimulated),
    optional("signInActivity", Kind::NotSimulated),
    optional("skills", Kind::NotSimulated),
];

/// What comes without `$select`.
pub(super) const DEFAULT: &[&str] = &[
    "businessPhones",
    "displayName",
    "givenName",
    "id",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
];

/// What may be changed on a user that is mastered on premises: properties that only the cloud has.
pub(super) const CLOUD_MASTERED: &[&str] = &[
    "ageGroup",
    "consentProvidedForMinor",
    "passwordPolicies",
    "passwordProfile",
    "preferredDataLocation",
    "usageLocation",
    "userType",
];

/// The property of this name.
pub(super) fn property(name: &str) -> Option<&'static Property> {
    PROPERTIES.iter().find(|property| property.name == name)
}

/// `extensionAttribute1` to `extensionAttribute15`.
pub(super) fn is_extension_attribute(name: &str) -> bool {
    let number = name.strip_prefix("extensionAttribute").filter(|digits| !digits.starts_with('0'));
    number.and_then(|digits| digits.parse().ok()).is_some_and(|number: u8| (1..=15).contains(&number))
}

/// The property of a path like `department` or `employeeOrgData/costCenter`, and what is at its end.
pub(super) fn at_path(path: &str) -> Option<Kind> {
    match path.split_once('/') {
        None => property(path).map(|property| property.kind),
        Some(("onPremisesExtensionAttributes", inner)) if is_extension_attribute(inner) => Some(Kind::Text(1024)),
        Some(("employeeOrgData", "costCenter" | "division")) => Some(Kind::Text(0)),
        Some(_) => None,
    }
}
