import ts from "#typescript";
import { box, standsFor } from "./cell-code.js";

type Visit = (node: ts.Expression) => ts.Expression;

/** The assignment target that does what a declaration of `target` does, with each name's box in its place. */
export function assignmentTarget(factory: ts.NodeFactory, target: ts.BindingName, visit: Visit): ts.Expression {
  if (ts.isIdentifier(target)) return standsFor(box(factory, target.text), target);

  const value = ({ name, initializer }: ts.BindingElement): ts.Expression => {
    const place = assignmentTarget(factory, name, visit);
    return initializer ? factory.createAssignment(place, named(factory, name, initializer, visit)) : place;
  };
  if (ts.isArrayBindingPattern(target)) {
    return factory.createArrayLiteralExpression(
      target.elements.map((element) => {
        if (ts.isOmittedExpression(element)) return factory.createOmittedExpression();
        return element.dotDotDotToken ? factory.createSpreadElement(value(element)) : value(element);
      }),
    );
  }
  return factory.createObjectLiteralExpression(
    target.elements.map((element) => {
      if (element.dotDotDotToken) return factory.createSpreadAssignment(value(element));
      const { propertyName, name } = element;
      const key = propertyName ?? factory.createIdentifier((name as ts.Identifier).text);
      const property = ts.isComputedPropertyName(key)
        ? factory.updateComputedPropertyName(key, visit(key.expression))
        : key;
      return factory.createPropertyAssignment(property, value(element));
    }),
  );
}

/** A default value that keeps the name that a variable gives it: `({ f: () => 1 }).f`. */
function named(factory: ts.NodeFactory, name: ts.BindingName, initializer: ts.Expression, visit: Visit): ts.Expression {
  const value = visit(initializer);
  if (!ts.isIdentifier(name) || !takesNameFromVariable(initializer)) return value;
  const holder = factory.createObjectLiteralExpression([factory.createPropertyAssignment(name.text, value)]);
  return factory.createPropertyAccessExpression(factory.createParenthesizedExpression(holder), name.text);
}

/** True for `const f = () => …` and its like, where JavaScript names the function after the variable. */
export function takesNameFromVariable(initializer: ts.Expression): boolean {
  let bare = initializer;
  while (
    ts.isParenthesizedExpression(bare) ||
    ts.isAsExpression(bare) ||
    ts.isSatisfiesExpression(bare) ||
    ts.isNonNullExpression(bare)
  ) {
    bare = bare.expression;
  }
  if (ts.isArrowFunction(bare)) return true;
  return (ts.isFunctionExpression(bare) || ts.isClassExpression(bare)) && bare.name === undefined;
}
