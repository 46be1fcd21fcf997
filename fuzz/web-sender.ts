import { Agent, type IncomingMessage, request } from "node:http";
import { gunzipSync } from "node:zlib";
import type { FuzzCall } from "./call.ts";
import { codeName, type Ending, LEFT, LEFT_AFTER_MS, NO_ANSWER, NO_ANSWER_MS, type Sender } from "./sender.ts";

/** Most bytes of an answer that are looked at for its code. */
const MOST_BYTES = 16 * 1024 * 1024;
/** The flag of an envelope that is packed. */
const PACKED = 1;
/** The flag of the last envelope of a Connect stream, and of gRPC-Web's trailers. */
const CONNECT_END = 2;
const WEB_TRAILERS = 0x80;

/** Sends calls over HTTP/1.1 as Connect and as gRPC-Web. */
export function webSender(address: string): Sender {
  const agent = new Agent({ keepAlive: true, maxSockets: 200 });
  const [host, port] = address.split(":");
  return {
    send: (call) => sent(agent, { host, port }, call),
    close: () => agent.destroy(),
  };
}

interface Target {
  readonly host: string | undefined;
  readonly port: string | undefined;
}

function sent(agent: Agent, target: Target, { path, headers, body, mayLast }: FuzzCall): Promise<Ending> {
  return new Promise((resolve) => {
    const length = headers["transfer-encoding"] === undefined ? { "content-length": body.length } : {};
    const sending = request({ ...target, agent, path, method: "POST", headers: { ...headers, ...length } });
    const finish = (code: string, message?: string): void => {
      clearTimeout(timer);
      resolve({ code, ...(message && { message }) });
    };
    const leave = (code: string): void => {
      finish(code);
      sending.destroy();
    };
    let isLeft = false;
    let timer = setTimeout(leave, NO_ANSWER_MS, NO_ANSWER);
    sending.on("error", (error: NodeJS.ErrnoException) => finish(`LOST ${error.code}`));
    sending.on("response", (answer) => {
      const chunks: Buffer[] = [];
      let size = 0;
      answer.on("data", (chunk: Buffer) => {
        if (size < MOST_BYTES) {
          chunks.push(chunk);
          size += chunk.length;
        }
        if (mayLast && answer.statusCode === 200 && !isLeft) {
          isLeft = true;
          clearTimeout(timer);
          timer = setTimeout(leave, LEFT_AFTER_MS, LEFT);
        }
      });
      answer.on("end", () => {
        const packed = Buffer.concat(chunks);
        const body = answer.headers["content-encoding"] === "gzip" ? gunzipSync(packed) : packed;
        const code = codeOf(answer, body, mayLast);
        finish(code, code === "OK" ? undefined : body.toString("utf8", 0, 500));
      });
      answer.on("error", () => finish("LOST in the answer"));
    });
    sending.end(body);
  });
}

function codeOf(answer: IncomingMessage, body: Buffer, isStream: boolean): string {
  const trailer = answer.headers["grpc-status"];
  if (trailer !== undefined) {
    return codeName(Number(trailer));
  }
  if (/grpc-web/.test(answer.headers["content-type"] ?? "")) {
    const [, code] = /grpc-status: *(\d+)/i.exec(lastEnvelope(body, WEB_TRAILERS)) ?? [];
    return code === undefined ? `HTTP ${answer.statusCode}` : codeName(Number(code));
  }
  if (isStream && answer.statusCode === 200) {
    return errorCode(lastEnvelope(body, CONNECT_END)) ?? "OK";
  }
  return answer.statusCode === 200 ? "OK" : (errorCode(body.toString()) ?? `HTTP ${answer.statusCode}`);
}

/** The text in the envelope with this flag; empty where there is none. */
function lastEnvelope(body: Buffer, flag: number): string {
  let at = 0;
  while (at + 5 <= body.length) {
    const length = body.readUInt32BE(at + 1);
    if (((body[at] ?? 0) & flag) !== 0) {
      const content = body.subarray(at + 5, at + 5 + length);
      return (((body[at] ?? 0) & PACKED) === 0 ? content : gunzipSync(content)).toString();
    }
    at += 5 + length;
  }
  return "";
}

/** The code of an error of Connect, in gRPC's spelling. */
function errorCode(text: string): string | undefined {
  const [, code] = /"code":"([a-z_]+)"/.exec(text) ?? [];
  return code?.toUpperCase().replace("CANCELED", "CANCELLED");
}
