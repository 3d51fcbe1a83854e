//! What Active Directory Domain Services takes for a user, so that rules for it can be checked and tested. This version
//! does not write to it.
//!
//! Names, lengths and whether there are several values are those of the attributes' definitions in Microsoft's Active
//! Directory schema reference ("All attributes"); 0 stands where it gives no upper range.

use record::{AttributeKind, TargetAttribute, TargetSchema};

/// What Active Directory takes.
pub fn schema() -> &'static TargetSchema {
    &SCHEMA
}

const fn text(name: &'static str, length_max: usize) -> TargetAttribute {
    TargetAttribute::text(name, length_max)
}

const fn texts(name: &'static str, length_max: usize) -> TargetAttribute {
    text(name, length_max).of_kind(AttributeKind::Texts)
}

/// Directories find by any attribute, but to tell people apart it has to be one that names them.
///
/// `cn` must differ within its container only, but where accounts will move to is not known beforehand: it is kept
/// unique everywhere. `mail` is not unique by Active Directory's rules. `accountDisabled` and `parentDistinguishedName`
/// are no attributes of the directory: they stand for a bit of `userAccountControl` and for the place in the tree.
const ATTRIBUTES: &[TargetAttribute] = &[
    text("cn", 64).matchable().unique().required().fixed(),
    text("sAMAccountName", 20).matchable().unique().fixed(),
    text("userPrincipalName", 1024).matchable().unique(),
    text("accountDisabled", 0).of_kind(AttributeKind::Flag).fixed(),
    text("parentDistinguishedName", 0).fixed(),
    text("employeeID", 16).matchable(),
    text("employeeNumber", 512).matchable(),
    text("mail", 256).matchable(),
    text("displayName", 256),
    text("displayNamePrintable", 256),
    text("givenName", 64),
    text("middleName", 64),
    text("sn", 64),
    text("initials", 6),
    text("generationQualifier", 64),
    text("personalTitle", 64),
    text("title", 128),
    text("company", 64),
    text("department", 64),
    text("division", 256),
    text("employeeType", 256),
    texts("departmentNumber", 0),
    texts("description", 1024),
    text("comment", 0),
    text("info", 1024),
    text("streetAddress", 1024),
    text("l", 128),
    text("st", 128),
    text("postalCode", 40),
    texts("postOfficeBox", 40),
    text("co", 128),
    text("c", 3),
    text("countryCode", 0),
    text("physicalDeliveryOfficeName", 128),
    texts("roomNumber", 0),
    text("telephoneNumber", 64),
    texts("otherTelephone", 64),
    text("mobile", 64),
    texts("otherMobile", 64),
    text("homePhone", 64),
    text("pager", 64),
    text("ipPhone", 64),
    text("facsimileTelephoneNumber", 64),
    text("preferredLanguage", 0),
    text("wWWHomePage", 2048),
    text("mailNickname", 0),
    texts("proxyAddresses", 1123),
    text("targetAddress", 1123),
    text("msExchHideFromAddressLists", 0),
    text("homeDirectory", 0),
    text("homeDrive", 0),
    text("profilePath", 0),
    text("scriptPath", 0),
    text("accountExpires", 0),
    texts("carLicense", 0),
    texts("uid", 256),
    text("extensionAttribute1", 1024),
    text("extensionAttribute2", 1024),
    text("extensionAttribute3", 1024),
    text("extensionAttribute4", 1024),
    text("extensionAttribute5", 1024),
    text("extensionAttribute6", 1024),
    text("extensionAttribute7", 1024),
    text("extensionAttribute8", 1024),
    text("extensionAttribute9", 1024),
    text("extensionAttribute10", 1024),
    text("extensionAttribute11", 2048),
    text("extensionAttribute12", 2048),
    text("extensionAttribute13", 2048),
    text("extensionAttribute14", 2048),
    text("extensionAttribute15", 2048),
    text("msDS-cloudExtensionAttribute1", 0),
    text("msDS-cloudExtensionAttribute2", 0),
    text("msDS-cloudExtensionAttribute3", 0),
    text("msDS-cloudExtensionAttribute4", 0),
    text("msDS-cloudExtensionAttribute5", 0),
    text("msDS-cloudExtensionAttribute6", 0),
    text("msDS-cloudExtensionAttribute7", 0),
    text("msDS-cloudExtensionAttribute8", 0),
    text("msDS-cloudExtensionAttribute9", 0),
    text("msDS-cloudExtensionAttribute10", 0),
    text("msDS-cloudExtensionAttribute11", 0),
    text("msDS-cloudExtensionAttribute12", 0),
    text("msDS-cloudExtensionAttribute13", 0),
    text("msDS-cloudExtensionAttribute14", 0),
    text("msDS-cloudExtensionAttribute15", 0),
    text("msDS-cloudExtensionAttribute16", 0),
    text("msDS-cloudExtensionAttribute17", 0),
    text("msDS-cloudExtensionAttribute18", 0),
    text("msDS-cloudExtensionAttribute19", 0),
    text("msDS-cloudExtensionAttribute20", 0),
    text("manager", 0).of_kind(AttributeKind::Reference),
];

/// `accountDisabled` says the opposite of a flag such as `accountEnabled`.
static SCHEMA: TargetSchema =
    TargetSchema { target: "active-directory", attributes: ATTRIBUTES, enabled: "accountDisabled", disabling: "True" };

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_attribute_stands_once_however_it_is_spelt() {
        let names: BTreeSet<_> = ATTRIBUTES.iter().map(|attribute| attribute.name.to_ascii_lowercase()).collect();
        assert_eq!(names.len(), ATTRIBUTES.len());
    }

    #[test]
    fn the_flag_is_inverted_and_cannot_be_cleared() {
        let flag = schema().attribute(SCHEMA.enabled).expect("the flag is an attribute");
        assert_eq!((flag.kind, flag.clearable), (AttributeKind::Flag, false));
        assert_eq!((SCHEMA.disabling, SCHEMA.enabling()), ("True", "False"));
    }
}
