"""Seals documents of every kind with LibreOffice, run without a window; the password is geheim."""

import os
import subprocess
import sys
import time

import uno
from com.sun.star.beans import NamedValue, PropertyValue


def prop(name, value):
    made = PropertyValue()
    made.Name, made.Value = name, value
    return made


pipe = f"protection{os.getpid()}"
profile = "file://" + os.path.abspath("libreoffice")
office = subprocess.Popen(
    ["soffice", "--headless", "--norestore", "--nologo", f"-env:UserInstallation={profile}", f"--accept=pipe,name={pipe};urp;"],
    stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL,
)
local = uno.getComponentContext()
resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
for _ in range(120):
    try:
        context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        break
    except Exception:
        time.sleep(0.5)
desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
target = "file://" + os.path.abspath("out") + "/"

PLAIN = ()
SEALED = (prop("Password", "geheim"),)
# What the dialog of the program hands to the filters of Microsoft's newer formats.
STRONG = (NamedValue("CryptoType", "StrongEncryptionDataSpace"), NamedValue("OOXPassword", "geheim"))
SEALED_OOXML = (prop("EncryptionData", uno.Any("[]com.sun.star.beans.NamedValue", STRONG)),)
# A PDF export of its own.
PDF = (prop("FilterData", uno.Any("[]com.sun.star.beans.PropertyValue", (prop("EncryptFile", True), prop("DocumentOpenPassword", "geheim")))),)
LOCKED_PDF = (prop("FilterData", uno.Any("[]com.sun.star.beans.PropertyValue", (prop("RestrictPermissions", True), prop("PermissionPassword", "geheim"), prop("Printing", 0)))),)


def store(kind, fill, files):
    document = desktop.loadComponentFromURL(f"private:factory/{kind}", "_blank", 0, (prop("Hidden", True),))
    fill(document)
    for name, filter_name, extra in files:
        try:
            document.storeToURL(target + name, (prop("FilterName", filter_name), *extra))
        except Exception as fault:
            print(f"{name}: {fault}", file=sys.stderr)
    document.close(True)


def text(document):
    document.Text.String = "Codice fiscale: BNCLRA85C52L219K"


def cells(document):
    document.Sheets.getByIndex(0).getCellByPosition(0, 0).String = "Codice fiscale: BNCLRA85C52L219K"
    document.Sheets.getByIndex(0).protect("geheim")


text_files = [
    ("lo-plain.odt", "writer8", PLAIN),
    ("lo.odt", "writer8", SEALED),
    ("lo-plain.docx", "MS Word 2007 XML", PLAIN),
    ("lo.docx", "MS Word 2007 XML", SEALED_OOXML),
    ("lo-plain.doc", "MS Word 97", PLAIN),
    ("lo.doc", "MS Word 97", SEALED),
    ("lo-sealed.pdf", "writer_pdf_Export", PDF),
    ("lo-locked.pdf", "writer_pdf_Export", LOCKED_PDF),
]
# The sheet is protected in all of them: that alone is no encryption.
sheet_files = [
    ("lo-locked.ods", "calc8", PLAIN),
    ("lo.ods", "calc8", SEALED),
    ("lo-locked.xlsx", "Calc MS Excel 2007 XML", PLAIN),
    ("lo.xlsx", "Calc MS Excel 2007 XML", SEALED_OOXML),
    ("lo-locked.xls", "MS Excel 97", PLAIN),
    ("lo.xls", "MS Excel 97", SEALED),
]
slide_files = [
    ("lo-plain.odp", "impress8", PLAIN),
    ("lo.odp", "impress8", SEALED),
    ("lo.pptx", "Impress MS PowerPoint 2007 XML", SEALED_OOXML),
]
store("swriter", text, text_files)
store("scalc", cells, sheet_files)
store("simpress", lambda document: None, slide_files)
try:
    desktop.terminate()
except Exception:
    pass
office.wait(30)
