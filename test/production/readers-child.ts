import { create, toBinary } from "@bufbuild/protobuf";
import { Client, credentials } from "@grpc/grpc-js";
import {
  GenerateSignalsRequestSchema,
  StrategyRuntimeService,
} from "../../gen/strategyruntime/v1/runtime_service_pb.ts";

/**
 * Run by many-readers.test.ts as a process of its own, to be killed: so many readers of the service
 * at the address, each from "start". They take what comes and do not look at it.
 */
const [address = "", count = "0"] = process.argv.slice(2);
const request = create(GenerateSignalsRequestSchema, { follow: true, resumeToken: "start" });
const bytes = Buffer.from(toBinary(GenerateSignalsRequestSchema, request));
const path = `/${StrategyRuntimeService.typeName}/GenerateSignals`;
const same = (given: Buffer): Buffer => given;
let open = 0;
for (let i = 0; i < Number(count); i++) {
  const client = new Client(address, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 });
  const stream = client.makeServerStreamRequest(path, same, same, bytes);
  stream.once("data", () => {
    open++;
    process.stdout.write(open === Number(count) ? "all are open\n" : "");
  });
  stream.on("data", () => {});
  stream.on("error", (error) => process.stdout.write(`failed: ${error.message}\n`));
}
