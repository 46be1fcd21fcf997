import { connect } from "node:net";
import { CLOSED, NO_ANSWER, NO_ANSWER_MS, type Sender } from "./sender.ts";

/** Sends bytes on a connection of their own and ends it; the service must end it, too. */
export function rawSender(address: string): Sender {
  const [host = "", port] = address.split(":");
  return {
    send: ({ body }) =>
      new Promise((resolve) => {
        const socket = connect({ host, port: Number(port) });
        const timer = setTimeout(() => {
          resolve({ code: NO_ANSWER });
          socket.destroy();
        }, NO_ANSWER_MS);
        socket.on("error", () => {});
        socket.on("close", () => {
          clearTimeout(timer);
          resolve({ code: CLOSED });
        });
        socket.resume();
        socket.end(body);
      }),
    close() {},
  };
}
