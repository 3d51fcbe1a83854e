//! What is carried over, and what the report says of the rest.

use crate::world::{FIXTURES, import, imported, loaded, only_job, says};
use entra_schema::{Effect, ImportError};
use mapping::Apply;
use planning::{Counted, OutOfScope};

#[test]
fn every_fixture_becomes_a_configuration_without_mistakes() {
    for (name, bytes) in FIXTURES {
        let import = import(bytes).expect(name);
        let job = only_job(loaded(&import.toml));
        assert!(job.rules.mappings.len() >= 4 && job.rules.matching.len() == 1, "{name}");
        let file = import.report.iter().any(|note| note.effect == Effect::Decide && note.what.contains(".csv"));
        assert!(file, "{name} does not say where people come from");
    }
}

#[test]
fn matching_flow_types_defaults_and_clearing_are_carried() {
    let job = only_job(loaded(&imported("workday-to-ad").toml));
    let mapping = |name: &str| job.rules.mappings.iter().find(|mapping| mapping.target == name).expect(name);
    assert_eq!(job.rules.matching, ["employeeID"]);
    assert_eq!(mapping("employeeID").apply, Apply::OnCreate);
    assert_eq!(mapping("givenName").apply, Apply::Always);
    assert_eq!(mapping("company").default.as_ref().map(record::Value::text), Some("Yarnworks"));
    assert!(mapping("facsimileTelephoneNumber").clear && !mapping("mobile").clear);
    assert!(mapping("userPrincipalName").expression.unique());
    assert_eq!(mapping("manager").expression.direct(), Some("ManagerReference"));
}

