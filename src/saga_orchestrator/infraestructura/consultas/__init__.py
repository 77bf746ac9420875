"""What operators read: lists, explanations, where messages wait, the stream of events, metrics."""
