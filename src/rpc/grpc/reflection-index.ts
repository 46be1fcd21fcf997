import { type DescEnum, type DescFile, type DescMessage, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";

/**
 * Finds files by their name and by what they define. Files are answered with all that they import,
 * as bytes, the one asked for first.
 */
export interface ReflectionIndex {
  readonly services: readonly string[];
  file(name: string): readonly Uint8Array[] | undefined;
  /** By the full name of a message, enum, service or method. */
  symbol(name: string): readonly Uint8Array[] | undefined;
  isMessage(name: string): boolean;
}

export function reflectionIndex(roots: readonly DescFile[]): ReflectionIndex {
  const files = new Map<string, DescFile>();
  const symbols = new Map<string, DescFile>();
  const messages = new Set<string>();
  const services: string[] = [];

  function addMessage(message: DescMessage, file: DescFile): void {
    symbols.set(message.typeName, file);
    messages.add(message.typeName);
    for (const nested of message.nestedMessages) {
      addMessage(nested, file);
    }
    addEnums(message.nestedEnums, file);
  }

  function addEnums(enums: readonly DescEnum[], file: DescFile): void {
    for (const { typeName } of enums) {
      symbols.set(typeName, file);
    }
  }

  function addFile(file: DescFile): void {
    if (files.has(file.proto.name)) {
      return;
    }
    files.set(file.proto.name, file);
    for (const message of file.messages) {
      addMessage(message, file);
    }
    addEnums(file.enums, file);
    for (const service of file.services) {
      symbols.set(service.typeName, file);
      services.push(service.typeName);
      for (const method of service.methods) {
        symbols.set(`${service.typeName}.${method.name}`, file);
      }
    }
    file.dependencies.forEach(addFile);
  }

  roots.forEach(addFile);
  const answer = (file: DescFile | undefined): readonly Uint8Array[] | undefined =>
    file && withImports(file).map(bytesOf);
  return {
    services: services.sort(),
    file: (name) => answer(files.get(name)),
    symbol: (name) => answer(symbols.get(name)),
    isMessage: (name) => messages.has(name),
  };
}

function withImports(file: DescFile): readonly DescFile[] {
  const found = new Set<DescFile>();
  const add = (next: DescFile): void => {
    if (!found.has(next)) {
      found.add(next);
      next.dependencies.forEach(add);
    }
  };
  add(file);
  return [...found];
}

function bytesOf(file: DescFile): Uint8Array {
  return toBinary(FileDescriptorProtoSchema, file.proto);
}
