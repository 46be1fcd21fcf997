import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { UNLIMITED } from "../../../src/rpc/budgets/account.ts";
import { Budgets } from "../../../src/rpc/budgets/budgets.ts";
import { access } from "../budgets/wires.ts";
import * as sample from "../samples.ts";
import { serveWeb } from "../serve-web.ts";
import { expectNothingUncaught } from "../uncaught.ts";

const CALL =
  "POST /strategyruntime.v1.PolicyService/GetPolicy HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nauthorization: Bearer token-of-the-viewer-1\r\ncontent-length: 2\r\n\r\n{}";

expectNothingUncaught();

/** A server that counts the calls that it has begun, and a connection to it. */
async function counted() {
  let begun = 0;
  const get = async () => {
    begun++;
    return sample.POLICY;
  };
  const { server, post } = await serveWeb({ policy: { get } });
  const socket = connect(server.port, "127.0.0.1");
  socket.on("error", () => {});
  return { begun: () => begun, socket, post };
}

describe("a caller that sends many requests in one packet and resets its connection", () => {
  it.each([2, 20, 50])("ends nothing but its own %d", async (count) => {
    const { server, post } = await serveWeb(
      {},
      { access, budgets: new Budgets({ limits: { ...UNLIMITED, calls: 1 } }) },
    );
    for (let round = 0; round < 9; round++) {
      const socket = connect(server.port, "127.0.0.1");
      socket.on("error", () => {});
      await once(socket, "connect");
      socket.write(CALL.repeat(count));
      if (round % 3 > 0) {
        await once(socket, "data");
      }
      socket.resetAndDestroy();
      await once(socket, "close");
    }
    const viewer = { authorization: "Bearer token-of-the-viewer-2" };
    expect((await post("/strategyruntime.v1.PolicyService/GetPolicy", {}, viewer)).status).toBe(200);
  });

  it("has them begun by turns, so that others' come between", async () => {
    const { begun, socket, post } = await counted();
    await once(socket, "connect");
    let most = 0;
    let before = 0;
    const turn = () => {
      most = Math.max(most, begun() - before);
      before = begun();
      next = setImmediate(turn);
    };
    let next = setImmediate(turn);
    socket.resume().write(CALL.repeat(90));
    await vi.waitFor(() => expect(begun()).toBe(90));
    clearImmediate(next);
    expect(most).toBeLessThanOrEqual(50);
    socket.destroy();
    expect((await post("/strategyruntime.v1.PolicyService/GetPolicy", {})).status).toBe(200);
  });

  it("loses it where more than 100 wait for their answers, and the rest is not read", async () => {
    const { begun, socket, post } = await counted();
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.resume().write(CALL.repeat(2_000));
    await closed;
    expect(begun()).toBeLessThanOrEqual(100);
    expect((await post("/strategyruntime.v1.PolicyService/GetPolicy", {})).status).toBe(200);
  });
});
