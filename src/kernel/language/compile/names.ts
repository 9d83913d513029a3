import ts from "typescript";

/** The object through which a cell's code talks to the kernel. */
export const CELL = "__cell";
/** Int32Array over the interrupt flag. */
export const STOP = "__stop";
/** Throws when the running request was interrupted. */
export const INTERRUPT = "__interrupt";

/** Parameters of the function that a cell becomes. */
export const RUNTIME = [CELL, STOP, INTERRUPT, "require", "__filename", "__dirname"] as const;

export function name(factory: ts.NodeFactory, text: string): ts.Identifier {
  return factory.createIdentifier(text);
}

/** The place of a notebook variable: `__v_x.v`. */
export function box(factory: ts.NodeFactory, variable: string): ts.PropertyAccessExpression {
  return factory.createPropertyAccessExpression(factory.createIdentifier(`__v_${variable}`), "v");
}

/** Puts `node` where `origin` stands; every position inside it counts for the beginning of `origin`. */
export function standsFor<T extends ts.Node>(node: T, origin: ts.Node): T {
  ts.setEmitFlags(node, ts.EmitFlags.NoTrailingSourceMap | ts.EmitFlags.NoNestedSourceMaps);
  return ts.setTextRange(node, origin);
}
