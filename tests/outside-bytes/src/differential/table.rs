//! The functions, what each gives and what each takes.

/// What an argument is to be. Small letters may be left out.
///
/// `T` text, `I` integer, `D` date, `B` condition, `L` list, `*` any number of texts, `V` interval, `F` a date in a form
/// of its own with its format, `O` format, `C` culture, `E` encoding, `S` separators, `K` way to compare, `X` Base64,
/// `N` distinguished name.
pub(super) type Parameters = &'static str;

pub(super) const FUNCTIONS: &[(&str, char, Parameters)] = &[
    ("Trim", 'T', "T"),
    ("Append", 'T', "TT"),
    ("StripSpaces", 'T', "T"),
    ("ToLower", 'T', "Tc"),
    ("ToUpper", 'T', "Tc"),
    ("PCase", 'T', "Ts"),
    ("NormalizeDiacritics", 'T', "T"),
    ("CStr", 'T', "I"),
    ("CRef", 'T', "N"),
    ("Redact", 'T', "T"),
    ("Left", 'T', "TI"),
    ("Mid", 'T', "TII"),
    ("Word", 'T', "TIS"),
    ("Join", 'T', "S*"),
    ("Item", 'T', "LI"),
    ("IIF", 'T', "Btt"),
    ("Switch", 'T', "Tt*"),
    ("Coalesce", 'T', "*"),
    ("Replace", 'T', ""),
    ("Replace", 'T', ""),
    ("ConvertToBase64", 'T', "T"),
    ("ConvertFromBase64", 'T', "Xe"),
    ("ConvertToUTF8Hex", 'T', "T"),
    ("FormatDateTime", 'T', "FO"),
    ("FormatDateTime", 'T', "FO"),
    ("DNComponent", 'T', "NI"),
    ("StringFromSid", 'T', "X"),
    ("SingleAppRoleAssignment", 'T', "L"),
    ("DefaultDomain", 'T', ""),
    ("IgnoreFlowIfNullOrEmpty", 'T', "T"),
    ("Error", 'T', "T"),
    ("Count", 'I', "L"),
    ("InStr", 'I', "TTik"),
    ("BitAnd", 'I', "II"),
    ("DateDiff", 'I', "VDD"),
    ("DateDiff", 'I', "VDD"),
    ("NumFromDate", 'I', "D"),
    ("CDate", 'D', "D"),
    ("DateAdd", 'D', "VID"),
    ("DateAdd", 'D', "VID"),
    ("Now", 'D', ""),
    ("DateFromNum", 'D', "I"),
    ("IsNull", 'B', "T"),
    ("IsNullOrEmpty", 'B', "L"),
    ("IsPresent", 'B', "T"),
    ("IsString", 'B', "L"),
    ("Not", 'B', "B"),
    ("CBool", 'B', "B"),
    ("Split", 'L', "TS"),
    ("RemoveDuplicates", 'L', "L"),
    ("AppRoleAssignments", 'L', "L"),
    ("AppRoleAssignmentsComplex", 'L', "L"),
    ("AssertiveAppRoleAssignmentsComplex", 'L', "L"),
];

/// What is taken for a regular expression; the last one is none.
pub(super) const PATTERNS: &[&str] = &[
    r"\d+",
    r"\p{Lu}\p{L}*",
    r"[^\p{L}]",
    "[aeiou]",
    r"(?<n>.*?)(\d*)$",
    r"^(?<n>\w)(.)",
    "x*",
    "(a)|(?<n>b)",
    "[^A-Za-z0-9.-]",
    r"\s+",
    "",
    "(?<n>[A-Z]+)[-']?",
    "(?i)z",
    ".",
    "(?<n>)b?",
    "$",
    r"[()\s-]+",
    r"\d{2,3}",
    "(",
];

pub(super) const REPLACEMENTS: &[&str] =
    &["", "x", "$1", "${n}", "$2$1", "$$", "$&!", "${no}", "$", "$0-$+", "a$", "${", "$`", "$'", "$_", "$12", "é"];

pub(super) const GROUPS: &[&str] = &["n", "1", "0", "2", "no", ""];

pub(super) const INTERVALS: &[&str] = &["d", "m", "yyyy", "ww", "h", "n", "s", "D", "YYYY", "q"];

pub(super) const CULTURES: &[&str] = &["tr-TR", "", "az", "de-DE", "lt", "en_US", "TR", "x y"];

pub(super) const SEPARATORS: &[&str] = &[",", " ", "-", ", ", "", "@", "'- ", "é", "."];

/// Formats that dates are written in.
pub(super) const FORMATS: &[&str] = &[
    "yyyy-MM-dd",
    "M/d/yyyy h:mm:ss tt",
    "yyyyMMddHHmmss.fZ",
    "d.M.yy",
    "dddd, d MMMM yyyy HH:mm",
    "yyyy-MM-ddTHH:mm:ssK",
    "yyyy-MM-dd HH:mm:ss.FFF",
    "yyyy-MM-ddzzz",
    "MMM d yyyy hh t",
    "s",
    "d",
    "o",
    "R",
    "yyyy'year'MM\\ddd",
    "H:m:s.fffffff zz",
    "yyy g z",
    "%M",
    "dd MMMM",
    "'open",
    "x",
    "",
];
