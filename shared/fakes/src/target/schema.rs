//! A schema like that of Microsoft Graph's users, small enough to read in a test.

use record::{AttributeKind, TargetAttribute, TargetSchema};

/// A target like Microsoft Graph: `userPrincipalName` is unique, accounts are matched by it or by `employeeId`,
/// `manager` is a reference. Limits are those of the `user` resource in Microsoft's Graph documentation.
pub fn graph_like_schema() -> &'static TargetSchema {
    &SCHEMA
}

static SCHEMA: TargetSchema =
    TargetSchema { target: "graph", attributes: &ATTRIBUTES, enabled: "accountEnabled", disabling: "False" };

static ATTRIBUTES: [TargetAttribute; 26] = [
    TargetAttribute { kind: AttributeKind::Flag, required: true, ..fixed("accountEnabled", 0) },
    TargetAttribute { required: true, ..fixed("displayName", 256) },
    TargetAttribute { required: true, ..fixed("mailNickname", 64) },
    TargetAttribute { required: true, unique: true, matchable: true, ..fixed("userPrincipalName", 113) },
    TargetAttribute { matchable: true, ..text("mail", 256) },
    TargetAttribute { matchable: true, case_exact: true, ..text("employeeId", 16) },
    text("employeeType", 0),
    TargetAttribute { kind: AttributeKind::Instant, ..text("employeeHireDate", 0) },
    TargetAttribute { kind: AttributeKind::Instant, ..text("employeeLeaveDateTime", 0) },
    text("givenName", 64),
    text("surname", 64),
    text("department", 64),
    text("jobTitle", 128),
    text("companyName", 64),
    text("country", 128),
    text("city", 128),
    text("state", 128),
    text("streetAddress", 1024),
    text("postalCode", 40),
    text("officeLocation", 128),
    text("mobilePhone", 64),
    TargetAttribute { kind: AttributeKind::Texts, ..text("businessPhones", 64) },
    text("preferredLanguage", 0),
    fixed("usageLocation", 2),
    text("onPremisesExtensionAttributes/extensionAttribute1", 1024),
    TargetAttribute { kind: AttributeKind::Reference, ..text("manager", 0) },
];

const fn text(name: &'static str, length_max: usize) -> TargetAttribute {
    TargetAttribute { case_exact: false, ..TargetAttribute::text(name, length_max) }
}

const fn fixed(name: &'static str, length_max: usize) -> TargetAttribute {
    text(name, length_max).fixed()
}
