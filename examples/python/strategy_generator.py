"""A strategy generator's view of the runtime: put a strategy to work, ask why it does not fire, see how it does."""

import argparse
import time

import grpc
from runtime import Refused, Runtime, refused
from strategyruntime.v1 import (
    decision_pb2,
    performance_pb2,
    performance_service_pb2,
    runtime_service_pb2,
    strategy_pb2,
    strategy_service_pb2,
)

SYMBOLS = ["BTCUSDT", "ETHUSDT", "SOLUSDT"]


def pullback(strategy_id: str, timeframe: str) -> strategy_pb2.StrategyConfig:
    """Buys while the trend is up and the market is not overbought. No side given: the runtime infers it."""
    return strategy_pb2.StrategyConfig(
        strategy_id=strategy_id,
        name="Uptrend, not overbought",
        status=strategy_pb2.STRATEGY_STATUS_CANDIDATE,
        timeframe=timeframe,
        entry_indicators=[
            strategy_pb2.Condition(name="CLOSE", operator=">", indicator="SMA_20"),
            strategy_pb2.Condition(name="RSI", operator="<", value=75),
        ],
        base_size_usd=1_000,
        stop_loss_pct=0.02,
        take_profit_pct=0.05,
        max_positions=3,
        fitness_score=0.8,
        labels={"family": "pullback"},
    )


def launch(runtime: Runtime, strategy: strategy_pb2.StrategyConfig) -> None:
    """Saves the strategy as a CANDIDATE, then promotes it through SHADOW to LIVE."""
    saved = runtime.call(runtime.strategies.SaveStrategy, strategy_service_pb2.SaveStrategyRequest(strategy=strategy))
    side = strategy_pb2.Side.Name(saved.strategy.side).removeprefix("SIDE_")
    print(f"saved {saved.strategy.strategy_id}, version {saved.strategy.version}: {side} on {saved.strategy.timeframe}")
    for warning in saved.warnings:
        print(f"  warning: {warning}")
    for status, reason in [
        (strategy_pb2.STRATEGY_STATUS_SHADOW, "backtest passed"),
        (strategy_pb2.STRATEGY_STATUS_LIVE, "shadow run passed"),
    ]:
        request = strategy_service_pb2.SetStrategyStatusRequest(
            strategy_id=strategy.strategy_id, status=status, reason=reason
        )
        promoted = runtime.call(runtime.strategies.SetStrategyStatus, request).strategy
        name = strategy_pb2.StrategyStatus.Name(promoted.status).removeprefix("STRATEGY_STATUS_")
        print(f"now {name}, version {promoted.version}")
    loaded = runtime.call(runtime.signals.RefreshStrategies, runtime_service_pb2.RefreshStrategiesRequest())
    print(f"the runtime has loaded {loaded.live_strategies} LIVE and {loaded.shadow_strategies} SHADOW strategies")


def explain(runtime: Runtime, strategy_id: str, symbol: str) -> None:
    """Says what the strategy would do on the symbol now, and what stands in its way."""
    request = runtime_service_pb2.EvaluateRequest(strategy_id=strategy_id, symbol=symbol)
    evaluation = runtime.call(runtime.signals.Evaluate, request).evaluation
    outcome = decision_pb2.Outcome.Name(evaluation.outcome).removeprefix("OUTCOME_")
    print(f"{symbol}: {outcome}. {evaluation.explanation}")
    for condition in evaluation.conditions:
        print(f"  {describe(condition)}")
    if evaluation.HasField("confidence"):
        print(f"  confidence {evaluation.confidence:.2f}, required {evaluation.required_confidence:.2f}")


def describe(condition: decision_pb2.ConditionResult) -> str:
    """One condition on one line: whether it holds, and the values that were read."""
    text = f"{condition.condition} on {condition.timeframe}"
    if not condition.HasField("met"):
        return f"[?] {text}: unknown, {condition.missing_bars} bars are missing"
    values = f"{condition.left:.6g} against {condition.right:.6g}"
    return f"[{'x' if condition.met else ' '}] {text}: {values}"


def decisions(runtime: Runtime, strategy_id: str) -> None:
    """Lists every decision of the strategy, page by page, oldest first."""
    request = runtime_service_pb2.ListDecisionsRequest(strategy_ids=[strategy_id], include_shadow=True)
    while True:
        page = runtime.call(runtime.signals.ListDecisions, request)
        for decision in page.decisions:
            when = decision.timestamp.ToDatetime().isoformat(sep=" ", timespec="seconds")
            shadow = " (shadow)" if decision.shadow else ""
            print(f"{when} {decision.decision_id} {decision.symbol} {decision.size_usd:.2f} USD{shadow}")
            print(f"  {decision.reasoning}")
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token


def watch(runtime: Runtime, strategy_id: str, count: int | None) -> None:
    """Prints every closed position of the strategy from the first on, and goes on where it was after a break."""
    token = "start"
    seen = 0
    while True:
        request = performance_service_pb2.WatchPerformanceRequest(strategy_ids=[strategy_id], resume_token=token)
        try:
            # No deadline: the stream has no end, and says something every second.
            for update in runtime.performance.WatchPerformance(request, wait_for_ready=True):
                token = update.resume_token
                if update.HasField("position"):
                    print(describe_closed(update.position, update.performance), flush=True)
                    seen += 1
                if count is not None and seen >= count:
                    return
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.UNAVAILABLE:
                raise refused(error) from error
            time.sleep(1)


def describe_closed(position: performance_pb2.Position, total: performance_pb2.StrategyPerformance) -> str:
    return (
        f"{position.symbol} closed with {position.pnl_usd:+.2f} USD; in all {total.total_pnl_usd:+.2f} USD, "
        f"{total.wins} won, {total.losses} lost, drawdown {total.max_drawdown_usd:.2f} USD"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", default="127.0.0.1:50051", help="where the runtime serves gRPC")
    parser.add_argument("--strategy", default="pullback-1m", help="id of the strategy")
    commands = parser.add_subparsers(dest="command", required=True)
    launching = commands.add_parser("launch", help="save the strategy and promote it to LIVE")
    launching.add_argument("--timeframe", default="1m")
    explaining = commands.add_parser("explain", help="why does it fire, or not?")
    explaining.add_argument("symbols", nargs="*", default=SYMBOLS)
    commands.add_parser("decisions", help="what has it decided?")
    watching = commands.add_parser("watch", help="how does it do?")
    watching.add_argument("--count", type=int, help="end after so many closed positions")
    given = parser.parse_args()
    with Runtime(given.address) as runtime:
        try:
            match given.command:
                case "launch":
                    launch(runtime, pullback(given.strategy, given.timeframe))
                case "explain":
                    for symbol in given.symbols:
                        explain(runtime, given.strategy, symbol)
                case "decisions":
                    decisions(runtime, given.strategy)
                case "watch":
                    watch(runtime, given.strategy, given.count)
        except Refused as error:
            raise SystemExit(f"refused: {error}") from error


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
