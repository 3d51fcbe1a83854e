//! What changes the digest of the rules, and what does not; and the schema for editors.

use crate::example::{GOOD, changed, load};

fn hash(text: &str) -> [u8; 16] {
    load(text).expect("no mistakes").jobs["hr-to-entra"].rules.hash
}

#[test]
fn comments_blanks_and_order_do_not_change_the_digest_of_the_rules() {
    let commented = GOOD.lines().fold(String::new(), |text, line| match line {
        "" => text + "\n# a comment\n\n",
        line if line.starts_with('[') => text + "# before\n" + line + "  # behind\n",
        line => text + line + "\n",
    });
    assert_ne!(commented, GOOD);
    assert_eq!(hash(&commented), hash(GOOD));
    assert_eq!(hash(&changed("default = \"unknown\"\nclear = false\n", "default='unknown'\n")), hash(GOOD));
    let mapping =
        "[[jobs.hr-to-entra.mappings]]\ntarget = \"displayName\"\nexpression = 'Join(\" \", [First], [Last])'\n";
    assert_eq!(hash(&(changed(mapping, "") + mapping)), hash(GOOD));
    assert_eq!(hash(&changed("people.csv", "staff.csv")), hash(GOOD));
}

#[test]
fn other_rules_have_another_digest() {
    for (from, to) in [
        ("[Department]", "[Unit]"),
        ("value = \"SE\"", "value = \"NO\""),
        ("default = \"unknown\"", "default = \"none\""),
        ("clear = false", "clear = true"),
        ("apply = \"on-create\"", "apply = \"always\""),
        ("default_domain = \"contoso.example\"", "default_domain = \"fabrikam.example\""),
        ("breakglass@", "emergency@"),
        ("per_day = 20", "per_day = 21"),
        ("every = \"40m\"", "out_of_scope = \"leave\""),
        ("matching = [\"employeeId\"]", "matching = []"),
    ] {
        match load(&changed(from, to)) {
            Ok(config) => assert_ne!(config.jobs["hr-to-entra"].rules.hash, hash(GOOD), "{to}"),
            Err(mistakes) => assert!(mistakes[0].message.contains("matching"), "{to}: {mistakes:?}"),
        }
    }
}

#[test]
fn the_schema_for_editors_accepts_the_example_and_refuses_slips() {
    let schema = jsonschema::validator_for(&config::json_schema()).expect("a schema");
    let json = |text: &str| toml::from_str::<serde_json::Value>(text).expect("toml");
    let wrong: Vec<String> = schema.iter_errors(&json(GOOD)).map(|error| error.to_string()).collect();
    assert_eq!(wrong, [""; 0]);
    for (from, to) in [
        ("empty =", "emtpy ="),
        ("on-create", "on-crate"),
        ("IS NOT NULL", "IS NOT NIL"),
        ("constant = true", ""),
        ("count = 50", "cuont = 50"),
        ("env:GRAPH_CLIENT_SECRET", "a literal secret"),
    ] {
        assert!(!schema.is_valid(&json(&changed(from, to))), "{to}");
    }
}

#[test]
fn an_active_directory_is_a_target_with_two_keys() {
    let ad = r#"[connectors.ad]
type = "active-directory"
domain = "corp.example"
container = "OU=People,DC=corp,DC=example"
"#;
    let text = format!("{GOOD}\n{ad}");
    let config = load(&text).expect("a configuration");
    assert_eq!(config.connectors["ad"].kind(), "active-directory");
    assert!(config.connectors["ad"].unwritable().is_some() && !config.connectors["ad"].is_source());
    let schema = jsonschema::validator_for(&config::json_schema()).expect("a schema");
    let json = |text: &str| toml::from_str::<serde_json::Value>(text).expect("toml");
    assert!(schema.is_valid(&json(&text)));
    for (from, to) in [("corp.example\"", "corp example\""), ("OU=People,", "People,"), ("domain =", "domian =")] {
        assert!(load(&text.replacen(from, to, 1)).is_err(), "{to}");
    }
}
