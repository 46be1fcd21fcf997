import { expect, it } from "vitest";
import { memoryJournal } from "../../../../src/adapters/memory/memory-journal.ts";
import { placeOfDecision } from "../../../../src/domain/place.ts";
import type { Published } from "../../../../src/engine/runtime/follow/batches.ts";
import { type FollowOptions, follow } from "../../../../src/engine/runtime/follow/follow.ts";
import { Broadcast } from "../../../../src/engine/streams/broadcast.ts";
import { CatchUpTurns } from "../../../../src/engine/streams/catch-up-turns.ts";
import { decision } from "../../../contracts/decision-samples.ts";
import { ManualClock } from "../../../manual-clock.ts";

it("a stream misses nothing that is decided between its last look at the journal and its listening (R39)", async () => {
  const journal = memoryJournal();
  const [first, second] = [decision(1), decision(2)];
  await journal.append([first]);
  const published = new Broadcast<Published>((error) => {
    throw error;
  });
  let last = placeOfDecision(first);
  const commit = () => {
    void journal.append([second]);
    last = placeOfDecision(second);
    published.send({ decisions: [second], watermark: 0, position: last });
  };
  let isLastLook = false;
  const options: FollowOptions = {
    journal,
    identity: await journal.identity(),
    last() {
      if (isLastLook) {
        isLastLook = false;
        queueMicrotask(commit);
      }
      return last;
    },
    watermark: () => 0,
    published,
    catchUps: new CatchUpTurns(1),
    clock: new ManualClock(0),
    queueLimit: 10,
  };
  const query = { strategyIds: [], symbols: [], includeShadow: false, resumeToken: "" };
  const end = new AbortController();
  const stream = follow(options, query, end.signal);
  expect((await stream.next()).value?.decisions).toEqual([]);
  isLastLook = true;
  expect((await stream.next()).value?.decisions).toEqual([second]);
  end.abort();
  await stream.return(undefined);
});
