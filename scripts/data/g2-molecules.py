"""Makes an extended XYZ file of the molecules in ASE's g2_1.py and g2_2.py: python g2-molecules.py FOLDER-OF-BOTH FOLDER

The two are Python, of which only the literal behind `data =` is read: nothing of them runs.
"""
import ast
import os
import re
import sys

KEPT = ["database", "enthalpy", "ZPE", "thermal correction", "ionization energy", "vertical ionization energy"]


def table(path):
    with open(path, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        if any(isinstance(target, ast.Name) and target.id == "data" for target in targets):
            return ast.literal_eval(node.value)
    raise ValueError("no data in " + path)


def main(source, folder):
    molecules = {}
    for name in ("g2_1.py", "g2_2.py"):
        for key, molecule in table(os.path.join(source, name)).items():
            molecules.setdefault(key, molecule)
    with open(os.path.join(folder, "molecules.xyz"), "w", encoding="utf-8", newline="\n") as out:
        for key in sorted(molecules):
            molecule = molecules[key]
            atoms = [symbol for symbol, times in re.findall(r"([A-Z][a-z]?)(\d*)", molecule["symbols"]) for _ in range(int(times or 1))]
            if len(atoms) != len(molecule["positions"]):
                raise ValueError(key)
            pairs = ['name="%s"' % key, 'formula_name="%s"' % molecule["name"].replace('"', "'")]
            pairs += ["%s=%s" % (kept.replace(" ", "_"), molecule[kept]) for kept in KEPT if molecule.get(kept) is not None]
            out.write("%d\nProperties=species:S:1:pos:R:3 %s\n" % (len(atoms), " ".join(pairs)))
            for atom, place in zip(atoms, molecule["positions"]):
                out.write("%s %.6f %.6f %.6f\n" % (atom, *place))


main(*sys.argv[1:])
