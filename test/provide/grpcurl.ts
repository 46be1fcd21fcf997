import { join } from "node:path";
import { cached } from "./cache.ts";
import { run } from "./command.ts";
import { provideGo } from "./go.ts";

/** The newest that Go 1.21 builds, so no other toolchain is fetched where the system has a Go. */
const VERSION = "v1.9.3";

/**
 * grpcurl, the stock client that reads the contract by reflection. Built from source, the first
 * time in one to two minutes.
 */
export async function provideGrpcurl(): Promise<{ readonly grpcurl: string }> {
  const folder = await cached(`grpcurl-${VERSION}`, async (bin) => {
    const { go } = await provideGo();
    const module = `github.com/fullstorydev/grpcurl/cmd/grpcurl@${VERSION}`;
    await run(go, ["install", module], { env: { GOBIN: bin, GOFLAGS: "" } });
  });
  return { grpcurl: join(folder, "grpcurl") };
}
