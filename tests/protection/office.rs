//! Documents that office suites seal: LibreOffice without a window, and the tools of PyPI for Microsoft's formats.

use super::cases::{Case, case};

/// LibreOffice makes all of its files at once.
const LIBREOFFICE: &str = "python:uno";

pub(crate) const OFFICE: &[Case] = &[
    case(LIBREOFFICE, "lo-plain.odt", "/usr/bin/python3 \"$LIBREOFFICE\"; test -s out/lo-plain.odt"),
    case(LIBREOFFICE, "lo.odt", "test -s out/lo.odt").strong("odf-aes256").names(),
    case(LIBREOFFICE, "lo-plain.docx", "test -s out/lo-plain.docx"),
    case(LIBREOFFICE, "lo.docx", "test -s out/lo.docx").strong("ooxml-standard-aes128"),
    case(LIBREOFFICE, "lo-plain.doc", "test -s out/lo-plain.doc"),
    case(LIBREOFFICE, "lo.doc", "test -s out/lo.doc").weak("office-rc4-40"),
    case(LIBREOFFICE, "lo-sealed.pdf", "test -s out/lo-sealed.pdf").weak("pdf-rc4-128"),
    case(LIBREOFFICE, "lo-locked.pdf", "test -s out/lo-locked.pdf").opens("pdf-rc4-128"),
    case(LIBREOFFICE, "lo-locked.ods", "test -s out/lo-locked.ods"),
    case(LIBREOFFICE, "lo.ods", "test -s out/lo.ods").strong("odf-aes256").names(),
    case(LIBREOFFICE, "lo-locked.xlsx", "test -s out/lo-locked.xlsx"),
    case(LIBREOFFICE, "lo.xlsx", "test -s out/lo.xlsx").strong("ooxml-standard-aes128"),
    case(LIBREOFFICE, "lo-locked.xls", "test -s out/lo-locked.xls"),
    case(LIBREOFFICE, "lo.xls", "test -s out/lo.xls").weak("office-rc4-40"),
    case(LIBREOFFICE, "lo-plain.odp", "test -s out/lo-plain.odp"),
    case(LIBREOFFICE, "lo.odp", "test -s out/lo.odp").strong("odf-aes256").names(),
    case(LIBREOFFICE, "lo.pptx", "test -s out/lo.pptx").strong("ooxml-standard-aes128"),
    // openpyxl and msoffcrypto-tool
    case(
        "python:openpyxl",
        "locked-sheet.xlsx",
        "$PYTHON -c 'import openpyxl; b=openpyxl.Workbook(); s=b.active; s[\"A1\"]=\"Codice fiscale: BNCLRA85C52L219K\"; s.protection.set_password(\"geheim\"); b.security.workbookPassword=\"geheim\"; b.security.lockStructure=True; b.save(\"out/locked-sheet.xlsx\")'",
    ),
    case(
        "python:msoffcrypto",
        "agile.xlsx",
        "$PYTHON -m msoffcrypto -e -p geheim out/locked-sheet.xlsx out/agile.xlsx",
    )
    .strong("ooxml-agile-aes256"),
    case(
        "python:msoffcrypto",
        "default-password.xlsx",
        "$PYTHON -m msoffcrypto -e -p VelvetSweatshop out/locked-sheet.xlsx out/default-password.xlsx",
    )
    .opens("ooxml-agile-aes256"),
];
