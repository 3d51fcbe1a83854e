//! Invented workers as an HR system exports them: one line of JSON each, about 1.2 kB with 40 attributes.

use std::fmt::Write;

const FIRST: [&str; 16] = [
    "Ada",
    "Bruno",
    "Clara",
    "David",
    "Elif",
    "Fatima",
    "Jürgen",
    "Hanna",
    "Ines",
    "Jonas",
    "Zoë",
    "Lena",
    "Mats",
    "Nora",
    "Anna Lena",
    "Piet",
];
const LAST: [&str; 16] = [
    "Muster",
    "Placeholder",
    "Example",
    "Sample",
    "Beispiel",
    "Müller-Demo",
    "Invented",
    "Fictus",
    "O'Nobody",
    "Esempio",
    "Exemple",
    "Ejemplo",
    "van Niemand",
    "Przykład",
    "Noone",
    "Dummy",
];
const DEPARTMENTS: [&str; 8] =
    ["Weaving", "Sales", "Finance", "Research and Development", "Logistics", "People", "Legal", "Customer Care"];
const TITLES: [&str; 8] = [
    "Senior Software Engineer",
    "Account Manager",
    "Controller",
    "Loom Operator",
    "Warehouse Lead",
    "Recruiter",
    "Legal Counsel",
    "Support Agent",
];
const CITIES: [(&str, &str, &str, &str); 6] = [
    ("Berlin", "BE", "DE", "10115"),
    ("Graz", "ST", "AT", "8010"),
    ("Lyon", "ARA", "FR", "69001"),
    ("Sevilla", "AN", "ES", "41001"),
    ("Leeds", "ENG", "UK", "LS1 1AA"),
    ("Łódź", "LD", "PL", "90-001"),
];
const STREETS: [&str; 4] = ["Weberstr. 12", "Hauptplatz 3", "Rue de l'Exemple 45", "Lange Str. 118"];

/// A small generator of numbers: the same seed, the same people, whatever the machine.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % limit as u64).expect("less than a usize")
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

/// The file of that many workers, and one line for each.
pub fn lines(count: usize) -> Vec<String> {
    let mut draw = Draw(20_261_123);
    (0..count).map(|number| line(&mut draw, number)).collect()
}

fn line(draw: &mut Draw, number: usize) -> String {
    let id = 700_000 + number;
    let (first, last) = (draw.of(&FIRST), draw.of(&LAST));
    let (city, region, country, postcode) = draw.of(&CITIES);
    let (year, month, day) = (1998 + draw.below(26), 1 + draw.below(12), 1 + draw.below(28));
    let mut line = String::with_capacity(1_300);
    let text = format_args!(
        concat!(
            r#"{{"workerId":"{id}","universalId":"u-{id}-{hash:08x}","firstName":"{first}","#,
            r#""middleName":{middle},"lastName":"{last}","preferredFirstName":"{first}","#,
            r#""legalName":"{last}, {first}","workerStatus":"{status}","workerType":"{kind}","#,
            r#""hireDate":"{year}-{month:02}-{day:02}","originalHireDate":"{year}-{month:02}-{day:02}","#,
            r#""lastDayOfWork":"9999-12-31","department":"{department}","departmentCode":"D{code:04}","#,
            r#""jobTitle":"{title}","jobCode":"J-{code:05}","jobFamily":"{department} Professionals","#,
            r#""managementLevel":{level},"fte":{fte},"weeklyHours":38.50,"company":"Northwind Trading GmbH","#,
            r#""companyCode":"NW{code:02}","costCenter":"CC{code:04}","businessUnit":"Consumer Products Europe","#,
            r#""building":"Building {level}","floor":"{level}","desk":"{level}.{code}","#,
            r#""address":{{"street":"{street}","city":"{city}","region":"{region}","postalCode":"{postcode}","#,
            r#""country":"{country}"}},"mobile":"{mobile}","phones":["+49 30 555{code:04}","+49 30 556{code:04}"],"#,
            r#""workEmail":"worker.{id}@northwind.example","manager":{{"workerId":"{boss}","name":"Head of {department}"}},"#,
            r#""isManager":{manages},"unionMember":false,"badge":"{badge:016}","timeZone":"Europe/Berlin","#,
            r#""contractType":"Permanent","workLocation":"Northwind campus Europe, main entrance, second court","payGroup":"Monthly staff {country}","lastChanged":"2026-01-0{level}T04:1{level}:00Z"}}"#,
        ),
        id = id,
        hash = id.wrapping_mul(2_654_435_761) % 0xffff_ffff,
        first = first,
        middle = draw.of(&["null", "null", "\"J.\"", "\"Maria\""]),
        last = last,
        status = draw.of(&["Active", "Active", "Active", "Active", "Active", "On leave", "Terminated"]),
        kind = draw.of(&["E", "E", "E", "C", "T"]),
        year = year,
        month = month,
        day = day,
        department = draw.of(&DEPARTMENTS),
        code = draw.below(90),
        title = draw.of(&TITLES),
        level = 1 + draw.below(9),
        fte = draw.of(&["1.0", "1.0", "0.75", "0.5"]),
        street = draw.of(&STREETS),
        city = city,
        region = region,
        postcode = postcode,
        country = country,
        mobile = draw.of(&["+49 170 5550101", "+43 (660) 555-0102", "", "+33 6 55 50 10 03"]),
        boss = 700_000 + number / 8,
        manages = draw.of(&["false", "false", "true"]),
        badge = id * 7_919,
    );
    line.write_fmt(text).expect("a text can always be written to");
    line
}
