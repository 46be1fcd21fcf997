"""Makes the gRPC code in generated/ from the contract. Run it once, and again when the contract changes."""

import argparse
from importlib.resources import files
from pathlib import Path

from grpc_tools import protoc

HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--proto", type=Path, default=HERE.parent.parent / "proto", help="folder of the contract")
    proto: Path = parser.parse_args().proto
    out = HERE / "generated"
    out.mkdir(exist_ok=True)
    well_known = files("grpc_tools") / "_proto"
    sources = sorted(str(path) for path in proto.rglob("*.proto"))
    code = protoc.main(
        ["protoc", f"-I{proto}", f"-I{well_known}"]
        + [f"--{kind}_out={out}" for kind in ("python", "pyi", "grpc_python")]
        + sources
    )
    if code != 0 or not sources:
        raise SystemExit(f"could not generate code from {len(sources)} files in {proto}")
    print(f"generated code for {len(sources)} files in {out}")


if __name__ == "__main__":
    main()
