import { execFileSync } from "node:child_process";
import { join } from "node:path";
import {
  createFileRegistry,
  type DescEnum,
  type DescField,
  type DescFile,
  type DescMessage,
  type DescMethod,
  type DescService,
  fromBinary,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

const ROOT = join(import.meta.dirname, "../..");
const PACKAGE = "strategyruntime.v1";

/** What may have a comment in the contract, and where it stands in its file's source info. */
export interface Commented {
  readonly file: DescFile;
  readonly path: readonly number[];
}

export interface Contract {
  readonly services: readonly DescService[];
  readonly messages: readonly DescMessage[];
  readonly enums: readonly DescEnum[];
}

/** The contract as buf reads proto/, comments included. */
export function readContract(): Contract {
  const buf = join(ROOT, "node_modules", ".bin", "buf");
  const image = execFileSync(buf, ["build", "--as-file-descriptor-set", "-o", "-"], { cwd: ROOT });
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, image));
  const files = [...registry.files].filter(({ proto }) => proto.package === PACKAGE);
  return {
    services: files.flatMap(({ services }) => services),
    messages: files.flatMap(({ messages }) => messages),
    enums: files.flatMap(({ enums }) => enums),
  };
}

/** The comment above a part of the contract, as one line; empty where there is none. */
export function comment({ file, path }: Commented): string {
  const locations = file.proto.sourceCodeInfo?.location ?? [];
  const own = locations.find((location) => location.path.join() === path.join());
  return (own?.leadingComments ?? "").trim().replace(/\s*\n\s*/g, " ");
}

/** Numbers of the parts in FileDescriptorProto, DescriptorProto and the like. */
const MESSAGES = 4;
const ENUMS = 5;
const SERVICES = 6;
const ONEOFS = 8;
const MEMBERS = 2;

const indexIn = (all: readonly unknown[], one: unknown): number => all.indexOf(one);

export function ofService(service: DescService): Commented {
  const { file } = service;
  return { file, path: [SERVICES, indexIn(file.services, service)] };
}

export function ofMethod(method: DescMethod): Commented {
  const { file, path } = ofService(method.parent);
  return { file, path: [...path, MEMBERS, indexIn(method.parent.methods, method)] };
}

export function ofMessage(message: DescMessage): Commented {
  const { file } = message;
  return { file, path: [MESSAGES, indexIn(file.messages, message)] };
}

export function ofField(field: DescField): Commented {
  const { file, path } = ofMessage(field.parent);
  return { file, path: [...path, MEMBERS, indexIn(field.parent.proto.field, field.proto)] };
}

/** The choice that a field belongs to; undefined for the one that "optional" stands for. */
export function ofChoice(field: DescField): Commented | undefined {
  if (field.oneof === undefined) {
    return undefined;
  }
  const { file, path } = ofMessage(field.parent);
  return { file, path: [...path, ONEOFS, indexIn(field.parent.oneofs, field.oneof)] };
}

export function ofEnum(one: DescEnum): Commented {
  const { file } = one;
  return { file, path: [ENUMS, indexIn(file.enums, one)] };
}

export function ofValue(value: DescEnum["values"][number]): Commented {
  const { file, path } = ofEnum(value.parent);
  return { file, path: [...path, MEMBERS, indexIn(value.parent.values, value)] };
}
