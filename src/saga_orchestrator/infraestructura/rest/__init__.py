"""The operator's REST: lists, explanations, orders, dead letters and the stream of events of sagas."""
