//! Texts that would change a request's structure if they got into it unescaped.

/// More than a thousand of them, all different, none with a line end at an end.
pub(crate) fn texts() -> Vec<String> {
    const PIECES: [&str; 35] = [
        "'",
        "''",
        "' or 1 eq 1 or '",
        "')",
        "('",
        "&$filter=x",
        "#",
        "/",
        "?",
        "%27",
        "%",
        "%2F",
        "+",
        " ",
        "ä",
        "漢",
        "🦀",
        "\u{202e}",
        "\r\n",
        "\\",
        "\"",
        "$batch",
        ",",
        ";",
        "..",
        "../..",
        "\u{0}",
        "null",
        "{}",
        "]}",
        "@odata.id",
        "=",
        "\u{7f}",
        "<script>",
        "e\u{301}",
    ];
    let pairs = PIECES.iter().flat_map(|first| PIECES.iter().map(move |second| format!("{first}{second}x{first}")));
    pairs.collect::<std::collections::BTreeSet<String>>().into_iter().collect()
}
