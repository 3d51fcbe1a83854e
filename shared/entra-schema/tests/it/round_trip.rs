//! The way back: what is exported gives the same rules when it is imported again.

use crate::world::{import, loaded};
use config::Config;
use mapping::{Apply, Filter, Tree};
use planning::OutOfScope;
use proptest::prelude::*;
use record::{AttributeKind, TargetSchema, Value};
use serde_json::Value as Json;

/// What makes two mappings the same: spelling of the expression does not count, everything else does.
type Rule = (String, Tree, Option<Value>, Apply, bool);

fn rules(config: &Config, job: &str) -> (Vec<Rule>, Vec<String>, Filter, OutOfScope) {
    let rules = &config.jobs[job].rules;
    let rule = |mapping: &mapping::Mapping| {
        let tree = Tree::parse(mapping.expression.text()).expect("an expression");
        (mapping.target.clone(), tree, mapping.default.clone(), mapping.apply, mapping.clear)
    };
    (rules.mappings.iter().map(rule).collect(), rules.matching.clone(), rules.scope.written(), rules.out_of_scope)
}

fn again(config: &Config) -> Config {
    let export = entra_schema::export(config, config.jobs.values());
    let import = import(export.schema.to_string().as_bytes()).expect("what is exported is a schema");
    loaded(&import.toml)
}

#[test]
fn the_bundled_company_survives_the_way_there_and_back() {
    let config = loaded(include_str!("../../../../infra/cli/company/tenure.toml"));
    assert_eq!(rules(&again(&config), "hr-to-entra"), rules(&config, "hr-to-entra"));
    let export = entra_schema::export(&config, config.jobs.values());
    let mapping = &export.schema["synchronizationRules"][0]["objectMappings"][0]["attributeMappings"];
    let phone = mapping.as_array().unwrap().iter().find(|mapping| mapping["targetAttributeName"] == "mobile").unwrap();
    assert_eq!(phone["source"]["name"], "IgnoreFlowIfNullOrEmpty");
    assert_eq!(phone["source"]["parameters"][0]["value"]["expression"], "[Phone]");
    assert_eq!(export.left_out.len(), 1);
}

/// Takes the text away of every call, so that it has to come out of the tree.
fn without_texts(source: &mut Json) {
    if source["type"] == "Function" {
        source["expression"] = Json::Null;
    }
    for parameter in source["parameters"].as_array_mut().into_iter().flatten() {
        without_texts(&mut parameter["value"]);
    }
}

#[test]
fn an_expression_comes_out_of_its_tree_as_it_went_in() {
    for text in [
        r#"Replace([a], , "\\d+", , "${x}", , )"#,
        r#"Replace([a],"<username>", , , , , "<username>@mill.example")"#,
        r#"Switch([a], , "1", "True", "0", "False")"#,
        r#"Switch([a], "none", "1", "True")"#,
        r#"Join("", [a], Mid([b], 1, 8), "\"quoted\" \\ back")"#,
        r#"IIF([a] >= 14, IIF([b] <> "x", "1", [c]), IgnoreObjectFlow)"#,
        r#"FormatDateTime([a], , "yyyyMMdd", "yyyy-MM-dd")"#,
        r#"InStr([a], "e", 3, vbBinaryCompare)"#,
        "BitAnd(&HF, -3)",
    ] {
        let toml = include_str!("../../../../infra/cli/company/tenure.toml")
            .replace("'Join(\" \", [FirstName], [LastName])'", &format!("'{text}'"));
        let config = loaded(&toml);
        let mut schema = entra_schema::export(&config, config.jobs.values()).schema;
        let mappings = &mut schema["synchronizationRules"][0]["objectMappings"][0]["attributeMappings"];
        let name =
            mappings.as_array_mut().unwrap().iter_mut().find(|mapping| mapping["targetAttributeName"] == "displayName");
        without_texts(&mut name.unwrap()["source"]);
        let found = rules(&loaded(&import(schema.to_string().as_bytes()).unwrap().toml), "hr-to-entra").0;
        let tree = |text: &str| trimmed(Tree::parse(text).unwrap());
        let found = found.into_iter().find(|(target, ..)| target == "displayName").unwrap().1;
        assert_eq!(trimmed(found), tree(text), "{text}");
    }
}

/// Arguments that are left out at the end are as good as none.
fn trimmed(tree: Tree) -> Tree {
    match tree {
        Tree::Call { name, mut arguments } => {
            while arguments.last() == Some(&Tree::Empty) {
                arguments.pop();
            }
            Tree::Call { name, arguments: arguments.into_iter().map(trimmed).collect() }
        }
        other => other,
    }
}

fn word() -> impl Strategy<Value = String> + Clone {
    "[a-zA-Z\"\\\\ é#'=]{1,6}".prop_filter("a word", |word| !word.trim().is_empty())
}

fn expression() -> impl Strategy<Value = String> {
    let quoted = word().prop_map(|word| format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\"")));
    let column = "[A-Za-z][A-Za-z0-9:. _-]{0,8}".prop_map(|name| format!("[{}]", name.trim()));
    prop_oneof![column.clone(), quoted.clone()].prop_recursive(3, 12, 3, move |inner| {
        let (text, column) = (quoted.clone(), column.clone());
        prop_oneof![
            inner.clone().prop_map(|a| format!("Trim({a})")),
            (inner.clone(), inner.clone(), text.clone()).prop_map(|(a, b, t)| format!("Join({t}, {a},\n  {b})")),
            (column.clone(), text.clone(), inner.clone()).prop_map(|(a, t, b)| format!("Switch({a}, , {t}, {b})")),
            (column.clone(), text.clone(), inner.clone())
                .prop_map(|(a, t, b)| format!("IIF({a} <> {t}, {b}, IgnoreAttributeFlow)")),
            (inner, text).prop_map(|(a, t)| format!("Replace(Mid({a}, 1, 20), {t}, , , \"\", , )")),
        ]
    })
}

