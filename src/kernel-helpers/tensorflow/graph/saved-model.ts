import { requireTfjsNode } from "../tfjs-node.js";
import type { Attribute, Binding } from "./binding.js";
import type { GraphNode } from "./tape.js";

/*
 * TensorFlow's own format for graphs, written with the classes that tfjs-node generated from its protocol buffers.
 */

/** A generated message: only setters are used. */
type Message = Record<string, (...values: unknown[]) => unknown> & { serializeBinary(): Uint8Array };
type MessageClass = (new () => Message) & Record<string, new () => Message>;

let loaded: Record<string, MessageClass> | undefined;

const messages = (): Record<string, MessageClass> => {
  loaded ??= requireTfjsNode("messages") as Record<string, MessageClass>;
  return loaded;
};

function make(Class: new () => Message, fill: Readonly<Record<string, unknown>>): Message {
  const message = new Class();
  for (const [name, value] of Object.entries(fill)) message[`set${name}`]!(value);
  return message;
}

/** The newest version of graphs that TensorFlow 2.14 writes. */
const PRODUCER = 1286;

/** A saved model, as bytes, of one graph without variables and signatures, tagged `serve`. */
export function savedModel(nodes: readonly GraphNode[], binding: Binding): Uint8Array {
  const { SavedModel, MetaGraphDef, GraphDef, NodeDef, VersionDef } = messages();
  const graph = make(GraphDef!, {
    NodeList: nodes.map((node) => {
      const message = make(NodeDef!, { Name: node.name, Op: node.operation, InputList: node.inputs });
      const attributes = message["getAttrMap"]!() as Map<string, Message>;
      for (const attribute of node.attributes) attributes.set(attribute.name, attributeValue(attribute, binding));
      if (node.value !== undefined) {
        const { dtype, shape, values } = node.value;
        const content = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
        const tensor = make(messages()["Tensor"]!, {
          Dtype: dtype,
          TensorShape: shapeMessage(shape),
          TensorContent: content,
        });
        attributes.set("value", make(messages()["AttrValue"]!, { Tensor: tensor }));
      }
      return message;
    }),
    Versions: make(VersionDef!, { Producer: PRODUCER }),
  });
  const information = make(MetaGraphDef!["MetaInfoDef"]!, { TagsList: ["serve"] });
  const meta = make(MetaGraphDef!, { MetaInfoDef: information, GraphDef: graph });
  return make(SavedModel!, { SavedModelSchemaVersion: 1, MetaGraphsList: [meta] }).serializeBinary();
}

function shapeMessage(shape: readonly number[]): Message {
  const { TensorShape } = messages();
  return make(TensorShape!, { DimList: shape.map((size) => make(TensorShape!["Dim"]!, { Size: size })) });
}

function attributeValue({ name, type, value }: Attribute, binding: Binding): Message {
  const { AttrValue } = messages();
  const single = (setter: string, converted: unknown = value): Message => make(AttrValue!, { [setter]: converted });
  const list = (setter: string): Message => single("List", make(AttrValue!["ListValue"]!, { [setter]: value }));
  const isList = Array.isArray(value);
  switch (type) {
    case binding.TF_ATTR_STRING:
      return single("S", Buffer.from(value as string));
    case binding.TF_ATTR_INT:
      return isList ? list("IList") : single("I", Number(value));
    case binding.TF_ATTR_FLOAT:
      return isList ? list("FList") : single("F");
    case binding.TF_ATTR_BOOL:
      return isList ? list("BList") : single("B");
    case binding.TF_ATTR_TYPE:
      return single("Type");
    case binding.TF_ATTR_SHAPE:
      return single("Shape", shapeMessage(value as number[]));
    default:
      throw new TypeError(`attribute "${name}" has a type that graphs are not written with: ${type}`);
  }
}
