#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every .glade has a .c of the same stem and the other way round where a template is set; every control has a name that
a screen reader can say; every file with translatable text is in POTFILES, and gettext can read
every such text to its end."""
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

CONTROLS = {"GtkButton", "GtkMenuButton", "GtkToggleButton", "GtkEntry", "GtkSpinButton", "GtkComboBoxText",
            "GtkComboBox", "GtkSwitch", "GtkSearchEntry", "GtkScale", "GtkTreeView", "GtkListBox", "GtkTextView",
            "GtkSourceView", "GtkFileChooserButton", "GtkRadioButton", "GtkCheckButton"}
LABELLED = {"label-for", "labelled-by"}


def unnamed_controls(tree):
    mnemonics = {p.text for p in tree.iter("property") if p.get("name") in ("mnemonic-widget", "mnemonic_widget")}
    for control in tree.iter("object"):
        if control.get("class") not in CONTROLS:
            continue
        properties = {p.get("name"): (p.text or "") for p in control.findall("property")}
        has_name = properties.get("label") or control.get("id") in mnemonics
        has_accessible = any(o.get("class") == "AtkObject" and
                             any(p.get("name") in ("AtkObject::accessible-name", "accessible-name") and p.text
                                 for p in o.findall("property"))
                             for c in control.findall("child") if c.get("internal-child") == "accessible"
                             for o in c.findall("object"))
        has_relation = any(r.get("type") in LABELLED for r in control.iter("relation"))
        has_text_child = any(o.get("class") == "GtkLabel" for c in control.findall("child") for o in c.iter("object"))
        if not (has_name or has_accessible or has_relation or has_text_child):
            yield control.get("id") or control.get("class")


def translatable_files(root):
    for path in sorted((root / "src").rglob("*.c")):
        if re.search(r'\b(?:N?_|ngettext|C_|NC_)\s*\("', path.read_text(encoding="utf-8")):
            yield path.relative_to(root).as_posix()
    for path in sorted((root / "data").rglob("*.glade")):
        if 'translatable="yes"' in path.read_text(encoding="utf-8"):
            yield path.relative_to(root).as_posix()


def cut_texts(root):
    """Texts that xgettext would cut short, since it knows none of GLib's names for conversions."""
    for path in sorted((root / "src").rglob("*.[ch]")):
        for call in re.findall(r'\b(?:N?_|ngettext|C_|NC_)\s*\((?:\s*"(?:[^"\\]|\\.)*")+\s*(G_\w+)', path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(root)}: {call} in a text to be translated; use PRId64 or PRIu64"


def main():
    root = pathlib.Path(sys.argv[1])
    found = []
    glades = {p.stem: p for p in (root / "data" / "ui").glob("*.glade")}
    for stem, path in sorted(glades.items()):
        source = root / "src" / "ui" / f"{stem}.c"
        if not source.is_file():
            found.append(f"{path}: no src/ui/{stem}.c beside it")
        for name in unnamed_controls(ElementTree.parse(path)):
            found.append(f"{path}: {name} has no accessible name")
    for path in sorted((root / "src" / "ui").glob("*.c")):
        for stem in re.findall(r"/ui/([\w-]+)\.glade", path.read_text(encoding="utf-8")):
            if stem != path.stem or stem not in glades:
                found.append(f"{path}: takes its template from {stem}.glade, which is not its own")
    listed = {line for line in (root / "po" / "POTFILES").read_text().splitlines() if line and not line.startswith("#")}
    wanted = set(translatable_files(root))
    found += [f"po/POTFILES: {f} has translatable text and is missing" for f in sorted(wanted - listed)]
    found += [f"po/POTFILES: {f} has none or does not exist" for f in sorted(listed - wanted)]
    found += cut_texts(root)
    print("\n".join(found) or f"{len(glades)} windows, {len(wanted)} files to translate, all in order")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
