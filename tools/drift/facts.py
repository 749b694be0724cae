"""Print the facts of an installed alibabacloud-quickbi-public20220101 as JSON.

The package is generated, one shape for all of it. Its source is parsed and not
run: each method of the client names its action, its HTTP method and where each
parameter travels; each model names the wire names and types of its fields. A
comment marks the parameters that are required. What does not have the known
shape is an error, so that a new generator is noticed and not half understood.
"""

import ast
import importlib.metadata
import importlib.util
import json
import pathlib
import sys

DISTRIBUTION = "alibabacloud-quickbi-public20220101"
PACKAGE = "alibabacloud_quickbi_public20220101"
REQUIRED = "# This parameter is required."
SCALARS = {"str": "string", "bool": "boolean", "int": "integer", "float": "number", "Any": "any"}


def fail(node, what):
    sys.exit(f"{DISTRIBUTION}: line {getattr(node, 'lineno', '?')}: {what}")


def self_attribute(node, owner="self"):
    """Return x of self.x, None for anything else."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == owner:
        return node.attr
    return None


def key_of(node):
    """Return k of m['k'] and of m.get('k')."""
    if isinstance(node, ast.Subscript):
        return ast.literal_eval(node.slice)
    return ast.literal_eval(node.args[0])


class Model:
    """The fields of a model class, in its order: attribute, wire name, type, required."""

    def __init__(self, cls, lines):
        methods = {m.name: m for m in cls.body if isinstance(m, ast.FunctionDef)}
        args = methods["__init__"].args.args[1:]
        types = {a.arg: a.annotation for a in args}
        required = set()
        for node in methods["__init__"].body:
            if isinstance(node, ast.Assign) and (name := self_attribute(node.targets[0])):
                above = node.lineno - 2
                while above >= 0 and lines[above].strip().startswith("#"):
                    if lines[above].strip() == REQUIRED:
                        required.add(name)
                    above -= 1
        wires = {}
        for node in methods["from_map"].body:
            # if m.get('Wire') is not None: … self.attribute … = …
            if not isinstance(node, ast.If):
                continue
            wire = key_of(node.test.left)
            for inner in ast.walk(node):
                if name := self_attribute(inner):
                    wires[name] = wire
        if set(wires) != set(types):
            fail(cls, f"{cls.name}: from_map knows {sorted(wires)}, __init__ {sorted(types)}")
        self.fields = {name: (wires[name], types[name], name in required) for name in types}


def read_models(folder):
    models = {}
    for path in sorted(folder.glob("*.py")):
        source = path.read_text(encoding="utf-8")
        lines = source.splitlines()
        for node in ast.parse(source).body:
            if isinstance(node, ast.ClassDef):
                models[node.name] = Model(node, lines)
    return models


def tree(annotation, models, name=""):
    """Return the result tree of a type annotation."""
    node = {"name": name} if name else {}
    if isinstance(annotation, ast.Name):
        return {**node, "type": SCALARS[annotation.id]}
    if model := self_attribute(annotation, "main_models"):
        fields = [tree(t, models, wire) for wire, t, _ in models[model].fields.values()]
        return {**node, "type": "object", "fields": fields}
    if isinstance(annotation, ast.Subscript) and annotation.value.id == "List":
        return {**node, "type": "array", "items": tree(annotation.slice, models)}
    if isinstance(annotation, ast.Subscript) and annotation.value.id == "Dict":
        return {**node, "type": "map", "items": tree(annotation.slice.elts[1], models)}
    fail(annotation, f"the type {ast.unparse(annotation)} is not known")


def operation(method, models):
    """Return action and facts of a method of the client."""
    request = {}
    for arg in method.args.args[1:]:
        if model := self_attribute(arg.annotation, "main_models"):
            request = models[model].fields
    place_of, settings = {}, {}
    for node in ast.walk(method):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "Params":
            settings = {k.arg: ast.literal_eval(k.value) for k in node.keywords}
        elif isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
            if isinstance(target, ast.Subscript):  # query['Wire'] = request.attribute
                attribute = self_attribute(value, "request")
                if attribute is None or request[attribute][0] != key_of(target):
                    fail(node, f"{method.name}: {ast.unparse(node)} is not understood")
                place_of[key_of(target)] = target.value.id
            elif ast.unparse(value) == "Utils.query(request.to_map())":
                place_of |= {wire: "query" for wire, _, _ in request.values()}
    if missing := {wire for wire, _, _ in request.values()} - set(place_of):
        fail(method, f"{method.name} does not send {sorted(missing)}")
    params = []
    for wire, annotation, required in request.values():
        param = {"name": wire, "type": tree(annotation, models)["type"], "in": place_of[wire]}
        params.append(param | {"required": True} if required else param)
    response = models[method.returns.attr].fields["body"][1]
    envelope = {wire: t for wire, t, _ in models[response.attr].fields.values()}
    facts = {"method": settings["method"], "version": settings["version"], "params": params}
    if "Result" in envelope:
        facts["result"] = tree(envelope["Result"], models)
    if extra := sorted(set(envelope) - {"RequestId", "Result", "Success"}):
        facts["besides"] = extra
    return settings["action"], facts


def main():
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None:
        sys.exit(f"{DISTRIBUTION} is not installed for {sys.executable}")
    folder = pathlib.Path(spec.submodule_search_locations[0])
    models = read_models(folder / "models")
    client = ast.parse((folder / "client.py").read_text(encoding="utf-8"))
    (cls,) = [node for node in client.body if isinstance(node, ast.ClassDef)]
    operations = {}
    for method in cls.body:
        if isinstance(method, ast.FunctionDef) and method.name.endswith("with_options"):
            action, facts = operation(method, models)
            operations[action] = facts
    package = {"package": DISTRIBUTION, "version": importlib.metadata.version(DISTRIBUTION), "operations": operations}
    json.dump(package, sys.stdout, indent=1)
    print()


main()
