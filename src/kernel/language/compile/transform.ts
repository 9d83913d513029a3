import ts from "#typescript";
import type { Bindings } from "./bindings.js";
import { box, cellCall, cellMember, standsFor } from "./cell-code.js";
import { instrumentLoop } from "./loops.js";
import { assignmentTarget, takesNameFromVariable } from "./patterns.js";

/** What the transformation found out about a cell. */
export interface CellShape {
  /** True when the cell must run as an async function: it imports, or awaits at its top level. */
  asynchronous: boolean;
}

/**
 * Rewrites a cell from a module into the body of a function.
 *
 * Variables of the notebook live in boxes, one object `{v}` a name, that all cells share: a reference `x` becomes
 * `__v_x.v`, so closures of earlier cells see assignments of later ones, and a loop reads a field, not a proxy.
 * Imports become calls of the runtime, the last expression becomes the result, and loops look at the interrupt flag.
 */
export function cellTransformer(bindings: Bindings, shape: CellShape): ts.TransformerFactory<ts.SourceFile> {
  return (context) => {
    const { factory } = context;
    /** How many functions enclose the node being visited. */
    let depth = 0;

    const statement = (expression: ts.Expression, origin: ts.Node): ts.Statement =>
      ts.setTextRange(factory.createExpressionStatement(expression), origin);

    const assign = (id: ts.Identifier, value: ts.Expression): ts.Expression =>
      factory.createAssignment(box(factory, id.text), value);

    const publish = (id: ts.Identifier, origin: ts.Node): ts.Statement =>
      statement(assign(id, factory.createIdentifier(id.text)), origin);

    const expression = (node: ts.Expression): ts.Expression => ts.visitNode(node, visit, ts.isExpression);

    function visit(node: ts.Node): ts.VisitResult<ts.Node> {
      if (!ts.isFunctionLike(node) && !ts.isClassStaticBlockDeclaration(node) && !ts.isPropertyDeclaration(node)) {
        return visitInFunction(node);
      }
      depth += 1;
      const visited = ts.visitEachChild(node, visit, context);
      depth -= 1;
      return visited;
    }

    function visitInFunction(node: ts.Node): ts.VisitResult<ts.Node> {
      if (ts.isHeritageClause(node) && node.token === ts.SyntaxKind.ImplementsKeyword) return node;
      if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return node;
      if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return node;
      if (ts.isIdentifier(node)) return isExpressionIdentifier(node) ? reference(node) : node;
      if (ts.isShorthandPropertyAssignment(node)) return shorthand(node);
      if (ts.isCallExpression(node)) return call(node);
      if (ts.isTaggedTemplateExpression(node)) return taggedTemplate(node);
      if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) {
        return cellMember(factory, "meta");
      }
      if (ts.isAwaitExpression(node) && depth === 0) {
        shape.asynchronous = true;
        return factory.updateAwaitExpression(node, cellCall(factory, "wait", expression(node.expression)));
      }
      if (ts.isForOfStatement(node) && node.awaitModifier && depth === 0) shape.asynchronous = true;
      if (depth === 0 && ts.isVariableDeclarationList(node) && isAwaitUsing(node)) shape.asynchronous = true;
      if (depth === 0 && ts.isVariableStatement(node)) {
        const parts = variables(node.declarationList, node);
        if (parts) return parts;
      }
      if (depth === 0 && ts.isVariableDeclarationList(node)) {
        const initializer = loopInitializer(node);
        if (initializer) return initializer;
      }
      if (ts.isIterationStatement(node, false)) {
        return instrumentLoop(factory, node, ts.visitEachChild(node, visit, context));
      }
      return ts.visitEachChild(node, visit, context);
    }

    function reference(node: ts.Identifier): ts.Expression {
      return bindings.isReference(node) ? standsFor(box(factory, node.text), node) : node;
    }

    function shorthand(node: ts.ShorthandPropertyAssignment): ts.ObjectLiteralElementLike {
      const fallback = node.objectAssignmentInitializer && expression(node.objectAssignmentInitializer);
      if (!bindings.isReference(node.name)) {
        return factory.updateShorthandPropertyAssignment(node, node.name, fallback);
      }
      const value = standsFor(box(factory, node.name.text), node.name);
      return ts.setTextRange(
        factory.createPropertyAssignment(node.name.text, fallback ? factory.createAssignment(value, fallback) : value),
        node,
      );
    }

    /** A function in a box must not get the box as its `this`. */
    function plainCallee(original: ts.Expression, visited: ts.Expression): ts.Expression {
      if (!ts.isIdentifier(original) || visited === original) return visited;
      return standsFor(
        factory.createParenthesizedExpression(factory.createComma(factory.createNumericLiteral(0), visited)),
        original,
      );
    }

    function call(node: ts.CallExpression): ts.Expression {
      if (node.expression.kind === ts.SyntaxKind.ImportKeyword) {
        const [specifier, options] = node.arguments.map(expression);
        return ts.setTextRange(cellCall(factory, "import", specifier as ts.Expression, options), node);
      }
      const visited = ts.visitEachChild(node, visit, context);
      const callee = plainCallee(node.expression, visited.expression);
      return ts.isCallChain(visited)
        ? factory.updateCallChain(visited, callee, visited.questionDotToken, visited.typeArguments, visited.arguments)
        : factory.updateCallExpression(visited, callee, visited.typeArguments, visited.arguments);
    }

    function taggedTemplate(node: ts.TaggedTemplateExpression): ts.Expression {
      const visited = ts.visitEachChild(node, visit, context);
      const tag = plainCallee(node.tag, visited.tag);
      return factory.updateTaggedTemplateExpression(visited, tag, visited.typeArguments, visited.template);
    }

    /** Declarations of notebook variables as assignments to their boxes; undefined when the list declares none. */
    function variables(list: ts.VariableDeclarationList, origin: ts.Node): ts.Statement[] | undefined {
      const first = list.declarations[0];
      if (!first || !declaresVariables(first.name)) return undefined;
      const kind = list.flags & ts.NodeFlags.BlockScoped;
      if (isAwaitUsing(list)) shape.asynchronous = true;
      return list.declarations.flatMap((declaration): ts.Statement[] => {
        const { name: target, initializer } = declaration;
        if (!initializer) {
          // `let x` is undefined afterwards; a `var` in a block keeps what it has.
          const fresh = ts.isIdentifier(target) && ts.isSourceFile(origin.parent);
          return fresh ? [statement(assign(target, factory.createVoidZero()), declaration)] : [];
        }
        const value = expression(initializer);
        if (ts.isIdentifier(target) && takesNameFromVariable(initializer)) {
          const named = factory.createVariableDeclaration(target.text, undefined, undefined, value);
          const own = factory.createVariableStatement(
            undefined,
            factory.createVariableDeclarationList([named], ts.NodeFlags.Const),
          );
          return [factory.createBlock([ts.setTextRange(own, declaration), publish(target, declaration)], true)];
        }
        const disposed =
          kind === ts.NodeFlags.Using || kind === ts.NodeFlags.AwaitUsing ? cellCall(factory, "use", value) : value;
        const assignment = factory.createAssignment(assignmentTarget(factory, target, expression), disposed);
        return [
          statement(
            ts.isIdentifier(target) ? assignment : factory.createParenthesizedExpression(assignment),
            declaration,
          ),
        ];
      });
    }

    /** `var` of a top-level loop head: assignments joined by commas, or the target of `for … of`. */
    function loopInitializer(list: ts.VariableDeclarationList): ts.Expression | undefined {
      const first = list.declarations[0];
      if (!first || !declaresVariables(first.name)) return undefined;
      if (ts.isForOfStatement(list.parent) || ts.isForInStatement(list.parent)) {
        return assignmentTarget(factory, first.name, expression);
      }
      const parts: ts.Expression[] = list.declarations
        .filter(({ initializer }) => initializer)
        .map((d) =>
          factory.createAssignment(
            assignmentTarget(factory, d.name, expression),
            expression(d.initializer as ts.Expression),
          ),
        );
      const [head, ...tail] = parts;
      return head ? tail.reduce((left, right) => factory.createComma(left, right), head) : factory.createVoidZero();
    }

    function declaresVariables(target: ts.BindingName): boolean {
      if (ts.isIdentifier(target)) return bindings.declares(target);
      const elements: readonly ts.ArrayBindingElement[] = target.elements;
      const named = elements.find((element) => ts.isBindingElement(element));
      // An empty pattern declares nothing, wherever it stands.
      return named !== undefined && declaresVariables(named.name);
    }

    function importDeclaration(node: ts.ImportDeclaration | ts.ExportDeclaration): ts.Statement[] {
      const names: [local: string, exported: string][] = [];
      if (!node.moduleSpecifier) return [];
      if (ts.isExportDeclaration(node)) {
        if (node.isTypeOnly) return [];
      } else if (node.importClause) {
        const { name: whole, namedBindings, phaseModifier } = node.importClause;
        if (phaseModifier === ts.SyntaxKind.TypeKeyword) return [];
        if (whole && bindings.isValueImport(whole)) names.push([whole.text, "default"]);
        if (namedBindings && ts.isNamespaceImport(namedBindings)) names.push([namedBindings.name.text, "*"]);
        if (namedBindings && ts.isNamedImports(namedBindings)) {
          for (const { name: local, propertyName, isTypeOnly } of namedBindings.elements) {
            if (!isTypeOnly && bindings.isValueImport(local)) names.push([local.text, (propertyName ?? local).text]);
          }
        }
        // Only types are imported: there may be no module to load.
        if (names.length === 0) return [];
      }
      shape.asynchronous = true;
      const pairs = names.map(([local, exported]) =>
        factory.createPropertyAssignment(factory.createStringLiteral(local), factory.createStringLiteral(exported)),
      );
      const attributes = node.attributes?.elements.map((a) =>
        factory.createPropertyAssignment(ts.isIdentifier(a.name) ? a.name.text : a.name, a.value),
      );
      const load = cellCall(
        factory,
        "load",
        factory.createStringLiteral((node.moduleSpecifier as ts.StringLiteral).text),
        factory.createObjectLiteralExpression(pairs),
        attributes && factory.createObjectLiteralExpression(attributes),
      );
      return [statement(factory.createAwaitExpression(load), node)];
    }

    /** The parts of one top-level statement: what runs first of all, and what runs in its place. */
    function topLevel(node: ts.Statement): { first: ts.Statement[]; here: ts.Statement[] } {
      const here = (...statements: ts.Statement[]) => ({ first: [], here: statements });
      if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
        return { first: importDeclaration(node), here: [] };
      }
      if (ts.isExportAssignment(node)) return here(statement(expression(node.expression), node));
      if (ts.isImportEqualsDeclaration(node)) return here(...importEquals(node));
      if (hasModifier(node, ts.SyntaxKind.DeclareKeyword)) return here();
      if (ts.isVariableStatement(node)) return here(...(variables(node.declarationList, node) ?? []));
      if (isNamelessDefault(node)) return here(statement(namelessDefault(node), node));
      const visited = visit(withoutExport(node)) as ts.Statement;
      if (ts.isFunctionDeclaration(node)) {
        if (!node.body) return here();
        return { first: node.name ? [publish(node.name, node)] : [], here: [visited] };
      }
      if (ts.isClassDeclaration(node) || ts.isEnumDeclaration(node)) {
        return here(visited, ...(node.name ? [publish(node.name, node)] : []));
      }
      if (ts.isModuleDeclaration(node) && ts.isIdentifier(node.name) && bindings.names().includes(node.name.text)) {
        return here(visited, publish(node.name, node));
      }
      return here(visited);
    }

    /** `import fs = require("node:fs")`, and `import Part = Whole.Part`. */
    function importEquals(node: ts.ImportEqualsDeclaration): ts.Statement[] {
      const { name, moduleReference, isTypeOnly } = node;
      if (isTypeOnly || !bindings.isValueImport(name)) return [];
      const value = ts.isExternalModuleReference(moduleReference)
        ? factory.createCallExpression(factory.createIdentifier("require"), undefined, [moduleReference.expression])
        : entity(moduleReference);
      return [statement(assign(name, value), node)];
    }

    function entity(name: ts.EntityName): ts.Expression {
      if (ts.isIdentifier(name)) return reference(name);
      return factory.createPropertyAccessExpression(entity(name.left), name.right.text);
    }

    /** `export default function () {}` as the expression that it is. */
    function namelessDefault(node: ts.FunctionDeclaration | ts.ClassDeclaration): ts.Expression {
      if (ts.isClassDeclaration(node)) {
        const { typeParameters, heritageClauses, members } = ts.visitEachChild(node, visit, context);
        const decorators = (ts.getDecorators(node) ?? []).map((one) => ts.visitNode(one, visit, ts.isDecorator));
        return factory.createClassExpression(decorators, undefined, typeParameters, heritageClauses, members);
      }
      const { asteriskToken, typeParameters, parameters, type, body } = visit(node) as ts.FunctionDeclaration;
      const asynchronous = ts.getModifiers(node)?.filter(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword);
      return factory.createParenthesizedExpression(
        factory.createFunctionExpression(
          asynchronous,
          asteriskToken,
          undefined,
          typeParameters,
          parameters,
          type,
          body!,
        ),
      );
    }

    function withoutExport(node: ts.Statement): ts.Statement {
      const kept = (ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : []).filter(
        ({ kind }) => kind !== ts.SyntaxKind.ExportKeyword && kind !== ts.SyntaxKind.DefaultKeyword,
      );
      const all = [...(ts.canHaveDecorators(node) ? (ts.getDecorators(node) ?? []) : []), ...kept];
      if (ts.isFunctionDeclaration(node)) {
        const { asteriskToken, typeParameters, parameters, type, body } = node;
        const { name } = node;
        return factory.updateFunctionDeclaration(
          node,
          kept,
          asteriskToken,
          name,
          typeParameters,
          parameters,
          type,
          body,
        );
      }
      if (ts.isClassDeclaration(node)) {
        const { name, typeParameters, heritageClauses, members } = node;
        return factory.updateClassDeclaration(node, all, name, typeParameters, heritageClauses, members);
      }
      if (ts.isEnumDeclaration(node)) return factory.updateEnumDeclaration(node, kept, node.name, node.members);
      if (ts.isModuleDeclaration(node)) return factory.updateModuleDeclaration(node, kept, node.name, node.body);
      return node;
    }

    return (source) => {
      const resultAt = resultIndex(source.statements);
      const first: ts.Statement[] = [];
      const rest: ts.Statement[] = [];
      source.statements.forEach((node, index) => {
        const parts = topLevel(node);
        const done = factory.createExpressionStatement(
          cellCall(factory, "finish", factory.createNumericLiteral(index)),
        );
        if (index === resultAt && parts.here[0] && ts.isExpressionStatement(parts.here[0])) {
          const result = cellMember(factory, "result");
          rest.push(statement(factory.createAssignment(result, parts.here[0].expression), node), done);
        } else if (isHoisted(node)) {
          first.unshift(...parts.first);
          rest.push(...parts.here);
        } else if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
          first.push(...parts.first, done);
        } else {
          rest.push(...parts.here, done);
        }
      });
      return factory.updateSourceFile(source, [...first, ...rest]);
    };
  };
}