/// One mapping of an attribute, as TOML.
fn mapping(attribute: &'static record::TargetAttribute) -> impl Strategy<Value = toml::Table> {
    let apply = prop::sample::select(vec!["always", "on-create", "when-empty", "when-adding", "add-only"]);
    (expression(), word(), prop::option::of(word()), any::<[bool; 2]>(), apply).prop_map(
        move |(expression, constant, default, [constant_instead, clear], apply)| {
            let mut table = toml::Table::new();
            let mut put = |key: &str, value: toml::Value| table.insert(key.to_owned(), value);
            put("target", attribute.name.into());
            put("apply", apply.into());
            match attribute.kind {
                AttributeKind::Reference => put("expression", "[Manager]".into()),
                AttributeKind::Flag => put("constant", "True".into()),
                _ if constant_instead => put("constant", constant.into()),
                _ => put("expression", expression.into()),
            };
            if let (Some(default), AttributeKind::Text) = (default, attribute.kind) {
                put("default", default.into());
            }
            if clear && attribute.clearable {
                put("clear", true.into());
            }
            table
        },
    )
}

fn job(schema: &'static TargetSchema, matched: &'static str) -> impl Strategy<Value = toml::Table> {
    let narrow = |attribute: &&record::TargetAttribute| {
        let short = attribute.length_max > 0 && attribute.length_max < 10;
        !short && attribute.kind != AttributeKind::Instant
    };
    let mappings: Vec<_> = schema.attributes.iter().filter(narrow).map(mapping).collect();
    let kept = prop::collection::vec(any::<bool>(), mappings.len());
    let operators = ["EQUALS", "NOT EQUALS", "IS NOT NULL", "Includes", "ENDS_WITH"];
    let clause = ("[A-Za-z][A-Za-z0-9.]{0,6}", prop::sample::select(operators.to_vec()), word()).prop_map(
        |(attribute, operator, value)| {
            let mut table = toml::Table::from_iter([
                ("attribute".to_owned(), attribute.into()),
                ("operator".to_owned(), operator.into()),
            ]);
            if operator != "IS NOT NULL" {
                table.insert("value".to_owned(), value.into());
            }
            toml::Value::from(table)
        },
    );
    let group = ("[a-z]{1,6}", prop::collection::vec(clause, 1..3)).prop_map(|(name, clauses)| {
        toml::Value::from(toml::Table::from_iter([
            ("name".to_owned(), name.into()),
            ("clauses".to_owned(), clauses.into()),
        ]))
    });
    (mappings, kept, prop::collection::vec(group, 0..3), any::<bool>()).prop_map(
        move |(mappings, kept, scope, leave)| {
            let needed = |name: &str| {
                name == matched
                    || name == schema.enabled
                    || schema.attribute(name).is_some_and(|attribute| attribute.required)
            };
            let wanted = |(mapping, kept): (toml::Table, bool)| {
                (kept || needed(mapping["target"].as_str().unwrap_or_default())).then(|| toml::Value::from(mapping))
            };
            let mappings: Vec<toml::Value> = mappings.into_iter().zip(kept).filter_map(wanted).collect();
            toml::Table::from_iter([
                ("source".to_owned(), "hr".into()),
                ("target".to_owned(), "there".into()),
                ("matching".to_owned(), vec![matched].into()),
                ("out_of_scope".to_owned(), if leave { "leave" } else { "disable" }.into()),
                ("scope".to_owned(), scope.into()),
                ("mappings".to_owned(), mappings.into()),
            ])
        },
    )
}

fn configuration(target: &str, job: toml::Table) -> String {
    let jobs = toml::Table::from_iter([("a-job".to_owned(), job.into())]);
    let jobs = toml::Table::from_iter([("jobs".to_owned(), jobs.into())]);
    format!(
        "[connectors.hr]\ntype = \"files\"\nurl = \"hr.csv\"\nkey = \"Number\"\n[connectors.there]\n{target}\n{jobs}"
    )
}

const ENTRA: &str = "type = \"graph\"\ntenant = \"t\"\nclient_id = \"c\"\nclient_secret = \"env:S\"";
const AD: &str = "type = \"active-directory\"\ndomain = \"mill.example\"\ncontainer = \"OU=People,DC=mill,DC=example\"";

fn survives(toml: &str) -> Result<(), TestCaseError> {
    let config = loaded(toml);
    let again = again(&config);
    prop_assert_eq!(rules(&again, "a-job"), rules(&config, "a-job"));
    let config::Connector::Files(options) = &again.connectors["hr"] else { panic!("a file") };
    prop_assert_eq!(&options.key, "Number");
    Ok(())
}

fn schema_of(toml: &str) -> &'static TargetSchema {
    let text = format!("[connectors.there]\n{toml}\n[jobs]\n");
    let config = config::load(&text, "tenure.toml", &bootstrap::schemas).expect("a connector");
    bootstrap::schemas(&config.connectors["there"]).expect("a target")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn rules_for_entra_survive_the_way_there_and_back(job in job(schema_of(ENTRA), "employeeId")) {
        survives(&configuration(ENTRA, job))?;
    }

    #[test]
    fn rules_for_active_directory_survive_the_way_there_and_back(job in job(schema_of(AD), "employeeID")) {
        survives(&configuration(AD, job))?;
    }
}
