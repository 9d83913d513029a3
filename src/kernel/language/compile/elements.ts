import ts from "#typescript";
import type { Bindings } from "./bindings.js";
import { box, cellCall } from "./cell-code.js";
import type { CellShape } from "./transform.js";

/**
 * What the compiler makes of elements (`<b>…</b>`), after it has made it: calls of a factory that may be a variable of the notebook, or of
 * a runtime that it imports.
 */
export function elementTransformer(
  bindings: Bindings,
  shape: CellShape,
  { jsxFactory, jsxFragmentFactory }: ts.CompilerOptions,
): ts.TransformerFactory<ts.SourceFile> {
  const roots = new Set([jsxFactory, jsxFragmentFactory, "React"].map((name) => (name ?? "React").split(".")[0]!));
  return (context) => {
    const { factory } = context;

    const visit = (node: ts.Node): ts.Node => {
      const visited = ts.visitEachChild(node, visit, context);
      if (!ts.isCallExpression(visited) || !isMade(visited.expression)) return visited;
      const [first, ...others] = visited.arguments;
      const fragment = first && isMade(first) ? inBox(first) : first;
      return factory.updateCallExpression(visited, inBox(visited.expression), undefined, [
        ...(fragment ? [fragment] : []),
        ...others,
      ]);
    };

    /** Whether an expression is a factory that the compiler itself has put there: it stands nowhere in the text. */
    const isMade = (node: ts.Expression): boolean =>
      ts.isPropertyAccessExpression(node)
        ? isMade(node.expression)
        : ts.isIdentifier(node) && node.pos < 0 && roots.has(node.text) && bindings.isKnown(node.text);

    const inBox = (node: ts.Expression): ts.Expression =>
      ts.isPropertyAccessExpression(node)
        ? factory.updatePropertyAccessExpression(node, inBox(node.expression), node.name)
        : box(factory, (node as ts.Identifier).text);

    /** `import { jsx as _jsx } from "react/jsx-runtime"` as a cell can have it. */
    const load = (node: ts.ImportDeclaration): ts.Statement[] => {
      const named = node.importClause?.namedBindings;
      if (!named || !ts.isNamedImports(named)) return [];
      shape.asynchronous = true;
      const names = named.elements.map(({ propertyName, name }) =>
        factory.createBindingElement(undefined, propertyName as ts.Identifier | undefined, name),
      );
      const module = factory.createAwaitExpression(cellCall(factory, "import", node.moduleSpecifier));
      const declaration = factory.createVariableDeclaration(
        factory.createObjectBindingPattern(names),
        undefined,
        undefined,
        module,
      );
      return [
        factory.createVariableStatement(
          undefined,
          factory.createVariableDeclarationList([declaration], ts.NodeFlags.Const),
        ),
      ];
    };

    return (source) => {
      const statements = source.statements.flatMap((node) =>
        ts.isImportDeclaration(node) ? load(node) : [ts.visitNode(node, visit, ts.isStatement)],
      );
      return factory.updateSourceFile(source, statements);
    };
  };
}
