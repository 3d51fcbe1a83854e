//! Microsoft's sample HR files for API-driven provisioning, from the file to accounts. They are third-party material and
//! stand outside the project.

use crate::company::Company;
use std::path::Path;

/// The bundled rules on the columns of Microsoft's files.
fn rules() -> String {
    let rules = include_str!("../../company/tenure.toml")
        .replace("[LatinFirstName]", "[FirstName]")
        .replace("[LatinLastName]", "[LastName]")
        .replace(", LastDayOfWork = \"%Y-%m-%d\"", "")
        .replace("[LastDayOfWork]", "[Custom02]")
        .replace("Switch([Custom02],", "Switch(\"\",")
        .replace("[Phone]", "[OfficePhone]");
    rules.replace("writes = 30000", "writes = 60000")
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test finds third-party samples by the environment")]
fn microsofts_sample_files_become_accounts_once() {
    let Ok(folder) = std::env::var("TENURE_EXTERNAL_DATA") else {
        println!("left out: Microsoft's sample files (TENURE_EXTERNAL_DATA is not set)");
        return;
    };
    for (name, rows) in [("entra_sample1_employeeData.csv", 332), ("entra_sample1_contractorData.csv", 331)] {
        let company = Company::new();
        let text = std::fs::read_to_string(Path::new(&folder).join("samples/csv").join(name)).unwrap();
        company.write_people(&text);
        std::fs::write(company.path("tenure.toml"), rules()).unwrap();
        let (code, text) = company.run(&["check"]);
        assert!(code == 0 && text.contains(&format!("checked: {rows} rows")), "{text}");
        assert!(text.contains("repeated keys") && text.contains("name a manager that is not in the file"), "{text}");
        let (code, text) = company.run(&["plan"]);
        assert!(code == 0 && text.contains(&format!("plan: {rows} rows read")), "{text}");
        let (code, text) = company.run(&["run"]);
        assert!(code == 0 && text.contains("the key stands in the source several times"), "{text}");
        let accounts = company.accounts();
        assert!(accounts.len() > 150, "{}", accounts.len());
        let (code, text) = company.run(&["run", "--full"]);
        assert!(code == 0 && text.contains(", 0 looked at"), "{text}");
        assert_eq!(company.accounts(), accounts, "the second run changes nothing");
    }
}
