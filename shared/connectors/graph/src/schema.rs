//! What Microsoft Graph v1.0 takes for a user: names, kinds and lengths as in Microsoft's metadata and documentation of the
//! user resource. Lengths that the documentation does not give are 0.

use record::{AttributeKind, TargetAttribute, TargetSchema};

const fn text(name: &'static str, length_max: usize) -> TargetAttribute {
    TargetAttribute::text(name, length_max)
}

/// Names are compared with their case: a corrected capital letter in a name is a change that people see.
const ATTRIBUTES: &[TargetAttribute] = &[
    text("accountEnabled", 0).of_kind(AttributeKind::Flag).required().fixed(),
    text("userPrincipalName", 113).matchable().unique().required().fixed(),
    text("displayName", 256).required().fixed(),
    text("mailNickname", 64).matchable().required().fixed(),
    text("employeeId", 16).matchable(),
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
    text("usageLocation", 2).fixed(),
    text("preferredLanguage", 0),
    text("mobilePhone", 64),
    text("businessPhones", 64).of_kind(AttributeKind::Texts),
    text("faxNumber", 64),
    text("mail", 0).matchable().fixed(),
    text("otherMails", 250).of_kind(AttributeKind::Texts),
    text("employeeType", 0),
    text("employeeHireDate", 0).of_kind(AttributeKind::Instant),
    text("employeeLeaveDateTime", 0).of_kind(AttributeKind::Instant),
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
    text("manager", 0).of_kind(AttributeKind::Reference),
];

/// The schema of the `graph` connector.
pub(crate) static SCHEMA: TargetSchema =
    TargetSchema { target: "graph", attributes: ATTRIBUTES, enabled: "accountEnabled", disabling: "False" };