/** True for statements that take effect before the cell runs (functions, types): they survive a failure. */
export function isHoisted(node: ts.Statement): boolean {
  return ts.isFunctionDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
}

const isNamelessDefault = (node: ts.Statement): node is ts.FunctionDeclaration | ts.ClassDeclaration =>
  (ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node)) && node.name === undefined;

const isAwaitUsing = (list: ts.VariableDeclarationList): boolean =>
  (list.flags & ts.NodeFlags.BlockScoped) === ts.NodeFlags.AwaitUsing;

function isExpressionIdentifier(id: ts.Identifier): boolean {
  const parent = id.parent as ts.Node & { name?: ts.Node; propertyName?: ts.Node; label?: ts.Node };
  return parent.name !== id && parent.propertyName !== id && parent.label !== id;
}

function hasModifier(node: ts.Statement, kind: ts.SyntaxKind): boolean {
  return ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some((modifier) => modifier.kind === kind);
}

/** Index of the statement whose value is the cell's result: a last expression that is not an assignment. */
function resultIndex(statements: readonly ts.Statement[]): number {
  const index = statements.findLastIndex(
    (node) =>
      !ts.isEmptyStatement(node) &&
      !ts.isInterfaceDeclaration(node) &&
      !ts.isTypeAliasDeclaration(node) &&
      !ts.isImportDeclaration(node),
  );
  const last = statements[index];
  if (last && (ts.isExportAssignment(last) || isNamelessDefault(last))) return index;
  if (!last || !ts.isExpressionStatement(last)) return -1;
  return isAssignment(last.expression) ? -1 : index;
}

function isAssignment(node: ts.Expression): boolean {
  if (ts.isParenthesizedExpression(node)) return isAssignment(node.expression);
  if (!ts.isBinaryExpression(node)) return false;
  const { kind } = node.operatorToken;
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}