#[test]
fn an_expression_without_its_text_is_put_together_from_its_tree() {
    let import = imported("workday-to-ad");
    let text = r#"Replace(Mid(Replace([UserID], , "([\\/\\\\\\[\\]\\:;])", , ""), "1", "20"), , "(\\.)*$", , "")"#;
    assert!(import.toml.contains(&format!("target = \"sAMAccountName\"\nexpression = '{text}'\n")), "{}", import.toml);
    assert!(says(&import, Effect::Changed, "attributeMappings[3]", "from its parse tree"));
    let toml = imported("successfactors-to-ad").toml;
    assert!(toml.contains(r#"expression = 'Append([jobTitle], " \"knit\"")'"#), "{toml}");
}

#[test]
fn what_cannot_be_carried_stands_as_a_comment_with_its_reason_and_in_the_report() {
    let import = imported("workday-to-entra");
    for (index, what, line) in [
        (7, "passwords are drawn by the connector", "# target = \"passwordProfile.password\""),
        (19, "there is no function CostCenterOf", "# expression = \"CostCenterOf([CostCenter])\""),
        (22, "it is switched off there", "# target = \"preferredLanguage\""),
    ] {
        assert!(says(&import, Effect::LeftOut, &format!("attributeMappings[{index}]"), what), "{what}");
        assert!(import.toml.contains(what) && import.toml.contains(line), "{line}");
    }
    assert!(says(&import, Effect::LeftOut, "objectMappings[1]", "no `Group`"));
    assert!(says(&import, Effect::LeftOut, "[17].flowBehavior", "FlowAlways has no counterpart"));
    assert!(import.toml.contains("#   displayName <- [Name]"));
    let import = imported("workday-to-ad");
    assert!(says(&import, Effect::LeftOut, "attributeMappings[24]", "photos"));
    assert!(says(&import, Effect::LeftOut, "attributeMappings[26]", "mapped already"));
    assert!(says(&import, Effect::LeftOut, "[10].exportMissingReferences", "a reference waits"));
    assert!(says(&import, Effect::LeftOut, "directories[0].objects[0]", "XPath or JSONPath"));
    assert!(says(&import, Effect::LeftOut, "synchronizationRules[1].objectMappings[0]", "the target `Workday`"));
}

#[test]
fn attributes_of_entra_have_their_names_in_microsoft_graph() {
    let import = imported("workday-to-entra");
    for (there, here) in [
        ("telephoneNumber", "businessPhones"),
        ("mobile", "mobilePhone"),
        ("physicalDeliveryOfficeName", "officeLocation"),
        ("facsimileTelephoneNumber", "faxNumber"),
        ("extensionAttribute7", "onPremisesExtensionAttributes/extensionAttribute7"),
    ] {
        assert!(import.toml.contains(&format!("target = \"{here}\"")), "{here}");
        let what = format!("`{there}` is called `{here}` here");
        assert!(import.report.iter().any(|note| note.effect == Effect::Changed && note.what == what), "{what}");
    }
}

#[test]
fn a_group_that_cannot_be_carried_lets_nobody_in_and_never_everybody() {
    let import = imported("workday-to-ad");
    let job = only_job(loaded(&import.toml));
    let scope = job.rules.scope.written();
    assert_eq!((scope.groups.len(), scope.groups[0].clauses.len()), (1, 2));
    assert!(says(&import, Effect::Decide, "groups[1].clauses[0]", "fewer people are in scope"));
    let (_, bytes) = FIXTURES[0];
    let text = String::from_utf8_lossy(bytes).replace("IS NOT NULL", "IsMemberOf");
    let import = import_of(&text);
    let job = only_job(loaded(&import.toml));
    assert!(says(&import, Effect::Decide, "objectMappings[0]", "nobody is in scope"));
    assert!(!job.rules.scope.verdict(&record::Record::new("1").with("WID", "1").with("EmployeeID", "1")).in_scope);
}

fn import_of(text: &str) -> entra_schema::Import {
    import(text.as_bytes()).expect("a schema")
}

#[test]
fn settings_of_the_job_become_guards_and_what_happens_out_of_scope() {
    let job = only_job(loaded(&imported("workday-to-ad").toml));
    assert_eq!(job.rules.out_of_scope, OutOfScope::Disable);
    let limit = job.rules.guards.limits.iter().find(|limit| limit.counted == Counted::Disable).expect("a limit");
    assert_eq!((limit.count, limit.percent), (Some(40), Some(5.0)));
    let import = imported("successfactors-to-entra");
    assert_eq!(only_job(loaded(&import.toml)).rules.out_of_scope, OutOfScope::Leave);
    assert!(says(&import, Effect::LeftOut, "secrets.value[0]", "secrets are not carried over"));
    assert!(!import.toml.contains("api.invented.example"));
}

#[test]
fn what_an_object_mapping_may_not_do_is_held_for_a_person() {
    let (_, bytes) = FIXTURES[5];
    let text = String::from_utf8_lossy(bytes).replace("Add, Update, Delete", "Delete");
    let import = import_of(&text);
    let job = only_job(loaded(&import.toml));
    for counted in [Counted::Create, Counted::Update] {
        let limit = job.rules.guards.limits.iter().find(|limit| limit.counted == counted);
        assert_eq!(limit.and_then(|limit| limit.count), Some(0), "{counted:?}");
    }
    assert!(job.rules.mappings.iter().all(|mapping| mapping.apply == Apply::OnCreate));
    assert!(says(&import, Effect::Decide, "flowTypes", "nobody is to be created"));
}

#[test]
fn what_is_soft_deleted_there_is_out_of_scope_here() {
    let import = imported("entra-to-entra");
    assert!(import.toml.contains("target = \"accountEnabled\"\nconstant = \"True\"\n"), "{}", import.toml);
    assert!(says(&import, Effect::Changed, "attributeMappings[3]", "`IsSoftDeleted` is computed"));
    assert!(says(&import, Effect::LeftOut, "attributeMappings[4]", "deleting softly"));
    assert_eq!(only_job(loaded(&import.toml)).rules.out_of_scope, OutOfScope::Disable);
}

#[test]
fn attributes_that_pick_one_of_several_values_become_columns() {
    let import = imported("api-to-entra");
    assert!(import.toml.contains("expression = \"[emails.home.value]\""));
    assert!(import.toml.contains("\"addresses.work.streetAddress\", "));
    assert!(says(&import, Effect::Changed, "attributeMappings[7]", "became a column"));
}

#[test]
fn managers_are_named_by_the_key_of_the_source() {
    for (name, key) in
        [("workday-to-ad", "WID"), ("successfactors-to-ad", "personIdExternal"), ("api-to-ad", "externalId")]
    {
        let toml = imported(name).toml;
        assert!(toml.contains(&format!("key = \"{key}\"")), "{name}: {toml}");
    }
}

#[test]
fn a_schema_without_accounts_is_refused_with_the_reason_for_each_rule() {
    let refused = import(include_bytes!("fixtures/outbound-scim.json")).expect_err("nothing to carry");
    let ImportError::NothingToCarry { rules } = &refused else { panic!("{refused}") };
    assert_eq!(rules.len(), 2);
    assert!(refused.to_string().contains("no rules for the target `customappsso`"), "{refused}");
}
