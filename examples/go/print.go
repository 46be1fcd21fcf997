package main

import (
	"fmt"
	"strings"
	"time"

	pb "example.com/executor/gen/strategyruntime/v1"
)

// One line a decision: when, what, on what terms, what became of it; and why, in the runtime's words.
func printDecision(decision *pb.TradeDecision, entry Entry) {
	outcome := entry.Kind
	if entry.Reason != "" {
		outcome += ": " + entry.Reason
	}
	fmt.Printf("%s %-5s %-8s %9.2f USD at %.8g, stop %.8g, target %.8g, by %s [%s] because %s\n",
		clockTime(decision.Timestamp.AsTime()), sideName(decision.Side), decision.Symbol, decision.SizeUsd, decision.GetEntryPrice(),
		decision.GetStopLoss(), decision.GetTakeProfit(), decision.StrategyId, outcome, decision.GetReasoning())
}

func printClosed(position *Position) {
	fmt.Printf("%s closed %s %s of %s: in at %.8g, out at %.8g\n", clockTime(position.ClosedAt), sideName(position.Side),
		position.Symbol, position.StrategyID, position.EntryPrice, position.ExitPrice)
}

func printLeft(position *Position, decision *pb.TradeDecision) {
	fmt.Printf("%s closed %s %s of %s: in at %.8g, out at %.8g, because %s\n", clockTime(position.ClosedAt), sideName(position.Side),
		position.Symbol, position.StrategyID, position.EntryPrice, position.ExitPrice, decision.GetReasoning())
}

func printAdjusted(position *Position, decision *pb.TradeDecision) {
	fmt.Printf("%s moved %s %s of %s: %s\n", clockTime(decision.Timestamp.AsTime()), sideName(position.Side), position.Symbol,
		position.StrategyID, decision.GetReasoning())
}

func sideName(side pb.Side) string {
	return strings.TrimPrefix(side.String(), "SIDE_")
}

// Market time, which may be far from this computer's.
func clockTime(t time.Time) string {
	return t.UTC().Format("15:04:05")
}
