//! What Microsoft Graph v1.0 takes for a user: names, kinds and lengths as in Microsoft's metadata and documentation of the
//! user resource. Lengths that the documentation does not give are 0.

use record::{AttributeKind, TargetAttribute, TargetSchema};

const fn text(name: &'static str, length_max: usize) -> TargetAttribute {
    TargetAttribute {
        name,
        kind: AttributeKind::Text,
        unique: false,
        required: false,
        clearable: true,
        length_max,
        matchable: false,
        case_exact: true,
    }
}

const fn matchable(attribute: TargetAttribute) -> TargetAttribute {
    TargetAttribute { matchable: true, case_exact: false, ..attribute }
}

const fn required(attribute: TargetAttribute) -> TargetAttribute {
    TargetAttribute { required: true, clearable: false, ..attribute }
}

const fn kind(attribute: TargetAttribute, kind: AttributeKind) -> TargetAttribute {
    TargetAttribute { kind, ..attribute }
}

/// Set and changed, but never cleared.
const fn fixed(attribute: TargetAttribute) -> TargetAttribute {
    TargetAttribute { clearable: false, ..attribute }
}

/// Names are compared with their case: a corrected capital letter in a name is a change that people see.
const ATTRIBUTES: &[TargetAttribute] = &[
    required(kind(text("accountEnabled", 0), AttributeKind::Flag)),
    TargetAttribute { unique: true, ..matchable(required(text("userPrincipalName", 113))) },
    required(text("displayName", 256)),
    matchable(required(text("mailNickname", 64))),
    matchable(text("employeeId", 16)),
    text("givenName", 64),
    text("surname", 64),
    text("jobTitle", 128),
    text("department", 64),
    text("companyName", 64),
    text("officeLocation", 128),
    text("streetAddress", 1024),
    text("city", 128),
    text("state", 128),
    text("postalCode", 40),
    text("country", 128),
    fixed(text("usageLocation", 2)),
    text("preferredLanguage", 0),
    text("mobilePhone", 64),
    kind(text("businessPhones", 64), AttributeKind::Texts),
    text("faxNumber", 64),
    fixed(matchable(text("mail", 0))),
    kind(text("otherMails", 250), AttributeKind::Texts),
    text("employeeType", 0),
    kind(text("employeeHireDate", 0), AttributeKind::Instant),
    kind(text("employeeLeaveDateTime", 0), AttributeKind::Instant),
    text("employeeOrgData/division", 0),
    text("employeeOrgData/costCenter", 0),
    text("userType", 0),
    text("ageGroup", 0),
    text("consentProvidedForMinor", 0),
    text("onPremisesExtensionAttributes/extensionAttribute1", 1024),
    text("onPremisesExtensionAttributes/extensionAttribute2", 1024),
    text("onPremisesExtensionAttributes/extensionAttribute3", 1024),
    text("onPremisesExtensionAttributes/extensionAttribute4", 1024),
    text("onPremisesExtensionAttributes/extensionAttribute5", 1024),
    text("onPremisesExtensionAttributes/extensionAttribute6", 1024),
    text("onPremisesExtensionAttributes/extensionAttribute7", 1024),
    text("onPremisesExtensionAttributes/extensionAttribute8", 1024),
    text("onPremisesExtensionAttributes/extensionAttribute9", 1024),
    text("onPremisesExtensionAttributes/extensionAttribute10", 1024),
    text("onPremisesExtensionAttributes/extensionAttribute11", 1024),
    text("onPremisesExtensionAttributes/extensionAttribute12", 1024),
    text("onPremisesExtensionAttributes/extensionAttribute13", 1024),
    text("onPremisesExtensionAttributes/extensionAttribute14", 1024),
    text("onPremisesExtensionAttributes/extensionAttribute15", 1024),
    kind(text("manager", 0), AttributeKind::Reference),
];

/// The schema of the `graph` connector.
pub(crate) static SCHEMA: TargetSchema =
    TargetSchema { target: "graph", attributes: ATTRIBUTES, enabled: "accountEnabled", disabling: "False" };
